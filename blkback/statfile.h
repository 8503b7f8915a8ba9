/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of include/blk_stats.h: made and removed by the supervisor. */
#ifndef PVBACK_STATFILE_H
#define PVBACK_STATFILE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The file of @dev ("vbd/3/51712") to be handed to a worker: the one that is there, if
 * it is good, else a new one. Where there is no room for it, memory that nobody but the worker
 * sees, and a warning.
 */
int statfile_open(const char *dev, int *ret_fd);

struct statfile_sums {
	uint64_t reads, writes; /* requests */
	uint64_t read_bytes, written_bytes;
};
/* All zero if there is no such file. */
void statfile_sums(const char *dev, struct statfile_sums *ret);

void statfile_remove(const char *dev);

/* At the start: remove the files of devices that are no more. */
void statfile_sweep(bool (*keep)(void *ctx, unsigned int domid, unsigned int devid), void *ctx);

#endif
