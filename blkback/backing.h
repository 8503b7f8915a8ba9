/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a disk lies on: a raw file or a block device. */
#ifndef PVBACK_BACKING_H
#define PVBACK_BACKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "blk_conf.h"

struct backing {
	dev_t fs_dev; /* with fs_ino: which file it is; plain files only */
	ino_t fs_ino;
	bool direct;	      /* O_DIRECT; otherwise through the page cache */
	uint32_t sector_size; /* smallest aligned transfer, bytes */
	uint32_t physical_sector_size;
	uint64_t sectors; /* size in units of 512 bytes */
	enum blk_discard discard;
	bool discard_secure;
	uint32_t discard_granularity; /* bytes */
	uint32_t discard_alignment;   /* bytes */
};

/*
 * Open @path, with O_DIRECT where the file system allows it. On error returns
 * -errno and puts a reason into @why that makes sense to who wrote the
 * guest's configuration. The format is raw, whatever the content looks like.
 */
int backing_open(const char *path, bool readonly, struct backing *ret, int *ret_fd, char *why,
		 size_t why_size);

/*
 * How many sectors has it now? @fd may be O_PATH: it is only looked at, and the
 * disk is not waited for. -errno: cannot be told, or nothing that a disk can be.
 */
int backing_sectors(int fd, uint64_t *ret);

#endif
