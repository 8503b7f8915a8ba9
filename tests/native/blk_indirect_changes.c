// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Descriptors that a second thread of the guest changes while they are read
 * (XSA-155): each request is answered once, and nothing is written beyond the sectors that its
 * largest form names.
 */
#include <pthread.h>

#include "blk_case.h"

#define NR 200u
#define WINDOW (NR * 8)
#define RUN_MS 2000

static struct {
	struct blkif_request_segment *table;
	uint32_t good;
	_Atomic bool stop;
} flipper;

static void put(unsigned int i, uint32_t gref, uint16_t sectors)
{
	__atomic_store_n(&flipper.table[i].gref, gref, __ATOMIC_RELAXED);
	__atomic_store_n((uint16_t *)(void *)&flipper.table[i].first_sect, sectors,
			 __ATOMIC_RELAXED);
}

/* Mostly good, and now and then bad in every way. */
static void *flipper_thread(void *arg)
{
	static const uint16_t sectors[] = { 0x0700, 0x0000, 0x0303, 0x0700,
					    0xff00, 0x0007, 0x0800, 0xffff };
	uint64_t seed = 12;

	while (!flipper.stop) {
		uint64_t random = draw(&seed);
		bool bad = random % 4 == 0;

		for (unsigned int i = 0; i < NR; i++)
			put(i, bad && (random >> 8) % NR == i ? UINT32_MAX : flipper.good,
			    sectors[(random >> (i % 32)) & (bad ? 7 : 3)]);
	}
	return NULL;
}

void blk_case(void)
{
	int64_t until = now_ms() + RUN_MS;
	struct blkreq req;
	pthread_t thread;
	struct disk d;

	disk_new(&d, 2 * MIB, false);
	disk_connect(&d, BLKABI_NATIVE);
	req_init_indirect(&d, &req, BLKIF_OP_WRITE, 0, 0, 1, NR);
	flipper.table = req.descriptors;
	flipper.good = d.front->pages[1].ro;
	check(pthread_create(&thread, NULL, flipper_thread, NULL) == 0, "no thread");
	while (now_ms() < until) {
		for (unsigned int i = 0; i < 8; i++)
			blkqueue_submit(d.q, &req, i);
		blkqueue_push(d.q);
		disk_drain(&d, NULL);
	}
	flipper.stop = true;
	pthread_join(thread, NULL);
	check(d.q->count.failed > 0 && d.q->count.failed < d.q->count.submitted,
	      "all requests went the same way");
	disk_learn(&d, 0, WINDOW);
	disk_free(&d);
}
