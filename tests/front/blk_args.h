/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the block programs have in common: which disk, and how to connect it. */
#ifndef FRONT_BLK_ARGS_H
#define FRONT_BLK_ARGS_H

#include <stdint.h>

#include "blkfront.h"

/* "native", "x86_32", "x86_64": 0, or -EINVAL. */
int blk_args_abi(const char *text, enum blkabi *ret);

/* A number of @min..@max, or the program ends and says what is wrong with @what. */
uint64_t blk_args_number(const char *what, const char *text, uint64_t min, uint64_t max);

/* Connect, or the program ends and says why not. */
struct blkfront *blk_args_connect(const char *domid, const char *devid,
				  const struct blkfront_conf *conf);

/* Close; says on stderr what does not add up. Exit status. */
int blk_args_close(struct blkfront *f);

#endif
