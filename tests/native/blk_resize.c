// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A file that grows or shrinks while its disk is in use: the backend says the new
 * size within 5 seconds and writes its state once more, for frontends look then;
 * requests in the new range work, beyond the end they fail.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blk_case.h"
#include "xsconn.h"

static struct xsconn *watcher;

static void watch_state(struct disk *d)
{
	char path[128];

	snprintf(path, sizeof(path), "/local/domain/0/backend/%s/state", d->dev);
	check(xsconn_open_dom0(&watcher) == 0 && xsconn_watch(watcher, path, "s") == 0, "no watch");
}

/* How often the state was written since the last time. */
static unsigned int state_writes(void)
{
	unsigned int events = 0;

	check(xsconn_take(watcher, &events) == 0, "no events");
	return events;
}

static void resize(struct disk *d, uint64_t bytes)
{
	int64_t until = now_ms() + 5000;
	uint64_t sectors;
	uint64_t old = d->bytes;

	state_writes();
	check(truncate(d->image, (off_t)bytes) == 0, "truncate");
	do {
		check(front_read_backend_u64(d->front->bus, "sectors", 0, &sectors) == 0,
		      "sectors");
		check(now_ms() < until, "5 seconds later: %u sectors", (unsigned int)sectors);
		sleep_ms(20);
	} while (sectors != bytes / SECTOR);
	while (state_writes() == 0) {
		check(now_ms() < until, "the state was not written");
		sleep_ms(20);
	}
	check(front_backend_state(d->front->bus) == XenbusStateConnected, "not connected");
	d->model = realloc(d->model, bytes);
	d->bytes = bytes;
	if (bytes > old)
		memset(d->model + old, 0, bytes - old);
}

/* The last page works, and nothing behind it. */
static void check_end(struct disk *d)
{
	static uint64_t seed = 127;
	uint64_t last = d->bytes / SECTOR - 8;
	struct blkreq req;

	req_init(d, &req, BLKIF_OP_READ, last, 0, 1, 0, 7);
	disk_expect(d, &req, BLKIF_RSP_OKAY);
	req_init(d, &req, BLKIF_OP_WRITE, last, 0, 1, 0, 7);
	req_fill(d, &req, &seed);
	disk_expect(d, &req, BLKIF_RSP_OKAY);
	for (uint64_t i = 1; i < 16; i++) {
		req_init(d, &req, i % 2 ? BLKIF_OP_READ : BLKIF_OP_WRITE, last + i, 0, 1, 0, 7);
		disk_expect(d, &req, BLKIF_RSP_ERROR);
	}
	disk_works(d);
}

void blk_case(void)
{
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect(&d, BLKABI_NATIVE);
	watch_state(&d);
	check_end(&d);
	resize(&d, 2 * MIB);
	check_end(&d);
	resize(&d, MIB / 2);
	check_end(&d);
	resize(&d, MIB / 2 + SECTOR * 8);
	check_end(&d);
	xsconn_close(watcher);
	disk_free(&d);
}
