// SPDX-License-Identifier: GPL-2.0-or-later
/* A guest that sends events without end and without requests is a nuisance to itself alone. */
#include <pthread.h>
#include <stdatomic.h>

#include "blk_case.h"

#define STORM_MS 2000

static struct disk stormy;
static atomic_bool over;
static uint64_t sent;

static void *storm_thread(void *arg)
{
	while (!over) {
		guest_notify(stormy.q->events, stormy.q->port);
		sent++;
	}
	return NULL;
}

void blk_case(void)
{
	unsigned int done = 0;
	pthread_t thread;
	struct disk calm;
	int64_t until;

	disk_new(&stormy, MIB, false);
	disk_connect(&stormy, BLKABI_NATIVE);
	disk_works(&stormy);
	disk_new(&calm, MIB, false);
	disk_connect(&calm, BLKABI_NATIVE);
	check(pthread_create(&thread, NULL, storm_thread, NULL) == 0, "no thread");
	for (until = now_ms() + STORM_MS; now_ms() < until; done++) {
		disk_works(&calm);
		if (done % 16 == 0)
			disk_works(&stormy);
	}
	over = true;
	pthread_join(thread, NULL);
	check(sent > 10000, "no storm: %u events", (unsigned int)sent);
	check(done > 100, "%u requests during a storm", 2 * done);
	disk_free(&calm);
	disk_free(&stormy);
}
