/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of one request between being judged and being answered. */
#ifndef PVBACK_BLK_REQUEST_H
#define PVBACK_BLK_REQUEST_H

#include "engine.h"
#include "parse.h"

enum request_stage {
	STAGE_FLUSH_BEFORE,
	STAGE_TRANSFER,
	STAGE_FLUSH_AFTER,
	STAGE_FINISHED,
};

struct request {
	struct blk_req req;
	uint8_t *buf; /* BLK_MAX_REQUEST_BYTES of our own, page-aligned */
	enum request_stage stage;
	uint32_t moved;		 /* bytes of the transfer that are done */
	int error;		 /* 0 or -errno; the first one counts */
	unsigned int first_copy; /* number of its first copy in the batch */
};

/* Give the engine the first step. @tag comes back with each completion. */
void request_start(struct request *r, struct engine *e, uint64_t tag);

/*
 * A step is done with @res; start the next one. True: finished, r->error
 * says how.
 */
bool request_advance(struct request *r, struct engine *e, uint64_t tag, int32_t res);

/* Errors as the guest may see them (BLKIF_RSP_*). */
int16_t request_status(const struct request *r);

#endif
