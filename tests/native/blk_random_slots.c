// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Slots full of random bytes, some of them nearly right: each is answered once, with
 * its id and operation, and a read-only image stays what it is.
 */
#include <string.h>

#include "blk_case.h"

#define RUN_MS 1000

static uint64_t seed = 61;

/* Random, but each field has a fair chance to be right. */
static void random_slot(struct disk *d, struct blkslot *slot)
{
	const struct blkabi_layout *at = blkabi_layout(d->q->ring.abi);
	uint64_t sector = draw(&seed) % (d->bytes / SECTOR + 100);

	for (unsigned int i = 0; i < sizeof(slot->bytes); i += sizeof(seed)) {
		uint64_t value = draw(&seed);

		memcpy(slot->bytes + i, &value, sizeof(value));
	}
	slot->bytes[0] %= draw(&seed) % 8 ? 4 : 255;
	slot->bytes[1] %= draw(&seed) % 8 ? 13 : 255;
	if (draw(&seed) % 8)
		memcpy(slot->bytes + at->sector, &sector, sizeof(sector));
	for (unsigned int i = 0; i < SEGMENTS; i++) {
		struct blkif_request_segment seg = {
			.gref = d->front->pages[draw(&seed) % d->front->nr_pages].rw,
			.first_sect = (uint8_t)(draw(&seed) % 4),
			.last_sect = (uint8_t)(draw(&seed) % 32 ? 4 + draw(&seed) % 4 : 8),
		};

		if (draw(&seed) % 32)
			memcpy(slot->bytes + at->segments + i * sizeof(seg), &seg, sizeof(seg));
	}
}

static void some_time(struct disk *d)
{
	int64_t until = now_ms() + RUN_MS;
	struct blkdone done;

	while (now_ms() < until) {
		struct blkslot slot;

		while (blkring_room(&d->q->ring) > 0) {
			random_slot(d, &slot);
			blkqueue_submit_raw(d->q, &slot, 0);
		}
		blkqueue_push(d->q);
		check(blkqueue_wait(d->q, PATIENCE_MS) == 1, "%u requests are not answered",
		      blkqueue_inflight(d->q));
		while (blkqueue_reap(d->q, &done, 1) == 1)
			check(!done.strange && done.slot.bytes[9] == 0, "a wrong answer");
	}
	disk_drain(d, NULL);
	check(d->q->count.failed < d->q->count.submitted - 1000, "hardly any was right");
	check(d->q->count.failed > 1000, "hardly any was wrong");
}

void blk_case(void)
{
	struct disk d;

	disk_new(&d, MIB, true);
	for (enum blkabi abi = 0; abi < BLKABI_NR; abi++) {
		disk_connect(&d, abi);
		some_time(&d);
		disk_works(&d);
		disk_close(&d);
	}
	disk_free(&d);
}
