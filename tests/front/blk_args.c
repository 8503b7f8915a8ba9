// SPDX-License-Identifier: GPL-2.0-or-later
/* What the block programs have in common. */
#include "blk_args.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

int blk_args_abi(const char *text, enum blkabi *ret)
{
	static const char *const names[BLKABI_NR] = {
		[BLKABI_NATIVE] = "native",
		[BLKABI_X86_32] = "x86_32",
		[BLKABI_X86_64] = "x86_64",
	};

	for (int i = 0; i < BLKABI_NR; i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret = (enum blkabi)i;
			return 0;
		}
	}
	return -EINVAL;
}

uint64_t blk_args_number(const char *what, const char *text, uint64_t min, uint64_t max)
{
	uint64_t value;

	if (num_u64(text, min, max, &value) != 0) {
		fprintf(stderr, "%s: not a number of %" PRIu64 "..%" PRIu64 ": %s\n", what, min,
			max, text);
		exit(2);
	}
	return value;
}

struct blkfront *blk_args_connect(const char *domid, const char *devid,
				  const struct blkfront_conf *conf)
{
	uint16_t dom = (uint16_t)blk_args_number("DOMID", domid, 0, UINT16_MAX);
	unsigned int dev = (unsigned int)blk_args_number("DEVID", devid, 0, UINT32_MAX);
	struct blkfront *f;
	int err = blkfront_open(dom, dev, conf, &f);

	if (err) {
		fprintf(stderr, "cannot connect vbd %u of domain %u: %s\n", dev, dom,
			strerror(-err));
		exit(1);
	}
	return f;
}

int blk_args_close(struct blkfront *f)
{
	int status = 0, err;

	for (unsigned int i = 0; i < f->nr_queues; i++) {
		const struct blkqueue_count *c = &blkfront_queue(f, i)->count;

		if (c->strange > 0 || c->answered != c->submitted) {
			fprintf(stderr,
				"%" PRIu64 " requests, %" PRIu64 " answered, %" PRIu64
				" answers to nothing\n",
				c->submitted, c->answered, c->strange);
			status = 1;
		}
	}
	err = blkfront_close(f);
	if (err) {
		fprintf(stderr, "cannot close the disk: %s\n", strerror(-err));
		status = 1;
	}
	return status;
}
