/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages of counters below /run/pvback/stats, which everybody can read: made and
 * removed by a supervisor, written by its workers. What is in them is their
 * users' (include/blk_stats.h, include/net_stats.h).
 */
#ifndef PVBACK_STATFILE_H
#define PVBACK_STATFILE_H

#include <stdbool.h>
#include <stddef.h>

/* How a page looks that is new; behind @bytes of @head it is all zero. */
struct statfile_new {
	const void *head;
	size_t head_bytes;
	size_t same_bytes; /* one that is there is good if it begins with the same */
	size_t bytes;	   /* of the page */
};

/*
 * The page of @dev ("vbd/3/51712") to be handed to a worker: the one that is there, if
 * it is good, else a new one. Where there is no room for it, memory that nobody but the worker
 * sees, and a warning.
 */
int statfile_open(const char *dev, const struct statfile_new *fresh, int *ret_fd);

/* The page of @dev to read, to be unmapped; NULL if there is none of this size. */
const void *statfile_map(const char *dev, size_t bytes);
void statfile_unmap(const void *page, size_t bytes);

void statfile_remove(const char *dev);

/* At the start: remove the pages of devices of @kind ("vbd") that are no more. */
void statfile_sweep(const char *kind,
		    bool (*keep)(void *ctx, unsigned int domid, unsigned int devid), void *ctx);

#endif
