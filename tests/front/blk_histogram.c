// SPDX-License-Identifier: GPL-2.0-or-later
/* Durations by size. */
#include "blk_histogram.h"

#define STEP_BITS 6

_Static_assert(1 << STEP_BITS == BLK_HISTOGRAM_STEPS, "one power of two");

/* Below BLK_HISTOGRAM_STEPS exact; above, the first bits of the number. */
static unsigned int index_of(uint64_t ns)
{
	unsigned int shift;

	if (ns < BLK_HISTOGRAM_STEPS)
		return (unsigned int)ns;
	shift = 63u - (unsigned int)__builtin_clzll(ns) - STEP_BITS;
	return (shift + 1) * BLK_HISTOGRAM_STEPS + (unsigned int)(ns >> shift) -
	       BLK_HISTOGRAM_STEPS;
}

static uint64_t largest_in(unsigned int index)
{
	unsigned int shift = index / BLK_HISTOGRAM_STEPS;
	uint64_t head = index % BLK_HISTOGRAM_STEPS;

	if (shift == 0)
		return head;
	return ((head + BLK_HISTOGRAM_STEPS + 1) << (shift - 1)) - 1;
}

void blk_histogram_add(struct blk_histogram *h, uint64_t ns)
{
	h->count[index_of(ns)]++;
	h->total++;
}

void blk_histogram_join(struct blk_histogram *h, const struct blk_histogram *with)
{
	for (unsigned int i = 0; i < sizeof(h->count) / sizeof(h->count[0]); i++)
		h->count[i] += with->count[i];
	h->total += with->total;
}

uint64_t blk_histogram_at(const struct blk_histogram *h, double share)
{
	uint64_t wanted = (uint64_t)((double)h->total * share), seen = 0;

	for (unsigned int i = 0; i < sizeof(h->count) / sizeof(h->count[0]); i++) {
		seen += h->count[i];
		if (seen > 0 && seen >= wanted)
			return largest_in(i);
	}
	return 0;
}
