/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits that an admin writes into XenStore while a guest runs: keys
 * limit-{read,write}-{iops,bytes} and the same with -burst, in the backend's directory
 * of a disk, or in the one above it for all disks of a guest together.
 */
#ifndef PVBACK_VBD_LIMITS_H
#define PVBACK_VBD_LIMITS_H

#include "blk_conf.h"
#include "xenbus/xenbus.h"

struct vbd_limits {
	struct blk_limits own;
	struct blk_limits guest;
	bool unsent; /* the worker does not know them all */
};

bool limits_is_key(const char *key);

/*
 * Read them. A key that makes no sense is said, and what it was for stays as it is.
 * True: something is different now.
 */
bool limits_read(struct xenbus_device *dev, struct vbd_limits *limits);

/* Tell the worker, or note that it has to be told. */
void limits_send(struct xenbus_device *dev, struct vbd_limits *limits);

#endif
