/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Discards of a block device. The kernel has them only as an ioctl that waits,
 * so a thread of its own waits, one discard after another. It is started with
 * the first one.
 */
#ifndef PVBACK_BLK_DISCARDER_H
#define PVBACK_BLK_DISCARDER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine.h"

struct discarder;

/* @depth: as many can be under way at a time. */
int discarder_new(int fd, unsigned int depth, struct discarder **ret);
void discarder_free(struct discarder *d); /* waits for what is under way; NULL is fine */

int discarder_fd(const struct discarder *d); /* readable: some are done */
void discarder_start(struct discarder *d, uint64_t tag, uint64_t offset, uint64_t len, bool secure);
unsigned int discarder_reap(struct discarder *d, struct engine_done *done, unsigned int max);

#endif
