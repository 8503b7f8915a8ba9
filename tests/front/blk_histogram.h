/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Durations by size, to within two per cent. Pure. */
#ifndef FRONT_BLK_HISTOGRAM_H
#define FRONT_BLK_HISTOGRAM_H

#include <stdint.h>

#define BLK_HISTOGRAM_STEPS 64 /* in each power of two */

struct blk_histogram {
	uint64_t total;
	uint64_t count[64 * BLK_HISTOGRAM_STEPS];
};

void blk_histogram_add(struct blk_histogram *h, uint64_t ns);
void blk_histogram_join(struct blk_histogram *h, const struct blk_histogram *with);
/* The duration that @share (0..1) of all do not exceed; 0 if there are none. */
uint64_t blk_histogram_at(const struct blk_histogram *h, double share);

#endif
