/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of one request between being judged and being answered. */
#ifndef PVBACK_BLK_REQUEST_H
#define PVBACK_BLK_REQUEST_H

#include <sys/uio.h>

#include "engine.h"
#include "parse.h"

struct persist_page;

enum request_stage {
	STAGE_FLUSH_BEFORE,
	STAGE_TRANSFER,
	STAGE_FLUSH_AFTER,
	STAGE_DISCARD,
	STAGE_FINISHED,
};

/* Large: most of it is for indirect requests, and never touched by others. */
struct request {
	enum request_stage stage;
	int error; /* 0 or -errno; the first one counts */
	enum blk_verdict verdict;
	bool kept; /* a limit has kept it waiting */
	uint64_t taken_ns;
	uint64_t started_ns;
	uint64_t moved;		 /* bytes of the transfer that are done */
	unsigned int first_copy; /* number of its first copy in the batch */
	uint8_t *bounce;	 /* its data is copied through here; NULL: it is not copied */
	bool mapped;		 /* pages[] are held */
	unsigned int nr_iov;	 /* where its data lies, what is moved already taken off */
	unsigned int first_iov;
	struct blk_req req;
	struct iovec iov[BLK_MAX_SEGMENTS];
	struct persist_page *pages[BLK_MAX_SEGMENTS]; /* one for each segment */
};

/* Give the engine the first step. @tag comes back with each completion. */
void request_start(struct request *r, struct engine *e, uint64_t tag);

/*
 * A step is done with @res; start the next one. True: finished, r->error
 * says how.
 */
bool request_advance(struct request *r, struct engine *e, uint64_t tag, int32_t res);

/* Is what it is doing now a flush of the disk's cache? */
bool request_flushes(const struct request *r);

/* Does the image take flushes on its behalf before it is answered? */
bool request_will_flush(const struct request *r);

/* Errors as the guest may see them (BLKIF_RSP_*). */
int16_t request_status(const struct request *r);

#endif
