/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A disk as its supervisor knows it: what vbd.c and vbd_remote.c share. */
#ifndef PVBACK_VBD_PRIV_H
#define PVBACK_VBD_PRIV_H

#include <stdbool.h>

#include "backing.h"
#include "vbd_limits.h"
#include "xenbus/xenbus.h"

struct remote;

struct vbd {
	bool readonly;
	bool cdrom;
	bool removable;
	bool discard;		/* the toolstack allows it, and the disk is written to */
	struct backing backing; /* as of the last connect, the size as it is now */
	struct vbd_limits limits;
	char image[STORE_VALUE_MAX];
	int look_fd;	       /* O_PATH: looking at the image never waits for its disk; or -1 */
	bool locked;	       /* the worker's writes are known by: */
	uint32_t lock;	       /* see image_lock.h */
	bool has_target;       /* then image is what that names, see target.h; or: */
	struct remote *remote; /* its store, if that is no file of ours */
};

#endif
