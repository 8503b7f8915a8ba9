// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A daemon that is told to stop, or is killed, has its workers answer first what they
 * have taken, and leaves the rest to its successor; the guest, whose ring is full all the
 * time, sees a pause and nothing else.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "blk_case.h"

#define REGION 96u /* sectors, a slot's own */
#define RESTARTS 6

static uint64_t seed = 29;
static struct blkreq reqs[BLKFRONT_SLOTS_MAX];
static atomic_bool over;
static atomic_uint nr_answered;

/*
 * One that serves: it has answered more than what its predecessor can have had
 * under way, which it waits for, and which may still be seen beside it.
 */
static void wait_for_successor(const struct disk *d, pid_t predecessor)
{
	int64_t until = now_ms() + PATIENCE_MS;
	unsigned int before = 0;
	bool seen = false;

	while (!seen || nr_answered - before <= d->q->ring.nr_slots) {
		pid_t pid = disk_worker(d);

		if (!seen && pid != 0 && pid != predecessor) {
			seen = true;
			before = nr_answered;
		}
		check(now_ms() < until, "no successor of worker %d", (int)predecessor);
		sleep_ms(5);
	}
}

static void *restarter(void *arg)
{
	const struct disk *d = arg;

	for (unsigned int i = 0; i < RESTARTS; i++) {
		pid_t worker = disk_worker(d);

		sleep_ms(60 + 13 * i);
		if (i % 2)
			daemon_kill();
		else
			daemon_restart();
		wait_for_successor(d, worker);
	}
	over = true;
	return NULL;
}

static void start(struct disk *d, unsigned int i)
{
	uint8_t op = draw(&seed) % 2 ? BLKIF_OP_READ : BLKIF_OP_WRITE;

	req_init(d, &reqs[i], op, REGION * i, i * SEGMENTS, SEGMENTS, 0, 7);
	req_fill(d, &reqs[i], &seed);
	req_prepare(d, &reqs[i]);
	check(blkqueue_submit(d->q, &reqs[i], i) == 0, "the ring is full");
}

static void answered(struct disk *d, const struct blkdone *done)
{
	check(done->status == BLKIF_RSP_OKAY, "a request failed");
	req_done(d, &reqs[done->tag], done->status);
	nr_answered++;
	if (!over)
		start(d, (unsigned int)done->tag);
}

static void keep_busy(struct disk *d)
{
	struct blkdone done;

	for (unsigned int i = 0; i < d->q->ring.nr_slots; i++)
		start(d, i);
	while (blkqueue_inflight(d->q) > 0) {
		blkqueue_push(d->q);
		check(blkqueue_wait(d->q, PATIENCE_MS) == 1, "%u requests are not answered",
		      blkqueue_inflight(d->q));
		while (blkqueue_reap(d->q, &done, 1) == 1) {
			check(!done.strange, "an answer to what was not in flight");
			answered(d, &done);
		}
	}
}

void blk_case(void)
{
	pthread_t thread;
	struct disk d;

	disk_new(&d, 32 * REGION * SECTOR, false);
	disk_connect(&d, BLKABI_NATIVE);
	check(pthread_create(&thread, NULL, restarter, &d) == 0, "no thread");
	keep_busy(&d);
	pthread_join(thread, NULL);
	check(daemon_lines("served", d.dev) == RESTARTS, "not %u workers", RESTARTS);
	disk_works(&d);
	disk_free(&d);
}
