// SPDX-License-Identifier: GPL-2.0-or-later
/* The frontend's side of a block ring. */
#include "blkring.h"

#include <string.h>

#include <xen/io/protocols.h>

#define INDICES_SIZE 64u /* indices and padding, before the slots */

/* 64-bit fields are aligned to 4 bytes by 32-bit x86, and to 8 by all others. */
static const struct blkabi_layout layouts[BLKABI_NR] = {
	[BLKABI_X86_32] = { XEN_IO_PROTO_ABI_X86_32, 108, 12, 4, 12, 20, 20, 24 },
	[BLKABI_X86_64] = { XEN_IO_PROTO_ABI_X86_64, 112, 16, 8, 16, 24, 24, 28 },
#ifdef __i386__
	[BLKABI_NATIVE] = { XEN_IO_PROTO_ABI_NATIVE, 108, 12, 4, 12, 20, 20, 24 },
#else
	[BLKABI_NATIVE] = { XEN_IO_PROTO_ABI_NATIVE, 112, 16, 8, 16, 24, 24, 28 },
#endif
};

/* Our own numbers against the header's, which are those of this compiler. */
#ifdef __i386__
#define PAD 0u
#else
#define PAD 4u
#endif
_Static_assert(offsetof(struct blkif_request, id) == 4 + PAD, "id");
_Static_assert(offsetof(struct blkif_request, sector_number) == 12 + PAD, "sector_number");
_Static_assert(offsetof(struct blkif_request, seg) == 20 + PAD, "seg");
_Static_assert(offsetof(struct blkif_request_discard, nr_sectors) == 20 + PAD, "nr_sectors");
_Static_assert(offsetof(struct blkif_request_indirect, indirect_grefs) == 24 + PAD, "grefs");
_Static_assert(sizeof(struct blkif_request) == 108 + PAD, "request");
_Static_assert(sizeof(struct blkif_response) == 12 + PAD, "response");
_Static_assert(sizeof(struct blkif_request_segment) == 8, "segment");
_Static_assert(sizeof(struct blkif_request) <= BLKSLOT_MAX, "slot");

const struct blkabi_layout *blkabi_layout(enum blkabi abi)
{
	return &layouts[abi];
}

void blkslot_encode(enum blkabi abi, const struct blkreq *req, struct blkslot *slot)
{
	const struct blkabi_layout *at = &layouts[abi];

	memset(slot, 0, sizeof(*slot));
	slot->bytes[0] = req->op;
	memcpy(slot->bytes + 2, &req->handle, sizeof(req->handle));
	memcpy(slot->bytes + at->id, &req->id, sizeof(req->id));
	memcpy(slot->bytes + at->sector, &req->sector, sizeof(req->sector));
	if (req->op == BLKIF_OP_DISCARD) {
		slot->bytes[1] = req->flag;
		memcpy(slot->bytes + at->nr_sectors, &req->nr_sectors, sizeof(req->nr_sectors));
	} else if (req->op == BLKIF_OP_INDIRECT) {
		slot->bytes[1] = req->inner;
		memcpy(slot->bytes + 2, &req->nr_indirect, sizeof(req->nr_indirect));
		memcpy(slot->bytes + at->indirect_grefs, &req->indirect_gref,
		       sizeof(req->indirect_gref));
	} else {
		slot->bytes[1] = req->nr_segments;
		memcpy(slot->bytes + at->segments, req->segments, sizeof(req->segments));
	}
}

uint8_t blkslot_op(const struct blkslot *slot)
{
	return slot->bytes[slot->bytes[0] == BLKIF_OP_INDIRECT ? 1 : 0];
}

uint64_t blkslot_id(enum blkabi abi, const struct blkslot *slot)
{
	uint64_t id;

	memcpy(&id, slot->bytes + layouts[abi].id, sizeof(id));
	return id;
}

static uint32_t slots_in(size_t bytes, uint32_t slot_size)
{
	uint32_t nr = 1;

	while (INDICES_SIZE + 2ull * nr * slot_size <= bytes)
		nr *= 2;
	return nr;
}

void blkring_init(struct blkring *r, enum blkabi abi, void *pages, size_t bytes)
{
	memset(pages, 0, bytes);
	memset(r, 0, sizeof(*r));
	r->shared = pages;
	r->abi = abi;
	r->slot_size = layouts[abi].slot_size;
	r->nr_slots = slots_in(bytes, r->slot_size);
	atomic_store(&r->shared->req_event, 1);
	atomic_store(&r->shared->rsp_event, 1);
}

uint8_t *blkring_slot(const struct blkring *r, uint32_t index)
{
	return (uint8_t *)r->shared + INDICES_SIZE +
	       (size_t)(index & (r->nr_slots - 1)) * r->slot_size;
}

/* Word by word, as a thread of the guest may change a slot at the same time. */
static void copy_words(void *to, const void *from, uint32_t size)
{
	uint32_t *dst = to;
	const uint32_t *src = from;

	for (; size > 0; size -= sizeof(*dst))
		__atomic_store_n(dst++, __atomic_load_n(src++, __ATOMIC_RELAXED), __ATOMIC_RELAXED);
}

uint32_t blkring_room(const struct blkring *r)
{
	return r->nr_slots - (r->req_prod - r->rsp_cons);
}

void blkring_put(struct blkring *r, const struct blkslot *slot)
{
	copy_words(blkring_slot(r, r->req_prod), slot->bytes, r->slot_size);
	r->req_prod++;
}

bool blkring_push(struct blkring *r)
{
	uint32_t old = r->req_pushed, event;

	if (r->req_prod == old)
		return false;
	atomic_store_explicit(&r->shared->req_prod, r->req_prod, memory_order_release);
	r->req_pushed = r->req_prod;
	/* The index is out before we look whether the backend sleeps. */
	atomic_thread_fence(memory_order_seq_cst);
	event = atomic_load(&r->shared->req_event);
	return r->req_prod - event < r->req_prod - old;
}

bool blkring_take(struct blkring *r, struct blkslot *slot)
{
	if (atomic_load_explicit(&r->shared->rsp_prod, memory_order_acquire) == r->rsp_cons)
		return false;
	copy_words(slot->bytes, blkring_slot(r, r->rsp_cons), r->slot_size);
	r->rsp_cons++;
	return true;
}

bool blkring_arm(struct blkring *r)
{
	atomic_store(&r->shared->rsp_event, r->rsp_cons + 1);
	/* Our wish is out before the last look. */
	atomic_thread_fence(memory_order_seq_cst);
	return atomic_load_explicit(&r->shared->rsp_prod, memory_order_acquire) != r->rsp_cons;
}
