// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The life of one request: flush, transfer, flush, of which most have only
 * the transfer. Order among requests is the guest's business, as blkif says:
 * a flush covers what was answered before it was sent. Only a barrier has a
 * place in the order; its queue sees to that.
 */
#include "request.h"

#include <errno.h>

static void start_step(struct request *r, struct engine *e, uint64_t tag)
{
	const struct iovec *iov = &r->iov[r->first_iov];
	unsigned int nr_iov = r->nr_iov - r->first_iov;
	uint64_t offset = r->req.offset + r->moved;

	if (r->stage == STAGE_DISCARD)
		engine_discard(e, tag, r->req.offset, r->req.len,
			       r->req.kind == BLK_REQ_DISCARD_SECURE);
	else if (r->stage != STAGE_TRANSFER)
		engine_flush(e, tag);
	else if (r->req.kind == BLK_REQ_READ)
		engine_read(e, tag, iov, nr_iov, offset);
	else
		engine_write(e, tag, iov, nr_iov, offset);
}

static enum request_stage first_stage(const struct blk_req *req)
{
	switch (req->kind) {
	case BLK_REQ_READ:
	case BLK_REQ_WRITE:
		return STAGE_TRANSFER;
	case BLK_REQ_FLUSH:
		return STAGE_FLUSH_AFTER;
	case BLK_REQ_FLUSH_WRITE:
		return STAGE_FLUSH_BEFORE;
	case BLK_REQ_BARRIER:
		return blk_has_data(req) ? STAGE_FLUSH_BEFORE : STAGE_FLUSH_AFTER;
	case BLK_REQ_DISCARD:
	case BLK_REQ_DISCARD_SECURE:
		return STAGE_DISCARD;
	}
	return STAGE_FINISHED;
}

void request_start(struct request *r, struct engine *e, uint64_t tag)
{
	r->moved = 0;
	r->first_iov = 0;
	r->stage = first_stage(&r->req);
	start_step(r, e, tag);
}

/* Take what is moved off the front of the list. */
static void consume_iov(struct request *r, uint64_t moved)
{
	struct iovec *iov = &r->iov[r->first_iov];

	for (; r->first_iov < r->nr_iov && moved >= iov->iov_len; iov++) {
		moved -= iov->iov_len;
		r->first_iov++;
	}
	if (moved > 0) {
		iov->iov_base = (uint8_t *)iov->iov_base + moved;
		iov->iov_len -= moved;
	}
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
		consume_iov(r, (uint32_t)res);
	else if (r->req.kind == BLK_REQ_FLUSH_WRITE || r->req.kind == BLK_REQ_BARRIER)
		r->stage = STAGE_FLUSH_AFTER;
	else
		r->stage = STAGE_FINISHED;
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

bool request_flushes(const struct request *r)
{
	return r->stage == STAGE_FLUSH_BEFORE || r->stage == STAGE_FLUSH_AFTER;
}

bool request_will_flush(const struct request *r)
{
	return r->req.kind == BLK_REQ_FLUSH || r->req.kind == BLK_REQ_FLUSH_WRITE ||
	       r->req.kind == BLK_REQ_BARRIER;
}

int16_t request_status(const struct request *r)
{
	/* Of a discard alone: told the same of a flush, Linux would flush no more. */
	if (r->error == -EOPNOTSUPP && r->stage == STAGE_DISCARD)
		return BLKIF_RSP_EOPNOTSUPP;
	return r->error ? BLKIF_RSP_ERROR : BLKIF_RSP_OKAY;
}
