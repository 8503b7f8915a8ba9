/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counting what a ring does, in its slot of the page that everybody can read. Pure. */
#ifndef PVBACK_STATS_H
#define PVBACK_STATS_H

#include <stdbool.h>

#include "blk_stats.h"
#include "parse.h"

/* A request that is answered now. */
struct stats_request {
	uint64_t taken_ns;   /* from the ring */
	uint64_t started_ns; /* given to the image */
	uint64_t done_ns;
	bool failed;
};

enum blk_stats_op_kind stats_op(const struct blk_req *req);
unsigned int stats_bucket(uint64_t us);
void stats_count(struct blk_stats_slot *slot, const struct blk_req *req,
		 const struct stats_request *r);

#endif
