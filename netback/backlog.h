/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much may wait for a guest that takes less than comes for it. Pure. */
#ifndef PVBACK_NET_BACKLOG_H
#define PVBACK_NET_BACKLOG_H

#include <stdbool.h>
#include <stdint.h>

struct backlog {
	uint64_t since; /* something has waited since, in this window; 0: nothing waits */
	uint64_t bytes; /* that the guest had got then */
	/* bytes that may wait; 0: the guest is fast enough, or it is not known yet */
	uint32_t bound;
	bool stopped; /* it got nothing at all in the last window */
};

/* After a turn: does something wait for slots, and how many bytes has the guest got so far? */
void backlog_look(struct backlog *b, bool waits, uint64_t bytes, uint64_t now);

/* How long until the next look can tell more, if nothing happens; UINT64_MAX: it cannot. */
uint64_t backlog_left_ns(const struct backlog *b, uint64_t now);

static inline uint32_t backlog_bound(const struct backlog *b)
{
	return b->bound ? b->bound : UINT32_MAX;
}

#endif
