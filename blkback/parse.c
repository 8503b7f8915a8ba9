// SPDX-License-Identifier: GPL-2.0-or-later
/* From the raw copy of a ring slot to a judged request. */
#include "parse.h"

#include <stddef.h>
#include <string.h>

#define SECTOR 512u
#define SECTORS_PER_PAGE 8u

/*
 * Where the fields of struct blkif_request, blkif_request_discard and
 * blkif_request_indirect are. The 64-bit fields are aligned to 8 bytes in
 * every ABI but that of 32-bit x86, where they are aligned to 4.
 */
struct layout {
	uint32_t slot_size;
	uint8_t id;
	uint8_t sector_number;
	uint8_t segments;
	uint8_t nr_sectors;
	uint8_t indirect_grefs;
};

static const struct layout layout_aligned = { 112, 8, 16, 24, 24, 28 };
static const struct layout layout_x86_32 = { 108, 4, 12, 20, 20, 24 };

/* The same in all ABIs. */
#define AT_NR_SEGMENTS 1  /* direct: u8 */
#define AT_DISCARD_FLAG 1 /* u8 */
#define AT_INDIRECT_OP 1  /* u8 */
#define AT_NR_INDIRECT 2  /* u16 */

#define DESCRIPTOR_SIZE 8u

_Static_assert(sizeof(struct blkif_request_segment) == DESCRIPTOR_SIZE, "xen/io/blkif.h");
_Static_assert(BLK_MAX_INDIRECT *DESCRIPTOR_SIZE <= 4096, "descriptors fit into one page");
#ifdef __x86_64__
_Static_assert(sizeof(struct blkif_request) == 112, "layout_aligned");
_Static_assert(offsetof(struct blkif_request, seg) == 24, "layout_aligned");
_Static_assert(offsetof(struct blkif_request_discard, nr_sectors) == 24, "layout_aligned");
_Static_assert(offsetof(struct blkif_request_indirect, indirect_grefs) == 28, "layout_aligned");
_Static_assert(offsetof(struct blkif_request_indirect, nr_segments) == AT_NR_INDIRECT, "all");
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

static uint32_t get_u32(const struct blk_slot *slot, unsigned int at)
{
	uint32_t value;

	memcpy(&value, slot->bytes + at, sizeof(value));
	return value;
}

static uint16_t get_u16(const struct blk_slot *slot, unsigned int at)
{
	uint16_t value;

	memcpy(&value, slot->bytes + at, sizeof(value));
	return value;
}

static bool parse_segment(const uint8_t *descriptor, struct blk_segment *ret)
{
	struct blkif_request_segment seg;

	memcpy(&seg, descriptor, sizeof(seg));
	if (seg.first_sect > seg.last_sect || seg.last_sect >= SECTORS_PER_PAGE)
		return false;
	ret->gref = seg.gref;
	ret->offset = (uint16_t)(seg.first_sect * SECTOR);
	ret->len = (uint16_t)((seg.last_sect - seg.first_sect + 1u) * SECTOR);
	return true;
}

static bool parse_segments(const uint8_t *descriptors, struct blk_req *req)
{
	req->len = 0;
	for (unsigned int i = 0; i < req->nr_segments; i++) {
		if (!parse_segment(descriptors + (size_t)i * DESCRIPTOR_SIZE, &req->segments[i]))
			return false;
		req->len += req->segments[i].len;
	}
	return true;
}

/* len and nr sectors from @sector on are inside the disk, in whole sectors of it. */
static bool within_disk(const struct blk_conf *conf, uint64_t sector, uint64_t nr)
{
	if (sector > conf->sectors || nr > conf->sectors - sector)
		return false;
	return sector * SECTOR % conf->sector_size == 0 && nr * SECTOR % conf->sector_size == 0;
}

/* What is left to judge once the segments are known; offset is still in sectors. */
static enum blk_verdict judge_transfer(const struct blk_conf *conf, struct blk_req *req)
{
	uint64_t sector = req->offset;

	if (req->kind != BLK_REQ_READ && conf->readonly)
		return BLK_REJECT;
	if (!within_disk(conf, sector, req->len / SECTOR))
		return BLK_REJECT;
	req->offset = sector * SECTOR;
	return BLK_OK;
}

static enum blk_verdict parse_transfer(const struct blk_conf *conf, const struct layout *at,
				       const struct blk_slot *slot, enum blk_kind kind,
				       struct blk_req *req)
{
	req->kind = kind;
	req->offset = get_u64(slot, at->sector_number);
	req->nr_segments = slot->bytes[AT_NR_SEGMENTS];
	if (req->nr_segments == 0 || req->nr_segments > BLK_MAX_DIRECT ||
	    !parse_segments(slot->bytes + at->segments, req))
		return BLK_REJECT;
	return judge_transfer(conf, req);
}

/* Without data it is a flush alone; a barrier's place in the ring counts even then. */
static enum blk_verdict parse_flush(const struct blk_conf *conf, const struct layout *at,
				    const struct blk_slot *slot, enum blk_kind with_data,
				    enum blk_kind without, struct blk_req *req)
{
	if (slot->bytes[AT_NR_SEGMENTS] > 0)
		return parse_transfer(conf, at, slot, with_data, req);
	req->kind = without;
	req->nr_segments = 0;
	req->offset = 0;
	req->len = 0;
	return BLK_OK;
}

static enum blk_verdict parse_discard(const struct blk_conf *conf, const struct layout *at,
				      const struct blk_slot *slot, struct blk_req *req)
{
	uint64_t sector = get_u64(slot, at->sector_number);
	uint64_t nr = get_u64(slot, at->nr_sectors);
	bool secure = slot->bytes[AT_DISCARD_FLAG] & BLKIF_DISCARD_SECURE;

	if (conf->discard == BLK_DISCARD_NONE)
		return BLK_UNSUPPORTED;
	if (conf->readonly || nr == 0 || !within_disk(conf, sector, nr))
		return BLK_REJECT;
	/* Without discard-secure the flag is to be ignored (xen/io/blkif.h). */
	req->kind = secure && conf->discard_secure ? BLK_REQ_DISCARD_SECURE : BLK_REQ_DISCARD;
	req->nr_segments = 0;
	req->offset = sector * SECTOR;
	req->len = nr * SECTOR;
	return BLK_OK;
}

/*
 * Reads and writes only (xen/io/blkif.h). The response names the operation
 * inside: that is what Linux' frontend compares with.
 */
static enum blk_verdict parse_indirect(const struct layout *at, const struct blk_slot *slot,
				       struct blk_req *req)
{
	uint8_t operation = slot->bytes[AT_INDIRECT_OP];

	req->operation = operation;
	req->nr_segments = get_u16(slot, AT_NR_INDIRECT);
	if ((operation != BLKIF_OP_READ && operation != BLKIF_OP_WRITE) || req->nr_segments == 0 ||
	    req->nr_segments > BLK_MAX_INDIRECT)
		return BLK_REJECT;
	req->kind = operation == BLKIF_OP_READ ? BLK_REQ_READ : BLK_REQ_WRITE;
	req->offset = get_u64(slot, at->sector_number);
	req->indirect_gref = get_u32(slot, at->indirect_grefs);
	return BLK_FETCH;
}

enum blk_verdict blk_parse_indirect(const struct blk_conf *conf, const void *descriptors,
				    struct blk_req *req)
{
	return parse_segments(descriptors, req) ? judge_transfer(conf, req) : BLK_REJECT;
}

enum blk_verdict blk_parse(const struct blk_conf *conf, const struct blk_slot *slot,
			   struct blk_req *req)
{
	const struct layout *at = layout_of(conf->abi);

	req->operation = slot->bytes[0];
	req->id = get_u64(slot, at->id);
	switch (req->operation) {
	case BLKIF_OP_READ:
		return parse_transfer(conf, at, slot, BLK_REQ_READ, req);
	case BLKIF_OP_WRITE:
		return parse_transfer(conf, at, slot, BLK_REQ_WRITE, req);
	case BLKIF_OP_FLUSH_DISKCACHE:
		return parse_flush(conf, at, slot, BLK_REQ_FLUSH_WRITE, BLK_REQ_FLUSH, req);
	case BLKIF_OP_WRITE_BARRIER:
		return parse_flush(conf, at, slot, BLK_REQ_BARRIER, BLK_REQ_BARRIER, req);
	case BLKIF_OP_DISCARD:
		return parse_discard(conf, at, slot, req);
	case BLKIF_OP_INDIRECT:
		return parse_indirect(at, slot, req);
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
