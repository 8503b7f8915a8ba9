/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process that serves a disk, as tests see it from outside. */
#ifndef FRONT_BLK_WORKER_H
#define FRONT_BLK_WORKER_H

#include <sys/types.h>

/* The blkback-worker of @dev ("vbd/5/51712"); 0: there is none. */
pid_t blk_worker_find(const char *dev);

#endif
