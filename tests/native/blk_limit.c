// SPDX-License-Identifier: GPL-2.0-or-later
/* Block tests: limits. */
#include "blk_limit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "toolstack.h"

#define SLOTS 32u
#define TRIES 4

static const char *const keys[BLK_NR_LIMITS] = {
	[BLK_LIMIT_READ_IOPS] = "limit-read-iops",
	[BLK_LIMIT_WRITE_IOPS] = "limit-write-iops",
	[BLK_LIMIT_READ_BYTES] = "limit-read-bytes",
	[BLK_LIMIT_WRITE_BYTES] = "limit-write-bytes",
};

void load_init(struct load *l, struct disk *d, unsigned int ring, uint8_t op)
{
	*l = (struct load){ .d = d, .ring = ring, .op = op };
}

static struct blkqueue *ring_of(const struct load *l)
{
	return blkfront_queue(l->d->front, l->ring);
}

/* Each slot has a page, and a place on the disk. */
static void start(struct load *l, unsigned int slot)
{
	unsigned int place = slot + SLOTS * (2 * l->ring + (l->op == BLKIF_OP_WRITE));
	static uint64_t seed = 149;
	struct blkreq *req = &l->req[slot];

	req_init(l->d, req, l->op, place * 8, place, 1, 0, 7);
	if (l->op == BLKIF_OP_WRITE)
		req_fill(l->d, req, &seed);
	req_prepare(l->d, req);
	check(blkqueue_submit(ring_of(l), req, slot + (l->op == BLKIF_OP_WRITE) * SLOTS) == 0,
	      "the ring is full");
}

/* Two loads may share a ring: whose an answer is, its tag says. */
static struct load *load_of(struct load **loads, unsigned int nr, const struct load *any,
			    uint64_t tag)
{
	for (unsigned int i = 0; i < nr; i++)
		if (loads[i]->d == any->d && loads[i]->ring == any->ring &&
		    (loads[i]->op == BLKIF_OP_WRITE) == (tag >= SLOTS))
			return loads[i];
	fail("an answer to nobody");
}

static void take(struct load **loads, unsigned int nr, const struct load *any, bool more)
{
	struct blkqueue *q = ring_of(any);
	struct blkdone done;

	while (blkqueue_reap(q, &done, 1) == 1) {
		struct load *l = load_of(loads, nr, any, done.tag);
		unsigned int slot = (unsigned int)(done.tag % SLOTS);

		check(!done.strange && done.status == BLKIF_RSP_OKAY, "answered %d", done.status);
		req_done(l->d, &l->req[slot], done.status);
		l->answered += more;
		if (more)
			start(l, slot);
	}
	blkqueue_push(q);
}

void load_run(struct load **loads, unsigned int nr, unsigned int ms)
{
	int64_t until = now_ms() + ms;
	bool busy = true;

	for (unsigned int i = 0; i < nr; i++) {
		unsigned int others = 0;

		for (unsigned int k = 0; k < nr; k++)
			others += k != i && loads[k]->d == loads[i]->d &&
				  loads[k]->ring == loads[i]->ring;
		loads[i]->answered = 0;
		for (unsigned int slot = 0; slot < SLOTS / (others + 1); slot++)
			start(loads[i], slot);
		blkqueue_push(ring_of(loads[i]));
	}
	while (busy) {
		bool more = now_ms() < until;

		check(now_ms() < until + PATIENCE_MS, "not all requests are answered");
		busy = more;
		for (unsigned int i = 0; i < nr; i++) {
			take(loads, nr, loads[i], more);
			busy |= blkqueue_inflight(ring_of(loads[i])) > 0;
		}
		sleep_ms(1);
	}
}

unsigned int load_one(struct load *l, unsigned int ms)
{
	load_run(&l, 1, ms);
	return l->answered;
}

void expect_about(const char *what, struct load **loads, unsigned int nr, unsigned int ms,
		  unsigned int rest_ms, unsigned int wanted)
{
	unsigned int found = 0;

	for (unsigned int tries = 0; tries < TRIES && found < wanted * 95 / 100; tries++) {
		sleep_ms(rest_ms);
		load_run(loads, nr, ms);
		found = 0;
		for (unsigned int i = 0; i < nr; i++)
			found += loads[i]->answered;
		printf("%s: %u, wanted %u\n", what, found, wanted);
		check(found <= wanted * 105 / 100, "%s: %u, not %u", what, found, wanted);
	}
	check(found >= wanted * 95 / 100, "%s: %u, not %u", what, found, wanted);
}

void expect_one_about(const char *what, struct load *l, unsigned int ms, unsigned int wanted)
{
	expect_about(what, &l, 1, ms, 0, wanted);
}

const struct blk_stats *stats_of(const struct disk *d)
{
	const struct blk_stats *stats;
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/run/pvback/stats/vbd-%u-%u", d->domid, d->devid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	check(fd >= 0, "%s: %s", path, strerror(errno));
	stats = mmap(NULL, sizeof(*stats), PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	check(stats != MAP_FAILED && strcmp(stats->device, d->dev) == 0, "cannot map %s", path);
	return stats;
}

static void write_key(const char *dir, const char *key, const char *value)
{
	char path[160];
	int err;

	snprintf(path, sizeof(path), "/local/domain/0/backend/%s/%s", dir, key);
	err = value ? toolstack_write(path, value) : toolstack_rm(path);
	check(err == 0, "%s: %s", path, strerror(-err));
}

void limit_write(const struct disk *d, const char *key, const char *value)
{
	write_key(d->dev, key, value);
}

void guest_limit_write(const struct disk *d, const char *key, const char *value)
{
	char dir[32];

	snprintf(dir, sizeof(dir), "vbd/%u", d->domid);
	write_key(dir, key, value);
}

static void wait_rate(const struct disk *d, bool guest, enum blk_limit_kind kind, uint64_t rate)
{
	const struct blk_stats *stats = stats_of(d);
	const volatile uint64_t *now =
		guest ? &stats->guest_limits.of[kind].rate : &stats->limits.of[kind].rate;
	int64_t until = now_ms() + PATIENCE_MS;

	while (*now != rate) {
		check(now_ms() < until, "%s: the limit is %" PRIu64 ", not %" PRIu64, d->dev, *now,
		      rate);
		sleep_ms(1);
	}
	munmap((void *)(uintptr_t)stats, sizeof(*stats));
}

void limit_wait(const struct disk *d, enum blk_limit_kind kind, uint64_t rate)
{
	wait_rate(d, false, kind, rate);
}

void guest_limit_wait(const struct disk *d, enum blk_limit_kind kind, uint64_t rate)
{
	wait_rate(d, true, kind, rate);
}

void limit_set(const struct disk *d, enum blk_limit_kind kind, uint64_t rate)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, rate);
	limit_write(d, keys[kind], rate ? text : NULL);
	limit_wait(d, kind, rate);
}
