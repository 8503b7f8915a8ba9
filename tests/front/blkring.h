/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frontend's side of a block ring, in any of its ABIs (xen/io/ring.h,
 * xen/io/blkif.h). Works on memory alone. Nothing is hidden: a hostile test
 * may write into slots and indices as it likes.
 */
#ifndef FRONT_BLKRING_H
#define FRONT_BLKRING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xenctrl.h> /* before all others of xen/ */
#include <xen/grant_table.h>
#include <xen/io/blkif.h>

enum blkabi { BLKABI_NATIVE, BLKABI_X86_32, BLKABI_X86_64, BLKABI_NR };

/* Where things are in a request; the head of a response is the same everywhere. */
struct blkabi_layout {
	const char *protocol; /* the frontend's key */
	uint32_t slot_size;   /* bytes from one slot to the next */
	uint32_t response_size;
	uint8_t id;
	uint8_t sector;
	uint8_t segments;
	uint8_t nr_sectors; /* of a discard */
	uint8_t indirect_grefs;
};

const struct blkabi_layout *blkabi_layout(enum blkabi abi);

#define BLKSLOT_MAX 112

/* A slot as it lies in the ring. */
struct blkslot {
	_Alignas(8) uint8_t bytes[BLKSLOT_MAX];
};

/* What fits into one page of descriptors. */
#define BLKREQ_INDIRECT_MAX (4096u / sizeof(struct blkif_request_segment))

/* Anything that a request can say, right or wrong. */
struct blkreq {
	uint8_t op;
	uint8_t nr_segments; /* as it will stand there: may be wrong */
	uint16_t handle;
	uint64_t id;
	uint64_t sector;
	struct blkif_request_segment segments[BLKIF_MAX_SEGMENTS_PER_REQUEST];
	/* BLKIF_OP_DISCARD */
	uint8_t flag;
	uint64_t nr_sectors;
	/* BLKIF_OP_INDIRECT: the operation inside, and where its segments are */
	uint8_t inner;
	uint16_t nr_indirect;
	uint32_t indirect_gref;
	struct blkif_request_segment *descriptors; /* the frontend's own view of that page */
};

void blkslot_encode(enum blkabi abi, const struct blkreq *req, struct blkslot *slot);
uint64_t blkslot_id(enum blkabi abi, const struct blkslot *slot);
/* The operation that the answer will name: of an indirect request, the one inside. */
uint8_t blkslot_op(const struct blkslot *slot);

/* The first 12 bytes of every response. */
struct blkrsp {
	uint64_t id;
	uint8_t op;
	uint8_t padding;
	int16_t status;
};

_Static_assert(offsetof(struct blkrsp, status) == offsetof(struct blkif_response, status),
	       "xen/io/blkif.h");

/* The start of the first page. */
struct blkring_indices {
	_Atomic uint32_t req_prod;
	_Atomic uint32_t req_event;
	_Atomic uint32_t rsp_prod;
	_Atomic uint32_t rsp_event;
};

struct blkring {
	struct blkring_indices *shared;
	enum blkabi abi;
	uint32_t nr_slots;
	uint32_t slot_size;
	uint32_t req_prod;   /* private: requests put */
	uint32_t req_pushed; /* ... of which the backend knows */
	uint32_t rsp_cons;   /* private: responses taken */
};

/* A fresh ring: the pages are cleared. */
void blkring_init(struct blkring *r, enum blkabi abi, void *pages, size_t bytes);

/* The slot that request or response @index is in. */
uint8_t *blkring_slot(const struct blkring *r, uint32_t index);

uint32_t blkring_room(const struct blkring *r);
void blkring_put(struct blkring *r, const struct blkslot *slot); /* there is room */
/* True: the backend wants an event. */
bool blkring_push(struct blkring *r);

/*
 * Take a response: the whole slot, of which the first bytes are a struct
 * blkrsp. False: there is none.
 */
bool blkring_take(struct blkring *r, struct blkslot *slot);
/* Ask for an event with the next response; true: it is there already. */
bool blkring_arm(struct blkring *r);

#endif
