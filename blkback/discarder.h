/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Discards, where the kernel has them only as a call that waits: those of a
 * block device always, those of a file unless there is io_uring. A thread of
 * its own waits, for one discard after another. It is started with the first.
 */
#ifndef PVBACK_BLK_DISCARDER_H
#define PVBACK_BLK_DISCARDER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine.h"

struct discarder;

/* @how: what @fd is. @depth: as many can be under way at a time. */
int discarder_new(int fd, enum blk_discard how, unsigned int depth, struct discarder **ret);

/* The same for one, now; 0 or -errno. */
int discard_now(int fd, enum blk_discard how, uint64_t offset, uint64_t len, bool secure);

void discarder_free(struct discarder *d); /* waits for what is under way; NULL is fine */

int discarder_fd(const struct discarder *d); /* readable: some are done */
void discarder_start(struct discarder *d, uint64_t tag, uint64_t offset, uint64_t len, bool secure);
unsigned int discarder_reap(struct discarder *d, struct engine_done *done, unsigned int max);

#endif
