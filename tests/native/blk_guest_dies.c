// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest that dies with requests in flight, or is destroyed: its worker ends, nothing of it
 * stays mapped, and each sector of the image holds what was there or what was being written.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blk_case.h"
#include "rpc.h"
#include "toolstack.h"

#define WRITES 32u
#define REGION 88u /* sectors of a write */

static uint64_t seed = 23;

/* The hypervisor ends it, and nobody tells the toolstack. */
static void die(uint16_t domid)
{
	struct rpc r = { .op = RPC_DESTROY, .domid = domid };
	struct rpc_link *l;

	check(rpc_open_as(0, 0, &l, NULL) == 0 && rpc_call(l, &r, NULL) == 0, "it does not die");
	rpc_close(l);
}

/* @after: the model after all writes */
static void check_either(const struct disk *d, const uint8_t *after)
{
	uint8_t found[SECTOR];
	int fd = open(d->image, O_RDONLY | O_CLOEXEC);

	check(fd >= 0, "%s", d->image);
	for (uint64_t at = 0; at < d->bytes; at += SECTOR) {
		check(pread(fd, found, SECTOR, (off_t)at) == SECTOR, "the image is shorter");
		check(memcmp(found, d->model + at, SECTOR) == 0 ||
			      memcmp(found, after + at, SECTOR) == 0,
		      "sector %u holds what nobody has written", (unsigned int)(at / SECTOR));
	}
	check(lseek(fd, 0, SEEK_END) == (off_t)d->bytes, "the image has grown");
	close(fd);
}

/* XenStore lets go of its page in its own time. */
static void wait_unmapped(uint16_t domid)
{
	int64_t until = now_ms() + PATIENCE_MS;

	while (world_mappings(domid) > 0) {
		check(now_ms() < until, "pages of a dead guest are mapped");
		sleep_ms(2);
	}
}

static void one_life(unsigned int delay_us, bool by_toolstack)
{
	uint8_t *after;
	struct disk d;

	disk_new(&d, WRITES * REGION * SECTOR, false);
	disk_connect(&d, BLKABI_NATIVE);
	after = malloc(d.bytes);
	check(after, "no memory");
	memcpy(after, d.model, d.bytes);
	for (unsigned int i = 0; i < WRITES; i++) {
		struct blkreq req;

		req_init(&d, &req, BLKIF_OP_WRITE, i * REGION, i * SEGMENTS, SEGMENTS, 0, 7);
		req_fill(&d, &req, &seed);
		memcpy(after + i * REGION * SECTOR, d.front->pages[i * SEGMENTS].data,
		       REGION * SECTOR);
		check(blkqueue_submit(d.q, &req, i) == 0, "the ring is full");
	}
	blkqueue_push(d.q);
	usleep(delay_us);
	if (by_toolstack)
		check(toolstack_destroy(d.domid) == 0, "the toolstack cannot destroy it");
	else
		die(d.domid);
	disk_wait_no_worker(&d);
	wait_unmapped(d.domid);
	check_either(&d, after);
	if (!by_toolstack)
		toolstack_destroy(d.domid);
	disk_abandon(&d);
	free(after);
	free(d.model);
}

void blk_case(void)
{
	struct disk d;

	for (unsigned int i = 0; i < 10; i++)
		one_life(100 * i, i % 2);
	disk_new(&d, MIB, false);
	disk_connect(&d, BLKABI_NATIVE);
	disk_works(&d);
	disk_free(&d);
}
