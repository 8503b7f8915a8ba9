/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page of include/blk_stats.h, as the supervisor makes and reads it. */
#ifndef PVBACK_VBD_STATS_H
#define PVBACK_VBD_STATS_H

#include <stdint.h>

/* For a worker; see statfile_open(). */
int vbd_stats_open(const char *dev, int *ret_fd);

struct vbd_stats_sums {
	uint64_t reads, writes; /* requests */
	uint64_t read_bytes, written_bytes;
};
/* All zero if there is no such page. */
void vbd_stats_sums(const char *dev, struct vbd_stats_sums *ret);

#endif
