// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Discards of a block device, many at a time and beside other requests; the frontend is told
 * what the device says of them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "blk_loop.h"

#define NR 32u

static uint64_t attribute(const char *name)
{
	char path[128];
	uint64_t value = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/block/%s/%s", strrchr(disk_device(), '/') + 1, name);
	f = fopen(path, "re");
	check(f && fscanf(f, "%" SCNu64, &value) == 1, "cannot read %s", path);
	fclose(f);
	return value;
}

static void as_the_device_says(const struct disk *d, const char *key, const char *name)
{
	uint64_t value = 0, expected = attribute(name);

	check(front_read_backend_u64(d->front->bus, key, UINT64_MAX, &value) == 0 &&
		      value == expected,
	      "%s is %" PRIu64 ", of the device %" PRIu64, key, value, expected);
}

void blk_case(void)
{
	struct blkreq req[NR];
	uint64_t seed = 29;
	struct disk d;

	disk_new_device(&d, 2 * MIB, 512);
	disk_connect(&d, BLKABI_NATIVE);
	if (!d.front->disk.discard)
		skip("the loop device takes no discards");
	as_the_device_says(&d, "discard-granularity", "queue/discard_granularity");
	as_the_device_says(&d, "discard-alignment", "discard_alignment");
	for (unsigned int round = 0; round < 10; round++) {
		for (unsigned int i = 0; i < NR; i++) {
			uint64_t sector = 128 * i + 8 * (draw(&seed) % 4);

			if (i % 2)
				req_init_discard(&req[i], sector, 8 + 8 * (draw(&seed) % 8));
			else
				req_init(&d, &req[i], BLKIF_OP_WRITE, sector, i * SEGMENTS, 5, 0,
					 7);
			req_fill(&d, &req[i], &seed);
			blkqueue_submit(d.q, &req[i], i);
		}
		blkqueue_push(d.q);
		disk_drain(&d, NULL);
		check(d.q->count.failed == 0, "some have failed");
		for (unsigned int i = 0; i < NR; i++)
			req_done(&d, &req[i], BLKIF_RSP_OKAY);
	}
	for (unsigned int i = 0; i < NR; i++) {
		req_init(&d, &req[i], BLKIF_OP_READ, 128 * i, 0, SEGMENTS, 0, 7);
		disk_expect(&d, &req[i], BLKIF_RSP_OKAY);
	}
	disk_free_device(&d);
}
