// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The page of a disk's counters: each answer is in the histograms of its operation once;
 * counting goes on over a frontend that connects again and over a restart of the daemon;
 * the page is there until the disk is detached, and no longer.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "blk_case.h"
#include "blk_stats.h"

static const struct blk_stats *stats;
static char path[128];

static void map_stats(const struct disk *d)
{
	int fd;

	snprintf(path, sizeof(path), "/run/pvback/stats/vbd-%u-%u", d->domid, d->devid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	check(fd >= 0, "%s: %s", path, strerror(errno));
	stats = mmap(NULL, sizeof(*stats), PROT_READ, MAP_SHARED, fd, 0);
	check(stats != MAP_FAILED, "cannot map %s", path);
	close(fd);
	check(memcmp(stats->magic, BLK_STATS_MAGIC, 8) == 0 && strcmp(stats->device, d->dev) == 0,
	      "the page of another?");
}

static uint64_t sum(const uint64_t *buckets)
{
	uint64_t all = 0;

	for (unsigned int i = 0; i < BLK_STATS_BUCKETS; i++)
		all += buckets[i];
	return all;
}

static void expect(enum blk_stats_op_kind kind, uint64_t requests, uint64_t bytes)
{
	const struct blk_stats_op *op = &stats->slot[0].op[kind];

	check(op->requests == requests && op->bytes == bytes && op->failed == 0,
	      "operation %d: %" PRIu64 " requests, not %" PRIu64 "; %" PRIu64
	      " bytes, not %" PRIu64,
	      kind, op->requests, requests, op->bytes, bytes);
	check(sum(op->latency) == requests && sum(op->queued) == requests &&
		      sum(op->service) == requests,
	      "operation %d: histograms have %" PRIu64 ", %" PRIu64 " and %" PRIu64
	      " requests, not %" PRIu64,
	      kind, sum(op->latency), sum(op->queued), sum(op->service), requests);
	check(requests == 0 || op->max_us <= op->total_us, "operation %d: maximum and sum", kind);
}

static void some_requests(struct disk *d)
{
	static uint64_t seed = 139;
	struct blkreq req;

	for (unsigned int i = 0; i < 20; i++) {
		req_init(d, &req, BLKIF_OP_WRITE, i * 8, 0, 2, 0, 3);
		req_fill(d, &req, &seed);
		disk_expect(d, &req, BLKIF_RSP_OKAY);
	}
	for (unsigned int i = 0; i < 30; i++) {
		req_init(d, &req, BLKIF_OP_READ, i * 8, 0, 1, 0, 7);
		disk_expect(d, &req, BLKIF_RSP_OKAY);
	}
	req_init(d, &req, BLKIF_OP_FLUSH_DISKCACHE, 0, 0, 0, 0, 0);
	disk_expect(d, &req, BLKIF_RSP_OKAY);
	req_init_discard(&req, 1024, 8);
	disk_expect(d, &req, BLKIF_RSP_OKAY);
	/* Beyond the end: refused, and in no histogram. */
	req_init(d, &req, BLKIF_OP_READ, MIB / SECTOR, 0, 1, 0, 7);
	disk_expect(d, &req, BLKIF_RSP_ERROR);
}

static void expect_times(unsigned int n)
{
	expect(BLK_STATS_WRITE, 20 * n, 20ull * n * 8 * SECTOR);
	expect(BLK_STATS_READ, 30 * n, 30ull * n * 8 * SECTOR);
	expect(BLK_STATS_FLUSH, n, 0);
	expect(BLK_STATS_DISCARD, n, 8ull * n * SECTOR);
	check(stats->slot[0].refused == n, "%" PRIu64 " refused, not %u", stats->slot[0].refused,
	      n);
	check(stats->slot[1].turns == 0, "a ring that is not there has turns");
}

static void inflight_is(uint32_t nr)
{
	int64_t until = now_ms() + PATIENCE_MS;

	while (stats->gauge[0].inflight != nr) {
		check(now_ms() < until, "%u in flight, not %u", stats->gauge[0].inflight, nr);
		sleep_ms(1);
	}
}

void blk_case(void)
{
	struct disk d;

	disk_new(&d, MIB, false);
	disk_connect(&d, BLKABI_NATIVE);
	map_stats(&d);
	expect_times(0);
	some_requests(&d);
	inflight_is(0);
	expect_times(1);
	disk_close(&d);
	disk_connect(&d, BLKABI_NATIVE);
	some_requests(&d);
	inflight_is(0);
	expect_times(2);
	daemon_restart();
	some_requests(&d);
	inflight_is(0);
	expect_times(3);
	disk_free(&d);
	check(access(path, F_OK) < 0 && errno == ENOENT, "%s is still there", path);
}
