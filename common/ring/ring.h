/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Backend side of a Xen I/O ring (xen/io/ring.h), for any slot size.
 *
 * Theory of operation
 * -------------------
 * A ring is one or more pages shared with the frontend: four indices, then
 * 2^n slots in which requests come and responses go. Everything in it can
 * change under our eyes at any time, so:
 *  - slots and indices are read once, into private memory, by volatile copies;
 *  - the only index of the guest that is believed is req_prod, and only as far
 *    as it leaves at most one ring of unanswered requests;
 *  - our own two indices (req_cons, rsp_prod) are private; what stands in the
 *    shared page is for the frontend alone.
 * Every taken slot is answered exactly once: req_cons - rsp_prod is the number
 * of requests that are owed a response.
 *
 * This file is pure: it works on a pointer, makes no Xen call, and can be
 * fuzzed as it is.
 */
#ifndef PVBACK_RING_H
#define PVBACK_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring {
	void *shared;	     /* guest-writable; only ring.c looks into it */
	uint32_t nr_slots;   /* power of two */
	uint32_t slot_size;  /* bytes from one slot to the next */
	uint32_t req_cons;   /* private: next request to take */
	uint32_t rsp_prod;   /* private: next response to put */
	uint32_t rsp_pushed; /* private: what rsp_prod was at the last push */
};

/*
 * @bytes: size of the mapped pages; @slot_size: larger of request and response.
 * Starts at the frontend's rsp_prod, so a ring that a predecessor left quiet
 * (every taken request answered) is taken over as it is; on a fresh ring that
 * is 0. Returns 0, or -EPROTO if the indices are impossible.
 */
int ring_attach(struct ring *r, void *shared, size_t bytes, size_t slot_size);

/*
 * Number of requests that can be taken. -EPROTO: the frontend claims more
 * unanswered requests than the ring has slots (XSA-39, CVE-2010-4247).
 */
int ring_avail(const struct ring *r, uint32_t *ret);

/* Copy the slot @ahead requests after the next one, without consuming it. */
void ring_peek(const struct ring *r, uint32_t ahead, void *slot, size_t size);

/* Copy the next request out and consume it. The caller has asked ring_avail(). */
void ring_take(struct ring *r, void *slot, size_t size);

/*
 * Write the next response from private memory; bytes of it beyond @size up to
 * the slot's end keep what the guest itself wrote there (nothing of ours can
 * leak: XSA-216). Not visible before ring_push().
 */
void ring_put(struct ring *r, const void *rsp, size_t size);

/* Publish the responses put so far. True: the frontend asked for a notify. */
bool ring_push(struct ring *r);

/*
 * Ask for an event when @want more requests than are consumed now are there
 * (1 = the next one), then look once more: true if they are there already,
 * and the caller must not sleep.
 */
bool ring_arm(struct ring *r, uint32_t want);

/* No events, please: we look by ourselves. Until ring_arm(), before any sleep. */
void ring_disarm(struct ring *r);

static inline uint32_t ring_inflight(const struct ring *r)
{
	return r->req_cons - r->rsp_prod;
}

#endif
