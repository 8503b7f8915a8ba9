/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the raw copy of a ring slot to a judged request. Pure; knows the ring
 * ABIs, and is the only place that does.
 */
#ifndef PVBACK_BLK_PARSE_H
#define PVBACK_BLK_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/grant_table.h>
#include <xen/io/blkif.h>

#include "blk_conf.h"

#define BLK_MAX_DIRECT BLKIF_MAX_SEGMENTS_PER_REQUEST
#define BLK_MAX_SEGMENTS BLK_MAX_INDIRECT
#define BLK_MAX_REQUEST_BYTES (BLK_MAX_SEGMENTS * 4096u)

/* Largest request of any ABI; private memory, not judged yet. */
struct blk_slot {
	uint8_t bytes[112];
};

enum blk_kind {
	BLK_REQ_READ,
	BLK_REQ_WRITE,
	BLK_REQ_FLUSH,	     /* no data */
	BLK_REQ_FLUSH_WRITE, /* flush, write the data, flush */
	BLK_REQ_BARRIER,     /* the same, and nothing of its ring before or beside it */
	BLK_REQ_DISCARD,
	BLK_REQ_DISCARD_SECURE,
};

struct blk_segment {
	uint32_t gref;
	uint16_t offset; /* bytes in the guest's page */
	uint16_t len;	 /* bytes, a multiple of 512 */
};

struct blk_req {
	uint64_t id;	   /* the guest's, echoed */
	uint8_t operation; /* the guest's, echoed; of an indirect request, the one inside */
	/* below: only after BLK_OK */
	enum blk_kind kind;
	uint64_t offset; /* bytes from the start of the disk */
	uint64_t len;	 /* bytes: sum of the segments, or what to discard */
	unsigned int nr_segments;
	uint32_t indirect_gref; /* after BLK_FETCH: the page of the descriptors */
	struct blk_segment segments[BLK_MAX_SEGMENTS];
};

enum blk_verdict {
	BLK_OK,
	BLK_FETCH,	 /* indirect: copy nr_segments descriptors, then blk_parse_indirect() */
	BLK_REJECT,	 /* answer BLKIF_RSP_ERROR */
	BLK_UNSUPPORTED, /* answer BLKIF_RSP_EOPNOTSUPP */
};

/* Bytes from one ring slot to the next. */
uint32_t blk_slot_size(enum blk_abi abi);

/*
 * Judge a request against the disk described by @conf. id and operation are
 * set whatever the verdict. Units of sector_number, first_sect and last_sect
 * are 512 bytes whatever the sector size (xen/io/blkif.h).
 */
enum blk_verdict blk_parse(const struct blk_conf *conf, const struct blk_slot *slot,
			   struct blk_req *req);

/*
 * @descriptors: private copy of the nr_segments struct blkif_request_segment
 * that @req->indirect_gref led to. Verdicts but for BLK_FETCH.
 */
enum blk_verdict blk_parse_indirect(const struct blk_conf *conf, const void *descriptors,
				    struct blk_req *req);

/* Does the request carry data of the guest? */
static inline bool blk_has_data(const struct blk_req *req)
{
	return req->nr_segments > 0;
}

/* A response, the same in all ABIs; ring slots are longer. */
struct blk_response {
	uint8_t bytes[12];
};

void blk_format_response(const struct blk_req *req, int16_t status, struct blk_response *rsp);

#endif
