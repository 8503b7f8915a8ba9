/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Should an idle queue watch its ring for a moment before it sleeps? A guest
 * that sends the next request right after an answer spares itself an event and
 * us a wake-up that way; one that does not, costs a processor for nothing.
 *
 * Decided by how long the guest took lately, and bounded: all watching is paid
 * for from a budget that refills with time, so that it never takes more than
 * its share of one processor. Pure.
 */
#ifndef PVBACK_BLK_POLLER_H
#define PVBACK_BLK_POLLER_H

#include <stdint.h>

#include "base/budget.h"

/* Longer than this a guest is not waited for. */
#define POLL_MAX_NS (1000 * 1000ull)

struct poller {
	uint64_t gap_ns; /* what the guest takes from an answer to its next request, smoothed */
	struct budget budget; /* nanoseconds of watching */
};

/* @percent of one processor may be spent; 0: never watch. */
void poller_init(struct poller *p, unsigned int percent, uint64_t now_ns);

/* How long to watch now; 0: sleep at once. */
uint64_t poller_limit(struct poller *p, uint64_t now_ns);

/* @spent_ns have been spent on watching. */
void poller_spent(struct poller *p, uint64_t spent_ns, uint64_t now_ns);

/* The guest took @gap_ns from going idle to its next request, watched or not. */
void poller_learn(struct poller *p, uint64_t gap_ns);

#endif
