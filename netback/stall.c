// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Has a guest given up receiving? Pure.
 *
 * Theory of operation
 * -------------------
 * A card without a carrier tells the bridge, and whoever watches, that nothing
 * gets through, and keeps others from sending there. It is taken away when a packet has
 * had to wait for slots for a minute, be it the same one or, as each is dropped
 * after a while, one after the other: what counts is that none has had its slots
 * since. It comes back when there are as many slots as the last one needed; a few
 * slots are no sign of life (XSA-392; Linux' netback has the same rule, and the same
 * minute, rx_stall_timeout_msecs).
 */
#include "stall.h"

void stall_progress(struct stall *s)
{
	s->since = 0;
}

bool stall_wait(struct stall *s, uint32_t need, uint64_t now, uint64_t limit)
{
	s->need = need;
	if (!s->since)
		s->since = now;
	if (s->on || !limit || now - s->since < limit)
		return false;
	s->on = true;
	return true;
}

bool stall_over(struct stall *s, uint32_t avail)
{
	if (!s->on || avail < s->need)
		return false;
	s->on = false;
	s->since = 0;
	return true;
}

uint64_t stall_left_ns(const struct stall *s, uint64_t now, uint64_t limit)
{
	uint64_t end = s->since + limit;

	if (!s->since || s->on || !limit)
		return UINT64_MAX;
	return end > now ? end - now : 0;
}
