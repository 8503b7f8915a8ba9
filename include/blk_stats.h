/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a disk has done, for everybody to read: a file for each disk,
 *
 *     /run/pvback/stats/vbd-<domain>-<device>
 *
 * made by blkbackd when the disk first connects, removed when it is detached, and
 * written by its workers, one after the other: who connects again, counts on.
 * Map it or read it; nobody notices. Only this header says what is where.
 *
 * All numbers are in the byte order of the host, and naturally aligned. Each has one
 * writer, which stores it whole and without a lock: two numbers read one after the
 * other may be a few requests apart. Counters only grow. Time is in
 * microseconds unless a name says otherwise.
 */
#ifndef PVBACK_BLK_STATS_H
#define PVBACK_BLK_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "blk_conf.h"
#include "blk_limits.h"

#define BLK_STATS_MAGIC "PVBKDISK" /* 8 bytes, no NUL */
#define BLK_STATS_VERSION 1u

/* Requests by what they do; a flush or a barrier with data is a write. */
enum blk_stats_op_kind {
	BLK_STATS_READ,
	BLK_STATS_WRITE,
	BLK_STATS_FLUSH,
	BLK_STATS_DISCARD,
	BLK_STATS_NR_OPS,
};

/*
 * Bucket 0 counts what took less than 2 us, bucket n (from 1 on) what took 2^n us or more
 * and less than 2^(n+1), the last one everything from 2^31 us on.
 */
#define BLK_STATS_BUCKETS 32

struct blk_stats_op {
	uint64_t requests; /* answered, well or not: the sum of each histogram */
	uint64_t failed;   /* of these, with an error of the image or a grant */
	uint64_t bytes;
	uint64_t total_us; /* sum of all latencies */
	uint64_t max_us;   /* the longest of all latencies */
	uint64_t reserved[3];
	uint64_t latency[BLK_STATS_BUCKETS]; /* from the ring to the answer */
	uint64_t
		queued[BLK_STATS_BUCKETS]; /* thereof: waiting for a limit, a barrier or a buffer */
	uint64_t service[BLK_STATS_BUCKETS]; /* thereof: the image's */
};

/* Of one ring, written by its thread. A page of its own: unused ones take no memory. */
struct blk_stats_slot {
	struct blk_stats_op op[BLK_STATS_NR_OPS];
	uint64_t refused;   /* malformed or not supported; in no histogram */
	uint64_t indirect;  /* requests with a page of descriptors */
	uint64_t mapped;    /* requests served in the guest's own pages */
	uint64_t throttled; /* requests that a limit has kept waiting */
	uint64_t turns;	    /* of the thread */
	uint64_t copies;    /* calls for grant copy */
	uint64_t events;    /* taken from the guest */
	uint64_t notifies;  /* events sent to the guest */
	uint64_t watched;   /* events spared by watching the ring */
	uint64_t watched_ns;
	uint8_t padding[4096 - BLK_STATS_NR_OPS * sizeof(struct blk_stats_op) - 10 * 8];
};

/* What is so at this moment, of one ring. */
struct blk_stats_gauge {
	uint32_t inflight; /* taken from the ring and not answered */
	uint32_t waiting;  /* thereof: not started */
	uint8_t padding[56];
};

struct blk_stats {
	char magic[8];
	uint32_t version;
	uint32_t header_bytes; /* where the slots begin */
	uint32_t slot_bytes;
	uint32_t nr_slots;
	uint32_t nr_ops;
	uint32_t nr_buckets;
	char device[32];		/* "vbd/3/51712", NUL-terminated */
	uint64_t since_s;		/* when counting began, seconds since 1970 */
	struct blk_limits limits;	/* those in force */
	struct blk_limits guest_limits; /* those of all disks of the guest together */
	struct blk_limits_used used;	/* the worker's: where it is with its limits */
	/*
	 * errno of the first flush that failed, 0: none has. No later one succeeds,
	 * whoever is the worker, until the disk is attached anew.
	 */
	uint32_t flush_error;
	uint8_t reserved[788];
	struct blk_stats_gauge gauge[BLK_MAX_QUEUES];
	uint8_t padding[2048];
	struct blk_stats_slot slot[BLK_MAX_QUEUES];
};

_Static_assert(offsetof(struct blk_stats, flush_error) == 232, "pvback-stat");
_Static_assert(sizeof(struct blk_stats_slot) == 4096, "a slot is a page");
_Static_assert(sizeof(struct blk_stats) == 4096 * (1 + BLK_MAX_QUEUES), "no holes");

#endif
