/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What blkbackd and a blkback-store tell each other. */
#ifndef PVBACK_STORE_CONF_H
#define PVBACK_STORE_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "blk_conf.h"

#define STORE_TARGET_MAX 1024

/* With CONF: what to make an NBD connection of. */
struct store_conf {
	bool readonly;
	bool discard;		       /* may be asked to give space back */
	char target[STORE_TARGET_MAX]; /* as the guest's configuration has it, see target.h */
};

/*
 * With READY: what is there, judged. Beside it the connection, on which nothing
 * has been said yet, and for stores of our own making a descriptor that keeps
 * them alive while somebody has it open.
 */
struct store_info {
	uint64_t sectors;     /* size in units of 512 bytes */
	uint32_t sector_size; /* smallest aligned transfer, bytes: 512 or 4096 */
	bool readonly;
	bool flush;		     /* can be asked to keep what was written */
	bool discard;		     /* can be asked to give space back */
	char export[BLK_EXPORT_MAX]; /* what to ask the server for */
};

#endif
