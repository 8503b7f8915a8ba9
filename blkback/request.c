// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The life of one request: flush, transfer, flush, of which most have only
 * the transfer. Order among requests is the guest's business, as blkif says:
 * a flush covers what was answered before it was sent.
 */
#include "request.h"

#include <errno.h>

static void start_step(struct request *r, struct engine *e, uint64_t tag)
{
	uint64_t offset = r->req.offset + r->moved;
	uint32_t len = r->req.len - r->moved;

	if (r->stage != STAGE_TRANSFER)
		engine_flush(e, tag);
	else if (r->req.kind == BLK_REQ_READ)
		engine_read(e, tag, r->buf + r->moved, len, offset);
	else
		engine_write(e, tag, r->buf + r->moved, len, offset);
}

void request_start(struct request *r, struct engine *e, uint64_t tag)
{
	r->moved = 0;
	switch (r->req.kind) {
	case BLK_REQ_READ:
	case BLK_REQ_WRITE:
		r->stage = STAGE_TRANSFER;
		break;
	case BLK_REQ_FLUSH:
		r->stage = STAGE_FLUSH_AFTER;
		break;
	case BLK_REQ_FLUSH_WRITE:
		r->stage = STAGE_FLUSH_BEFORE;
		break;
	}
	start_step(r, e, tag);
}

/* A transfer may come in pieces; a piece of nothing is the end of the image. */
static void transferred(struct request *r, int32_t res)
{
	if (res == 0) {
		r->error = -EIO;
		return;
	}
	r->moved += (uint32_t)res;
	if (r->moved < r->req.len)
		return;
	r->stage = r->req.kind == BLK_REQ_FLUSH_WRITE ? STAGE_FLUSH_AFTER : STAGE_FINISHED;
}

bool request_advance(struct request *r, struct engine *e, uint64_t tag, int32_t res)
{
	if (res < 0 && res != -EAGAIN && res != -EINTR)
		r->error = res;
	else if (res >= 0 && r->stage == STAGE_TRANSFER)
		transferred(r, res);
	else if (res >= 0)
		r->stage = r->stage == STAGE_FLUSH_BEFORE ? STAGE_TRANSFER : STAGE_FINISHED;
	if (r->error || r->stage == STAGE_FINISHED)
		return true;
	start_step(r, e, tag);
	return false;
}

int16_t request_status(const struct request *r)
{
	return r->error ? BLKIF_RSP_ERROR : BLKIF_RSP_OKAY;
}
