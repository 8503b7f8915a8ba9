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

uint32_t req_sectors(const struct blkreq *req)
{
	uint32_t nr = 0;

	for (unsigned int i = 0; i < req->nr_segments; i++)
		nr += req->segments[i].last_sect - req->segments[i].first_sect + 1u;
	return nr;
}

void req_fill(const struct disk *d, const struct blkreq *req, uint64_t *seed)
{
	for (unsigned int i = 0; i < req->nr_segments; i++) {
		struct blkpage *page = page_of(d, req->segments[i].gref);

		for (unsigned int k = 0; page && k < GUEST_PAGE_SIZE; k += sizeof(*seed)) {
			uint64_t value = draw(seed);

			memcpy(page->data + k, &value, sizeof(value));
		}
	}
}

static bool has_data(const struct blkreq *req)
{
	return req->op == BLKIF_OP_READ || req->op == BLKIF_OP_WRITE ||
	       req->op == BLKIF_OP_FLUSH_DISKCACHE;
}

void req_prepare(const struct disk *d, const struct blkreq *req)
{
	for (unsigned int i = 0; req->op == BLKIF_OP_READ && i < req->nr_segments; i++)
		memset(page_of(d, req->segments[i].gref)->data, PAINT, GUEST_PAGE_SIZE);
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

void req_done(struct disk *d, const struct blkreq *req, int16_t status)
{
	uint8_t *model;

	if (status != BLKIF_RSP_OKAY || !has_data(req) || req->nr_segments == 0)
		return;
	check(req->sector <= d->bytes / SECTOR, "%s: OKAY beyond the end", d->dev);
	model = d->model + req->sector * SECTOR;
	for (unsigned int i = 0; i < req->nr_segments; i++) {
		const struct blkif_request_segment *seg = &req->segments[i];
		const struct blkpage *page = page_of(d, seg->gref);
		uint32_t at = seg->first_sect * SECTOR;
		uint32_t len = (seg->last_sect - seg->first_sect + 1u) * SECTOR;

		check(page, "%s: a segment without a page was answered OKAY", d->dev);
		check(model + len <= d->model + d->bytes, "%s: OKAY beyond the end", d->dev);
		if (req->op == BLKIF_OP_READ)
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
