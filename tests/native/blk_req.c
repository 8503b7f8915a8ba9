// SPDX-License-Identifier: GPL-2.0-or-later
/* Block tests: requests, and what each has to lead to. */
#include <inttypes.h>
#include <string.h>

#include "blk_case.h"

#define PAINT 0xa5

/* The page that a segment's grant reference stands for; NULL: none of the pool's. */
static struct blkpage *page_of(const struct disk *d, uint32_t gref)
{
	for (unsigned int i = 0; i < d->front->nr_pages; i++)
		if (d->front->pages[i].rw == gref || d->front->pages[i].ro == gref)
			return &d->front->pages[i];
	return NULL;
}

void req_init(const struct disk *d, struct blkreq *req, uint8_t op, uint64_t sector,
	      unsigned int page, unsigned int nr, uint8_t first, uint8_t last)
{
	memset(req, 0, sizeof(*req));
	req->op = op;
	req->sector = sector;
	req->nr_segments = (uint8_t)nr;
	for (unsigned int i = 0; i < nr && i < SEGMENTS; i++)
		req->segments[i] = blkpage_segment(&d->front->pages[page + i], op == BLKIF_OP_READ,
						   first, last);
}

void req_init_indirect(const struct disk *d, struct blkreq *req, uint8_t op, uint64_t sector,
		       unsigned int table, unsigned int page, unsigned int nr)
{
	memset(req, 0, sizeof(*req));
	req->op = BLKIF_OP_INDIRECT;
	req->inner = op;
	req->sector = sector;
	req->nr_indirect = (uint16_t)nr;
	req->indirect_gref = d->front->pages[table].ro;
	req->descriptors = (struct blkif_request_segment *)(void *)d->front->pages[table].data;
	for (unsigned int i = 0; i < nr && i < BLKREQ_INDIRECT_MAX; i++)
		req->descriptors[i] =
			blkpage_segment(&d->front->pages[page + i], op == BLKIF_OP_READ, 0, 7);
}

void req_init_discard(struct blkreq *req, uint64_t sector, uint64_t nr)
{
	memset(req, 0, sizeof(*req));
	req->op = BLKIF_OP_DISCARD;
	req->sector = sector;
	req->nr_sectors = nr;
}

static const struct blkif_request_segment *segments_of(const struct blkreq *req, unsigned int *nr)
{
	*nr = req->op == BLKIF_OP_INDIRECT ? req->nr_indirect : req->nr_segments;
	return req->op == BLKIF_OP_INDIRECT ? req->descriptors : req->segments;
}

uint32_t req_sectors(const struct blkreq *req)
{
	unsigned int nr_segments;
	const struct blkif_request_segment *seg = segments_of(req, &nr_segments);
	uint32_t nr = 0;

	for (unsigned int i = 0; i < nr_segments; i++)
		nr += seg[i].last_sect - seg[i].first_sect + 1u;
	return nr;
}

void req_fill(const struct disk *d, const struct blkreq *req, uint64_t *seed)
{
	unsigned int nr;
	const struct blkif_request_segment *seg = segments_of(req, &nr);

	for (unsigned int i = 0; i < nr; i++) {
		struct blkpage *page = page_of(d, seg[i].gref);

		for (unsigned int k = 0; page && k < GUEST_PAGE_SIZE; k += sizeof(*seed)) {
			uint64_t value = draw(seed);

			memcpy(page->data + k, &value, sizeof(value));
		}
	}
}

/* What it does; of an indirect request, what is inside. */
static uint8_t op_of(const struct blkreq *req)
{
	return req->op == BLKIF_OP_INDIRECT ? req->inner : req->op;
}

static bool has_data(const struct blkreq *req)
{
	uint8_t op = op_of(req);

	return op == BLKIF_OP_READ || op == BLKIF_OP_WRITE || op == BLKIF_OP_FLUSH_DISKCACHE ||
	       op == BLKIF_OP_WRITE_BARRIER;
}

void req_prepare(const struct disk *d, const struct blkreq *req)
{
	unsigned int nr;
	const struct blkif_request_segment *seg = segments_of(req, &nr);

	for (unsigned int i = 0; op_of(req) == BLKIF_OP_READ && i < nr; i++) {
		const struct blkpage *page = page_of(d, seg[i].gref);

		check(page, "a segment without a page");
		memset(page->data, PAINT, GUEST_PAGE_SIZE);
	}
}

static void check_painted(const struct disk *d, const uint8_t *bytes, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		check(bytes[i] == PAINT, "%s: a read has touched bytes outside of its segments",
		      d->dev);
}

static void check_read(const struct disk *d, const struct blkpage *page, uint32_t at, uint32_t len,
		       const uint8_t *model)
{
	check_painted(d, page->data, at);
	check_painted(d, page->data + at + len, GUEST_PAGE_SIZE - at - len);
	check(memcmp(page->data + at, model, len) == 0,
	      "%s: a read from sector %" PRIu64 " got something else", d->dev,
	      (uint64_t)(model - d->model) / SECTOR);
}

/* A discarded sector is one of zeros: a file has a hole there. */
static void discarded(struct disk *d, const struct blkreq *req)
{
	check(req->nr_sectors <= d->bytes / SECTOR &&
		      req->sector <= d->bytes / SECTOR - req->nr_sectors,
	      "%s: OKAY beyond the end", d->dev);
	memset(d->model + req->sector * SECTOR, 0, req->nr_sectors * SECTOR);
}

void req_done(struct disk *d, const struct blkreq *req, int16_t status)
{
	unsigned int nr;
	const struct blkif_request_segment *seg = segments_of(req, &nr);
	uint8_t *model;

	if (status == BLKIF_RSP_OKAY && req->op == BLKIF_OP_DISCARD)
		discarded(d, req);
	if (status != BLKIF_RSP_OKAY || !has_data(req) || nr == 0)
		return;
	check(req->sector <= d->bytes / SECTOR, "%s: OKAY beyond the end", d->dev);
	model = d->model + req->sector * SECTOR;
	for (; nr > 0; nr--, seg++) {
		const struct blkpage *page = page_of(d, seg->gref);
		uint32_t at = seg->first_sect * SECTOR;
		uint32_t len = (seg->last_sect - seg->first_sect + 1u) * SECTOR;

		check(page, "%s: a segment without a page was answered OKAY", d->dev);
		check(model + len <= d->model + d->bytes, "%s: OKAY beyond the end", d->dev);
		if (op_of(req) == BLKIF_OP_READ)
			check_read(d, page, at, len, model);
		else
			memcpy(model, page->data + at, len);
		model += len;
	}
}

int16_t disk_do(struct disk *d, struct blkreq *req)
{
	int status;

	req_prepare(d, req);
	status = blkqueue_do(d->q, req);
	check(status > BLKFRONT_NO_ANSWER(0) / 2, "%s: no answer to a request (%s)", d->dev,
	      strerror(-(status + 1000)));
	req_done(d, req, (int16_t)status);
	return (int16_t)status;
}

void disk_expect(struct disk *d, struct blkreq *req, int16_t status)
{
	int16_t got = disk_do(d, req);

	check(got == status,
	      "%s: operation %u of %u segments at sector %" PRIu64 " answered %d, not %d", d->dev,
	      req->op, req->nr_segments, req->sector, got, status);
}

void disk_works(struct disk *d)
{
	uint64_t seed = 4711 + d->q->count.submitted;
	struct blkreq req;

	if (!d->readonly) {
		req_init(d, &req, BLKIF_OP_WRITE, 8, 0, 1, 0, 7);
		req_fill(d, &req, &seed);
		disk_expect(d, &req, BLKIF_RSP_OKAY);
	}
	req_init(d, &req, BLKIF_OP_READ, 8, 1, 1, 0, 7);
	disk_expect(d, &req, BLKIF_RSP_OKAY);
}

void disk_drain(struct disk *d, void (*each)(struct disk *d, const struct blkdone *done))
{
	struct blkdone done;

	while (blkqueue_inflight(d->q) > 0) {
		check(blkqueue_wait(d->q, PATIENCE_MS) == 1, "%s: %u requests are not answered",
		      d->dev, blkqueue_inflight(d->q));
		while (blkqueue_reap(d->q, &done, 1) == 1) {
			check(!done.strange, "%s: an answer to what was not in flight", d->dev);
			if (each)
				each(d, &done);
		}
	}
}
