/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames on their way from the tap to the guest: a queue of them over a
 * circular area of private memory. Pure.
 */
#ifndef PVBACK_NET_STAGE_H
#define PVBACK_NET_STAGE_H

#include <stddef.h>
#include <stdint.h>

#include "rx_plan.h"

#define STAGE_MAX_FRAMES 256u
#define STAGE_BYTES (2u << 20)

struct staged {
	struct net_rx_pkt rx;
	struct net_rx_plan plan;
	uint32_t start; /* where its part of the area starts */
};

struct stage {
	uint8_t *area;	   /* STAGE_BYTES, page-aligned, the caller's */
	uint32_t tail;	   /* first byte that is free */
	uint32_t first;	   /* index of the head in frames[] */
	uint32_t nr;	   /* frames in the queue */
	uint32_t nr_slots; /* ring slots all of them take */
	uint32_t nr_bytes;
	uint32_t last_len; /* of the frame pushed last: a guess at the next */
	struct staged frames[STAGE_MAX_FRAMES];
};

void stage_init(struct stage *s, uint8_t *area);

/*
 * Room for one frame of up to NET_RX_MAX_FRAME bytes, with STAGE_HEADROOM in
 * front of it; NULL if there is none. Nothing is taken before stage_push().
 *
 * The place is chosen so that the frame crosses as few pages as possible,
 * since each page it touches is one more copy for the hypervisor: page-aligned
 * if it may be large, else packed with its like.
 */
#define STAGE_HEADROOM 16u
uint8_t *stage_room(const struct stage *s);

/* Queue @rx, whose data are where stage_room() said. */
void stage_push(struct stage *s, const struct net_rx_pkt *rx, const struct net_rx_plan *plan);

/* The @i-th oldest; i < s->nr. */
static inline struct staged *stage_at(struct stage *s, uint32_t i)
{
	return &s->frames[(s->first + i) % STAGE_MAX_FRAMES];
}

/* Drop the @nr oldest. */
void stage_pop(struct stage *s, uint32_t nr);

#endif
