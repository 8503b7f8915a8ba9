// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Between the guest's pages and the image.
 *
 * Theory of operation
 * -------------------
 * Data goes one of three ways (enum blk_data). A frontend that leaves its grants
 * in place (feature-persistent) has its pages mapped once. From there the worker
 * copies to and from a private buffer, at the cost of nothing but the copy; or
 * the image is read and written straight from them, which spares the copy but makes
 * the kernel look up each page each time. Without such grants the hypervisor
 * copies, all segments of all requests of a turn in one call. That way depends on
 * nothing of the others, so whatever is amiss with a mapping (table full, grant
 * refused) ends in it, and a grant that is bad ends in the status of the copy.
 */
#include <errno.h>
#include <string.h>

#include "queue_priv.h"

static void put_pages(struct blk_queue *q, struct request *r, unsigned int nr)
{
	while (nr > 0)
		persist_put(r->pages[--nr], q->turn_ns);
	r->mapped = false;
}

static void get_pages(struct blk_queue *q, struct request *r)
{
	for (unsigned int i = 0; i < r->req.nr_segments; i++) {
		r->pages[i] = persist_get(q->persist, r->req.segments[i].gref, q->turn_ns);
		if (!r->pages[i]) {
			put_pages(q, r, i);
			return;
		}
	}
	r->mapped = true;
}

static uint8_t *segment_addr(const struct request *r, unsigned int i)
{
	return persist_addr(r->pages[i]) + r->req.segments[i].offset;
}

/* The image takes whole sectors from addresses that are multiples of them. */
static bool segments_fit(const struct blk_queue *q, const struct request *r)
{
	for (unsigned int i = 0; i < r->req.nr_segments; i++) {
		const struct blk_segment *seg = &r->req.segments[i];

		if ((seg->offset | seg->len) % q->conf.sector_size != 0)
			return false;
	}
	return true;
}

static void point_at_pages(struct request *r)
{
	for (unsigned int i = 0; i < r->req.nr_segments; i++) {
		r->iov[i].iov_base = segment_addr(r, i);
		r->iov[i].iov_len = r->req.segments[i].len;
	}
	r->nr_iov = r->req.nr_segments;
}

static int point_at_buffer(struct blk_queue *q, struct request *r)
{
	r->bounce = bounce_get(q->bounce, r->req.len);
	if (!r->bounce)
		return -EAGAIN;
	r->iov[0].iov_base = r->bounce;
	r->iov[0].iov_len = r->req.len;
	r->nr_iov = 1;
	return 0;
}

int data_attach(struct blk_queue *q, struct request *r)
{
	int err = 0;

	r->bounce = NULL;
	r->mapped = false;
	r->nr_iov = 0;
	if (!blk_has_data(&r->req))
		return 0;
	q->holding = true;
	if (q->persist)
		get_pages(q, r);
	if (r->mapped && q->conf.data == BLK_DATA_DIRECT && segments_fit(q, r))
		point_at_pages(r);
	else
		err = point_at_buffer(q, r);
	if (err)
		data_detach(q, r);
	else
		q->count->mapped += r->mapped;
	return err;
}

void data_detach(struct blk_queue *q, struct request *r)
{
	if (r->bounce)
		bounce_put(q->bounce, r->bounce);
	if (r->mapped)
		put_pages(q, r, r->req.nr_segments);
}

/* The guest may change it meanwhile; what it gets or writes then is its own affair. */
static void copy_mapped(struct request *r, bool reads)
{
	uint8_t *at = r->bounce;

	for (unsigned int i = 0; i < r->req.nr_segments; i++) {
		uint32_t len = r->req.segments[i].len;

		if (reads)
			memcpy(segment_addr(r, i), at, len);
		else
			memcpy(at, segment_addr(r, i), len);
		at += len;
	}
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

static bool goes_this_way(const struct request *r, bool reads)
{
	return r->bounce && !r->error && (r->req.kind == BLK_REQ_READ) == reads;
}

void data_copy(struct blk_queue *q, struct gcopy *gc, struct batch *b, bool reads)
{
	gcopy_reset(gc);
	for (unsigned int i = 0; i < b->nr; i++) {
		struct request *r = batch_at(q, b, i);

		if (!goes_this_way(r, reads))
			continue;
		if (r->mapped)
			copy_mapped(r, reads);
		else
			add_copies(gc, r);
	}
	if (gcopy_count(gc) == 0)
		return;
	q->count->copies++;
	gcopy_run(gc);
	for (unsigned int i = 0; i < b->nr; i++) {
		struct request *r = batch_at(q, b, i);

		if (goes_this_way(r, reads) && !r->mapped &&
		    !gcopy_ok(gc, r->first_copy, r->req.nr_segments))
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
