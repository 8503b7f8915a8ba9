/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits of a disk, or of a guest's disks together: may a request start now,
 * and if not, when? Pure; the caller brings the clock.
 *
 * Theory of operation
 * -------------------
 * A bucket of tokens is kept as a single number, the time until which all that was granted
 * is paid for at the limit's rate. A request may start if that lies less than the
 * burst ahead of now, by one request or one byte at least, and moves it on by its own price;
 * a rest lets it fall behind, which is what fills the bucket. So a request with more bytes
 * than the burst starts as well, and those after it wait the longer.
 *
 * The number is shared by the threads of a disk, or the processes of a guest, and
 * moved on by compare-and-swap. Two may look at the same moment and both start:
 * one request too early for each, and paid for by those that follow. What another process
 * writes there is not believed: it can keep requests waiting for some minutes.
 */
#ifndef PVBACK_THROTTLE_H
#define PVBACK_THROTTLE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "blk_limits.h"

struct throttle {
	_Atomic bool on; /* some limit is set */
	/* Set by one thread while others look; one that sees half of a change is wrong once. */
	_Atomic uint64_t rate[BLK_NR_LIMITS];
	_Atomic uint64_t burst_ns[BLK_NR_LIMITS];
	struct blk_limits_used *used;
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
