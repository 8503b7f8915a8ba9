// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest that says its grants stay and takes them back all the same, while they are
 * mapped, harms nobody but itself: its requests are answered, other pages go on, the worker lives.
 */
#include <string.h>

#include "blk_case.h"

static int16_t on_page(struct disk *d, uint8_t op, unsigned int page)
{
	struct blkreq req;

	req_init(d, &req, op, 8 * page, page, 1, 0, 7);
	req.segments[0].gref = d->front->pages[page].rw;
	return (int16_t)blkqueue_do(d->q, &req);
}

void blk_case(void)
{
	struct blkfront_conf conf = { .nr_pages = 64, .persistent = true };
	grant_entry_v1_t *entry[32], saved[32];
	pid_t worker;
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect_as(&d, &conf);
	worker = disk_worker(&d);
	for (unsigned int i = 0; i < 32; i++) {
		check(on_page(&d, BLKIF_OP_READ, i) == BLKIF_RSP_OKAY, "a read");
		entry[i] = guest_grant_entry(d.front->guest, d.front->pages[i].rw);
		saved[i] = *entry[i];
		memset(entry[i], 0, sizeof(*entry[i]));
	}
	for (unsigned int i = 0; i < 32; i++) {
		/* Mapped is mapped, as with Xen itself. */
		check(on_page(&d, BLKIF_OP_READ, i) == BLKIF_RSP_OKAY, "a read after that");
		check(on_page(&d, BLKIF_OP_WRITE, i) == BLKIF_RSP_OKAY, "a write after that");
		check(on_page(&d, BLKIF_OP_READ, 32 + i) == BLKIF_RSP_OKAY, "another page");
	}
	disk_learn(&d, 0, 32 * 8);
	disk_works(&d);
	check(disk_worker(&d) == worker, "it has another worker");
	for (unsigned int i = 0; i < 32; i++)
		*entry[i] = saved[i];
	disk_free(&d);
}
