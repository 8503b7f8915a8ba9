// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A frontend that closes and connects again, as a driver that is loaded anew, a boot loader
 * and the kernel after it, or kexec do, each time another way: ABI, size and number of its rings,
 * with grants that stay and without. All of them work, the disk's data is one, and the
 * daemon holds afterwards what it held before (CVE-2010-3699). A reader of its counters all the
 * while disturbs nobody (XSA-528).
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "blk_case.h"

#define ROUNDS 40

static atomic_bool over;
static atomic_uint readings;

static void *read_counters(void *arg)
{
	static uint8_t page[65536];
	const struct disk *d = arg;
	char path[96];

	snprintf(path, sizeof(path), "/run/pvback/stats/vbd-%u-%u", d->domid, d->devid);
	while (!atomic_load(&over)) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		if (fd >= 0 && read(fd, page, sizeof(page)) > 0)
			atomic_fetch_add(&readings, 1);
		if (fd >= 0)
			close(fd);
		sleep_ms(1);
	}
	return NULL;
}

static unsigned int daemon_fds(void)
{
	unsigned int nr = 0;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", daemon_pid());
	dir = opendir(path);
	check(dir, "%s", path);
	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr;
}

/* A worker that has ended takes a moment to be gone from the daemon's books. */
static unsigned int settled_fds(void)
{
	unsigned int before, now = daemon_fds();
	int64_t until = now_ms() + PATIENCE_MS;

	do {
		check(now_ms() < until, "the daemon does not come to rest");
		before = now;
		sleep_ms(150);
		now = daemon_fds();
	} while (now != before);
	return now;
}

static void another_life(struct disk *d, unsigned int i)
{
	struct blkfront_conf conf = { .abi = (enum blkabi)(i % BLKABI_NR),
				      .ring_order = i % 3,
				      .nr_queues = 1 + i / 2 % 2,
				      .nr_pages = 64,
				      .persistent = i % 2 != 0 };

	disk_connect_as(d, &conf);
	for (unsigned int nr = 0; nr < d->front->nr_queues; nr++) {
		d->q = blkfront_queue(d->front, nr);
		disk_works(d);
	}
	disk_close(d);
}

void blk_case(void)
{
	unsigned int before, after;
	pthread_t reader;
	struct disk d;

	disk_new(&d, MIB, false);
	check(pthread_create(&reader, NULL, read_counters, &d) == 0, "no thread");
	another_life(&d, 0);
	before = settled_fds();
	for (unsigned int i = 1; i <= ROUNDS; i++)
		another_life(&d, i);
	after = settled_fds();
	check(after == before, "the daemon has %u descriptors, had %u", after, before);
	check(world_mappings(d.domid) == d.mapped, "pages are mapped");
	over = true;
	pthread_join(reader, NULL);
	check(atomic_load(&readings) > 10, "nobody has read the counters");
	disk_free(&d);
}
