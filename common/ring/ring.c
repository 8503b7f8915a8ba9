// SPDX-License-Identifier: GPL-2.0-or-later
/* Backend side of a Xen I/O ring. See ring.h for the theory. */
#include "ring/ring.h"

#include <errno.h>
#include <string.h>

/* The start of the shared page: xen/io/ring.h, DEFINE_RING_TYPES. */
struct shared_ring {
	uint32_t req_prod;  /* frontend writes */
	uint32_t req_event; /* backend writes: notify me when req_prod passes it */
	uint32_t rsp_prod;  /* backend writes */
	uint32_t rsp_event; /* frontend writes: notify me when rsp_prod passes it */
	uint8_t pad[48];
	uint8_t slots[];
};

_Static_assert(sizeof(struct shared_ring) == 64, "header of xen/io/ring.h");

static struct shared_ring *shared_of(const struct ring *r)
{
	return r->shared;
}

static uint8_t *slot_of(const struct ring *r, uint32_t index)
{
	return shared_of(r)->slots + (size_t)(index & (r->nr_slots - 1)) * r->slot_size;
}

/*
 * The guest can write while we copy, and the compiler must neither read twice
 * nor later: word-wise volatile reads (XSA-155). Slots are 4-byte aligned.
 */
static void copy_from_shared(void *dst, const uint8_t *shared, size_t size)
{
	const volatile uint32_t *from = (const volatile void *)shared;
	uint8_t *to = dst;
	uint32_t word;

	for (; size >= sizeof(word); size -= sizeof(word), to += sizeof(word)) {
		word = *from++;
		memcpy(to, &word, sizeof(word));
	}
	if (size > 0) {
		word = *from;
		memcpy(to, &word, size);
	}
}

static uint32_t slots_in(size_t bytes, size_t slot_size)
{
	size_t room = (bytes - sizeof(struct shared_ring)) / slot_size;
	uint32_t nr = 1;

	while ((size_t)nr * 2 <= room)
		nr *= 2;
	return nr;
}

int ring_attach(struct ring *r, void *shared, size_t bytes, size_t slot_size)
{
	uint32_t start, ignored;

	r->shared = shared;
	r->slot_size = (uint32_t)slot_size;
	r->nr_slots = slots_in(bytes, slot_size);
	start = __atomic_load_n(&shared_of(r)->rsp_prod, __ATOMIC_ACQUIRE);
	r->req_cons = start;
	r->rsp_prod = start;
	r->rsp_pushed = start;
	return ring_avail(r, &ignored);
}

int ring_avail(const struct ring *r, uint32_t *ret)
{
	/* Acquire: slots are read after the index that announces them. Pairs
	 * with the frontend's write barrier in RING_PUSH_REQUESTS. */
	uint32_t prod = __atomic_load_n(&shared_of(r)->req_prod, __ATOMIC_ACQUIRE);

	if (prod - r->rsp_prod > r->nr_slots || prod - r->req_cons > r->nr_slots)
		return -EPROTO;
	*ret = prod - r->req_cons;
	return 0;
}

void ring_peek(const struct ring *r, uint32_t ahead, void *slot, size_t size)
{
	copy_from_shared(slot, slot_of(r, r->req_cons + ahead), size);
}

void ring_take(struct ring *r, void *slot, size_t size)
{
	ring_peek(r, 0, slot, size);
	r->req_cons++;
}

void ring_put(struct ring *r, const void *rsp, size_t size)
{
	memcpy(slot_of(r, r->rsp_prod), rsp, size);
	r->rsp_prod++;
}

bool ring_push(struct ring *r)
{
	struct shared_ring *shared = shared_of(r);
	uint32_t old = r->rsp_pushed;
	uint32_t event;

	if (old == r->rsp_prod)
		return false;
	/* Release: bodies before the index. Pairs with the read barrier that
	 * the frontend has after reading rsp_prod. */
	__atomic_store_n(&shared->rsp_prod, r->rsp_prod, __ATOMIC_RELEASE);
	r->rsp_pushed = r->rsp_prod;
	/* Full: the index is out before we look whether the frontend sleeps.
	 * Pairs with RING_FINAL_CHECK_FOR_RESPONSES, which writes rsp_event
	 * and then looks at rsp_prod. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	event = __atomic_load_n(&shared->rsp_event, __ATOMIC_RELAXED);
	return r->rsp_prod - event < r->rsp_prod - old;
}

bool ring_arm(struct ring *r, uint32_t want)
{
	struct shared_ring *shared = shared_of(r);
	uint32_t prod;

	__atomic_store_n(&shared->req_event, r->req_cons + want, __ATOMIC_RELAXED);
	/* Full: our wish is out before the last look. Pairs with
	 * RING_PUSH_REQUESTS_AND_CHECK_NOTIFY: either the frontend sees the
	 * wish and notifies, or we see its requests here. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	prod = __atomic_load_n(&shared->req_prod, __ATOMIC_ACQUIRE);
	return prod - r->req_cons >= want;
}

void ring_disarm(struct ring *r)
{
	/* Farther ahead than the frontend can get; no order is needed, an
	 * event too many does no harm. */
	__atomic_store_n(&shared_of(r)->req_event, r->req_cons + (1u << 30), __ATOMIC_RELAXED);
}
