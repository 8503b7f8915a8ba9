/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the queues of one disk share. */
#ifndef PVBACK_BLK_DISK_H
#define PVBACK_BLK_DISK_H

#include <stdatomic.h>

#include "blk_conf.h"
#include "blk_stats.h"
#include "throttle.h"

struct disk {
	const char *dev; /* name for logs */
	int image;
	unsigned int store_number; /* of the connection, if the image is one */
	struct blk_stats *stats;   /* for everybody to read */
	struct blk_conf conf;	   /* as at the start */
	_Atomic uint64_t sectors;  /* as it is now, in units of 512 bytes */
	/*
	 * The first error of a flush stays: the kernel reports lost pages once, and
	 * to whoever asks first, so no later flush may tell the guest that all is well.
	 */
	_Atomic int flush_error;
	_Atomic bool unfinished; /* a queue has left requests with the engine */
	struct throttle own_limits;
	struct throttle guest_limits; /* shared with the guest's other disks */
};

static inline bool disk_is_limited(const struct disk *d)
{
	return throttle_is_on(&d->own_limits) || throttle_is_on(&d->guest_limits);
}

#endif
