/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much a disk, or all disks of a guest together, may do. */
#ifndef PVBACK_BLK_LIMITS_H
#define PVBACK_BLK_LIMITS_H

#include <stdint.h>

enum blk_limit_kind {
	BLK_LIMIT_READ_IOPS,
	BLK_LIMIT_WRITE_IOPS,
	BLK_LIMIT_READ_BYTES,
	BLK_LIMIT_WRITE_BYTES,
	BLK_NR_LIMITS,
};

struct blk_limit {
	uint64_t rate;	/* requests or bytes a second; 0: no limit */
	uint64_t burst; /* as many at once after a rest; 0: a tenth of a second's */
};

struct blk_limits {
	struct blk_limit of[BLK_NR_LIMITS];
};

/* Smaller ones would let a request of 1 MiB take minutes. */
#define BLK_LIMIT_MIN_BYTES 4096u
#define BLK_LIMIT_MAX (1ull << 50)

/*
 * How far each limit is used up, in memory that all who share it can write: for each kind
 * the time (monotonic, nanoseconds) at which all that was granted is paid for.
 */
struct blk_limits_used {
	uint64_t until_ns[BLK_NR_LIMITS];
};

#endif
