/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Block tests: limits, and rings kept full to see them. */
#ifndef NATIVE_BLK_LIMIT_H
#define NATIVE_BLK_LIMIT_H

#include "blk_case.h"
#include "blk_stats.h"

/* One ring that is kept full of requests of a page each. */
struct load {
	struct disk *d;
	unsigned int ring;
	uint8_t op;
	unsigned int answered; /* in the time that was asked for */
	struct blkreq req[32];
};

void load_init(struct load *l, struct disk *d, unsigned int ring, uint8_t op);
/* All of them side by side for @ms; then what is in flight is answered. */
void load_run(struct load **loads, unsigned int nr, unsigned int ms);
unsigned int load_one(struct load *l, unsigned int ms);

/*
 * Together @wanted in @ms, within five percent. More is never right; where fewer are answered the
 * machine may have been too busy for our own part, so it is tried again, after a rest of @rest_ms.
 */
void expect_about(const char *what, struct load **loads, unsigned int nr, unsigned int ms,
		  unsigned int rest_ms, unsigned int wanted);
void expect_one_about(const char *what, struct load *l, unsigned int ms, unsigned int wanted);

/* The disk's page; the first call needs a disk that is connected. */
const struct blk_stats *stats_of(const struct disk *d);

/* A key of the disk, or of its guest, as an admin writes it; NULL removes it. */
void limit_write(const struct disk *d, const char *key, const char *value);
void guest_limit_write(const struct disk *d, const char *key, const char *value);
/* Until the worker has it. */
void limit_wait(const struct disk *d, enum blk_limit_kind kind, uint64_t rate);
void guest_limit_wait(const struct disk *d, enum blk_limit_kind kind, uint64_t rate);
void limit_set(const struct disk *d, enum blk_limit_kind kind, uint64_t rate);

#endif
