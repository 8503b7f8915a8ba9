// SPDX-License-Identifier: GPL-2.0-or-later
/* From the raw copy of a ring slot to a judged request. */
#include "parse.h"

#include <stddef.h>
#include <string.h>

#define SECTOR 512u
#define SECTORS_PER_PAGE 8u

/*
 * Where the fields of struct blkif_request are. The 64-bit fields are aligned
 * to 8 bytes in every ABI but that of 32-bit x86, where they are aligned to 4.
 */
struct layout {
	uint32_t slot_size;
	uint8_t id;
	uint8_t sector_number;
	uint8_t segments;
};

static const struct layout layout_aligned = { 112, 8, 16, 24 };
static const struct layout layout_x86_32 = { 108, 4, 12, 20 };

_Static_assert(sizeof(struct blkif_request_segment) == 8, "xen/io/blkif.h");
#ifdef __x86_64__
_Static_assert(sizeof(struct blkif_request) == 112, "layout_aligned");
_Static_assert(offsetof(struct blkif_request, seg) == 24, "layout_aligned");
#endif

static const struct layout *layout_of(enum blk_abi abi)
{
	switch (abi) {
	case BLK_ABI_X86_32:
		return &layout_x86_32;
	case BLK_ABI_X86_64:
		return &layout_aligned;
	case BLK_ABI_NATIVE:
#ifdef __i386__
		return &layout_x86_32;
#else
		return &layout_aligned;
#endif
	}
	return &layout_aligned;
}

uint32_t blk_slot_size(enum blk_abi abi)
{
	return layout_of(abi)->slot_size;
}

static uint64_t get_u64(const struct blk_slot *slot, unsigned int at)
{
	uint64_t value;

	memcpy(&value, slot->bytes + at, sizeof(value));
	return value;
}

static bool parse_segment(const struct blk_slot *slot, unsigned int at, struct blk_segment *ret)
{
	struct blkif_request_segment seg;

	memcpy(&seg, slot->bytes + at, sizeof(seg));
	if (seg.first_sect > seg.last_sect || seg.last_sect >= SECTORS_PER_PAGE)
		return false;
	ret->gref = seg.gref;
	ret->offset = (uint16_t)(seg.first_sect * SECTOR);
	ret->len = (uint16_t)((seg.last_sect - seg.first_sect + 1u) * SECTOR);
	return true;
}

static bool parse_segments(const struct blk_slot *slot, unsigned int at, struct blk_req *req)
{
	req->nr_segments = slot->bytes[1];
	req->len = 0;
	if (req->nr_segments > BLK_MAX_SEGMENTS)
		return false;
	for (unsigned int i = 0; i < req->nr_segments; i++) {
		if (!parse_segment(slot, at + 8 * i, &req->segments[i]))
			return false;
		req->len += req->segments[i].len;
	}
	return true;
}

static bool within_disk(const struct blk_conf *conf, uint64_t sector, struct blk_req *req)
{
	uint64_t nr = req->len / SECTOR;

	if (sector > conf->sectors || nr > conf->sectors - sector)
		return false;
	req->offset = sector * SECTOR;
	return req->offset % conf->sector_size == 0 && req->len % conf->sector_size == 0;
}

static enum blk_verdict parse_transfer(const struct blk_conf *conf, const struct layout *at,
				       const struct blk_slot *slot, struct blk_req *req)
{
	if (!parse_segments(slot, at->segments, req) || req->nr_segments == 0)
		return BLK_REJECT;
	if (req->kind != BLK_REQ_READ && conf->readonly)
		return BLK_REJECT;
	if (!within_disk(conf, get_u64(slot, at->sector_number), req))
		return BLK_REJECT;
	return BLK_OK;
}

enum blk_verdict blk_parse(const struct blk_conf *conf, const struct blk_slot *slot,
			   struct blk_req *req)
{
	const struct layout *at = layout_of(conf->abi);

	req->operation = slot->bytes[0];
	req->id = get_u64(slot, at->id);
	switch (req->operation) {
	case BLKIF_OP_READ:
		req->kind = BLK_REQ_READ;
		return parse_transfer(conf, at, slot, req);
	case BLKIF_OP_WRITE:
		req->kind = BLK_REQ_WRITE;
		return parse_transfer(conf, at, slot, req);
	case BLKIF_OP_FLUSH_DISKCACHE:
		if (slot->bytes[1] > 0) {
			req->kind = BLK_REQ_FLUSH_WRITE;
			return parse_transfer(conf, at, slot, req);
		}
		req->kind = BLK_REQ_FLUSH;
		req->nr_segments = 0;
		req->offset = 0;
		req->len = 0;
		return BLK_OK;
	default:
		return BLK_UNSUPPORTED;
	}
}

void blk_format_response(const struct blk_req *req, int16_t status, struct blk_response *rsp)
{
	memset(rsp, 0, sizeof(*rsp)); /* byte 9 is padding (XSA-216) */
	memcpy(rsp->bytes, &req->id, sizeof(req->id));
	rsp->bytes[8] = req->operation;
	memcpy(rsp->bytes + 10, &status, sizeof(status));
}
