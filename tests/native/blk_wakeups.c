// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * No wake-up is lost and none is sent for nothing: one request at a time, a hundred thousand
 * times, sleeping for each answer as the protocol says.
 */
#include <inttypes.h>

#include "blk_case.h"

#define REQUESTS 100000u

void blk_case(void)
{
	uint64_t notifies, sent;
	struct blkreq req;
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect(&d, BLKABI_NATIVE);
	disk_works(&d);
	/* One event comes with the worker's start, wanted or not; let it pass. */
	sleep_ms(100);
	blkqueue_take_event(d.q);
	d.q->count = (struct blkqueue_count){ .submitted = d.q->count.submitted,
					      .answered = d.q->count.answered };
	notifies = world()->notifies;
	for (unsigned int i = 0; i < REQUESTS; i++) {
		req_init(&d, &req, BLKIF_OP_READ, i % 2040, i % 300, 1, 0, 7);
		/* A sleep that lasts as long as BLKFRONT_PATIENCE_MS is a wake-up lost. */
		check(blkqueue_do(d.q, &req) == BLKIF_RSP_OKAY, "request %u", i);
	}
	sleep_ms(100);
	blkqueue_take_event(d.q);
	sent = world()->notifies - notifies - d.q->count.sent;
	check(d.q->count.sent <= REQUESTS, "%" PRIu64 " events to the backend", d.q->count.sent);
	check(sent <= d.q->count.armed && sent <= REQUESTS,
	      "%" PRIu64 " events for %u answers, %" PRIu64 " of them asked for", sent, REQUESTS,
	      d.q->count.armed);
	check(d.q->count.received <= sent, "%" PRIu64 " events of %" PRIu64, d.q->count.received,
	      sent);
	disk_free(&d);
}
