// SPDX-License-Identifier: GPL-2.0-or-later
#include "vbd_stats.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "blk_stats.h"
#include "stats/statfile.h"

static void make_head(const char *dev, struct blk_stats *head)
{
	memset(head, 0, offsetof(struct blk_stats, slot));
	memcpy(head->magic, BLK_STATS_MAGIC, sizeof(head->magic));
	head->version = BLK_STATS_VERSION;
	head->header_bytes = offsetof(struct blk_stats, slot);
	head->slot_bytes = sizeof(struct blk_stats_slot);
	head->nr_slots = BLK_MAX_QUEUES;
	head->nr_ops = BLK_STATS_NR_OPS;
	head->nr_buckets = BLK_STATS_BUCKETS;
	snprintf(head->device, sizeof(head->device), "%s", dev);
	head->since_s = (uint64_t)time(NULL);
}

int vbd_stats_open(const char *dev, int *ret_fd)
{
	static struct blk_stats head; /* its slots are never touched: a page, no more */
	static const struct statfile_new fresh = {
		.head = &head,
		.head_bytes = offsetof(struct blk_stats, slot),
		.same_bytes = offsetof(struct blk_stats, since_s),
		.bytes = sizeof(struct blk_stats),
	};

	make_head(dev, &head);
	return statfile_open(dev, &fresh, ret_fd);
}

void vbd_stats_sums(const char *dev, struct vbd_stats_sums *ret)
{
	const struct blk_stats *stats = statfile_map(dev, sizeof(*stats));

	memset(ret, 0, sizeof(*ret));
	if (!stats)
		return;
	for (unsigned int i = 0; i < BLK_MAX_QUEUES; i++) {
		const struct blk_stats_op *op = stats->slot[i].op;

		ret->reads += op[BLK_STATS_READ].requests;
		ret->read_bytes += op[BLK_STATS_READ].bytes;
		ret->writes += op[BLK_STATS_WRITE].requests;
		ret->written_bytes += op[BLK_STATS_WRITE].bytes;
	}
	statfile_unmap(stats, sizeof(*stats));
}
