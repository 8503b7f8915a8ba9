// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Between the guest's pages and the image.
 *
 * Theory of operation
 * -------------------
 * Data goes one of two ways. A frontend that leaves its grants in place
 * (feature-persistent) has its pages mapped once, and the image is read and
 * written straight from them: no copy here, the guest pays with one of its own.
 * Everything else is copied by the hypervisor to or from a private buffer, all
 * segments of all requests of a turn in one call. Requests of the second kind
 * do not depend on anything of the first, so whatever is amiss with a mapping
 * (table full, grant refused, segments that the image's sectors do not allow)
 * ends in a copy, and a grant that is bad ends in the status of the copy.
 */
#include <errno.h>

#include "queue_priv.h"

static void put_pages(struct blk_queue *q, struct request *r, unsigned int nr)
{
	while (nr > 0)
		persist_put(r->pages[--nr], q->turn_ns);
}

/* The image takes whole sectors from addresses that are multiples of them. */
static bool segment_fits(const struct blk_queue *q, const struct blk_segment *seg)
{
	return (seg->offset | seg->len) % q->conf.sector_size == 0;
}

static bool attach_pages(struct blk_queue *q, struct request *r)
{
	for (unsigned int i = 0; i < r->req.nr_segments; i++) {
		const struct blk_segment *seg = &r->req.segments[i];

		r->pages[i] = segment_fits(q, seg) ? persist_get(q->persist, seg->gref, q->turn_ns)
						   : NULL;
		if (!r->pages[i]) {
			put_pages(q, r, i);
			return false;
		}
		r->iov[i].iov_base = persist_addr(r->pages[i]) + seg->offset;
		r->iov[i].iov_len = seg->len;
	}
	r->nr_iov = r->req.nr_segments;
	r->bounce = NULL;
	return true;
}

int data_attach(struct blk_queue *q, struct request *r)
{
	r->bounce = NULL;
	r->nr_iov = 0;
	if (!blk_has_data(&r->req))
		return 0;
	q->holding = true;
	if (q->persist && attach_pages(q, r)) {
		q->count->mapped++;
		return 0;
	}
	r->bounce = bounce_get(q->bounce, r->req.len);
	if (!r->bounce)
		return -EAGAIN;
	r->iov[0].iov_base = r->bounce;
	r->iov[0].iov_len = r->req.len;
	r->nr_iov = 1;
	return 0;
}

void data_detach(struct blk_queue *q, struct request *r)
{
	if (r->bounce)
		bounce_put(q->bounce, r->bounce);
	else if (r->nr_iov > 0)
		put_pages(q, r, r->req.nr_segments);
}

static void add_copies(struct gcopy *gc, struct request *r)
{
	uint64_t at = 0;

	r->first_copy = gcopy_count(gc);
	for (unsigned int i = 0; i < r->req.nr_segments; i++) {
		const struct blk_segment *seg = &r->req.segments[i];

		gcopy_add(gc, seg->gref, seg->offset, r->bounce + at, seg->len);
		at += seg->len;
	}
}

static bool is_copied(const struct request *r, bool reads)
{
	return r->bounce && !r->error && (r->req.kind == BLK_REQ_READ) == reads;
}

void data_copy(struct blk_queue *q, struct gcopy *gc, struct batch *b, bool reads)
{
	gcopy_reset(gc);
	for (unsigned int i = 0; i < b->nr; i++) {
		struct request *r = batch_at(q, b, i);

		if (is_copied(r, reads))
			add_copies(gc, r);
	}
	if (gcopy_count(gc) == 0)
		return;
	q->count->copies++;
	gcopy_run(gc);
	for (unsigned int i = 0; i < b->nr; i++) {
		struct request *r = batch_at(q, b, i);

		if (is_copied(r, reads) && !gcopy_ok(gc, r->first_copy, r->req.nr_segments))
			r->error = -EFAULT;
	}
}

void data_fetch_descriptors(struct blk_queue *q, struct batch *b)
{
	struct gcopy *gc = q->fetch;

	gcopy_reset(gc);
	for (unsigned int i = 0; i < b->nr; i++) {
		struct request *r = batch_at(q, b, i);

		if (r->verdict != BLK_FETCH)
			continue;
		r->first_copy = gcopy_count(gc);
		gcopy_add(gc, r->req.indirect_gref, 0, &q->descriptors[b->index[i]],
			  (uint16_t)(r->req.nr_segments * sizeof(struct blkif_request_segment)));
	}
	if (gcopy_count(gc) == 0)
		return;
	q->count->copies++;
	q->count->indirect += gcopy_count(gc);
	gcopy_run(gc);
	for (unsigned int i = 0; i < b->nr; i++) {
		struct request *r = batch_at(q, b, i);

		if (r->verdict != BLK_FETCH)
			continue;
		r->verdict = BLK_REJECT;
		if (gcopy_ok(gc, r->first_copy, 1))
			r->verdict =
				blk_parse_indirect(&q->conf, &q->descriptors[b->index[i]], &r->req);
	}
}

void data_release_idle(struct blk_queue *q)
{
	if (q->persist)
		persist_release(q->persist, UINT64_MAX);
	bounce_trim(q->bounce);
	q->holding = false;
}
