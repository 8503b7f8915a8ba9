// SPDX-License-Identifier: GPL-2.0-or-later
/* A frontend that looks by itself and asks for no events gets none. */
#include <inttypes.h>

#include "blk_case.h"

void blk_case(void)
{
	struct blkdone done;
	struct blkreq req;
	int64_t until;
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect(&d, BLKABI_NATIVE);
	disk_works(&d);
	sleep_ms(100);
	blkqueue_take_event(d.q);
	d.q->count.received = 0;
	until = now_ms() + PATIENCE_MS;
	for (unsigned int sent = 0, got = 0; got < 20000;) {
		check(now_ms() < until, "%u requests are not answered", sent - got);
		/* An answer that is half a world away. */
		atomic_store(&d.q->ring.shared->rsp_event, d.q->ring.rsp_cons + (1u << 30));
		while (sent < 20000 && blkring_room(&d.q->ring) > 0) {
			req_init(&d, &req, BLKIF_OP_READ, sent % 2040, sent % 300, 1, 0, 7);
			blkqueue_submit(d.q, &req, sent++);
		}
		blkqueue_push(d.q);
		while (blkqueue_reap(d.q, &done, 1) == 1)
			got += done.status == BLKIF_RSP_OKAY;
	}
	sleep_ms(50);
	blkqueue_take_event(d.q);
	check(d.q->count.received == 0, "%" PRIu64 " events that nobody asked for",
	      d.q->count.received);
	disk_free(&d);
}
