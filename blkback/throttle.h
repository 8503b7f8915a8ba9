/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits of a disk, or of a guest's disks together: may a request start now,
 * and if not, when? A bucket (base/bucket.h) for each kind of limit, shared by the
 * threads of a disk or the processes of a guest. Pure; the caller brings the clock.
 */
#ifndef PVBACK_THROTTLE_H
#define PVBACK_THROTTLE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/bucket.h"
#include "blk_limits.h"

struct throttle {
	_Atomic bool on; /* some limit is set */
	struct bucket of[BLK_NR_LIMITS];
};

/* @used is kept; what is in it stays as it is. */
void throttle_init(struct throttle *t, struct blk_limits_used *used);
void throttle_set(struct throttle *t, const struct blk_limits *limits);
/* After a change: what was granted under the old limits is forgotten, and so is the burst. */
void throttle_forgive(struct throttle *t, uint64_t now_ns);

static inline bool throttle_is_on(const struct throttle *t)
{
	return atomic_load_explicit(&t->on, memory_order_relaxed);
}

/* Nanoseconds until a request may start; 0: now. */
uint64_t throttle_wait_ns(const struct throttle *t, bool write, uint64_t now_ns);
/* One that moves @bytes starts. */
void throttle_charge(struct throttle *t, bool write, uint64_t bytes, uint64_t now_ns);

#endif
