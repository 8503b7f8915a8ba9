/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A limit that several threads or processes share: may something start now, and if
 * not, when? Pure; the caller brings the clock.
 *
 * Theory of operation
 * -------------------
 * A bucket of tokens is kept as a single number, the time until which all that was granted
 * is paid for at the limit's rate. Something may start if that lies less than the
 * burst ahead of now, by one token at least, and moves it on by its own price;
 * a rest lets it fall behind, which is what fills the bucket. So what costs more
 * than the burst starts as well, and those after it wait the longer.
 *
 * The number lies where all who share the limit can write it, and is
 * moved on by compare-and-swap. Two may look at the same moment and both start:
 * one too early for each, and paid for by those that follow. What another process
 * writes there is not believed: it can keep the others waiting for some minutes.
 */
#ifndef PVBACK_BUCKET_H
#define PVBACK_BUCKET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct bucket {
	/* Set by one thread while others look; one that sees half of a change is wrong once. */
	_Atomic uint64_t rate; /* tokens a second; 0: no limit */
	_Atomic uint64_t burst_ns;
	uint64_t *until_ns; /* shared; monotonic clock */
};

/* No single price is more than that: 1 MiB at 4 KiB a second takes 256 seconds. */
#define BUCKET_PRICE_MAX_NS (300ull * 1000000000)

/* What @tokens cost at @rate, and no more than @max. */
uint64_t bucket_price_ns(uint64_t rate, uint64_t tokens, uint64_t max);

/* @until_ns is kept; what is in it stays as it is. */
void bucket_init(struct bucket *b, uint64_t *until_ns);
void bucket_set(struct bucket *b, uint64_t rate, uint64_t burst_ns);
/* After a change: what was granted under the old limit is forgotten, and so is the burst. */
void bucket_forgive(struct bucket *b, uint64_t now_ns);

/* Nanoseconds until something may start; 0: now. */
uint64_t bucket_wait_ns(const struct bucket *b, uint64_t now_ns);
/* How many tokens are there; UINT64_MAX without a limit. 0 whenever there is to be waited. */
uint64_t bucket_left(const struct bucket *b, uint64_t now_ns);
/* Something of this price starts. */
void bucket_charge(const struct bucket *b, uint64_t tokens, uint64_t now_ns);

static inline bool bucket_is_on(const struct bucket *b)
{
	return atomic_load_explicit(&b->rate, memory_order_relaxed) != 0;
}

#endif
