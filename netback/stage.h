/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames on their way from the tap to the guest: a queue of them, and the
 * memory they lie in. Pure.
 *
 * How large a frame is, is known when it has been read. So a read gets two
 * places, a small one and the large one that goes on where the small one ends;
 * most frames leave the large one untouched, and of the others the part in the
 * small one is moved, which is next to nothing of them. Each copy to a guest's
 * page that does not cross a page of ours is one for the hypervisor: small
 * places lie two to a page, frames in large ones begin at a page.
 *
 * What was freed last is used next, as it is still in the processor's cache.
 */
#ifndef PVBACK_NET_STAGE_H
#define PVBACK_NET_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/uio.h>

#include "base/util.h"
#include "rx_plan.h"

/* Before a frame, for a header of the caller's. */
#define STAGE_HEADROOM 64u

#define STAGE_SMALL_BYTES 2048u
#define STAGE_SMALL_ROOM (STAGE_SMALL_BYTES - STAGE_HEADROOM)
#define STAGE_LARGE_BYTES \
	((NET_RX_MAX_FRAME + 2 * XEN_PAGE_SIZE - 1) / XEN_PAGE_SIZE * XEN_PAGE_SIZE)

/* A ring of small frames or of large ones, and as many as are being read. */
#define STAGE_READS 16u
#define STAGE_NR_SMALL (256u + STAGE_READS)
#define STAGE_NR_LARGE 32u
#define STAGE_MAX_FRAMES (STAGE_NR_SMALL + STAGE_NR_LARGE)
#define STAGE_BYTES \
	((size_t)STAGE_NR_SMALL * STAGE_SMALL_BYTES + STAGE_NR_LARGE * STAGE_LARGE_BYTES)

struct staged {
	struct net_rx_pkt rx;
	struct net_rx_plan plan;
};

struct stage {
	uint8_t *area;	   /* STAGE_BYTES, page-aligned, the caller's */
	uint32_t first;	   /* index of the head in frames[] */
	uint32_t nr;	   /* frames in the queue */
	uint32_t nr_slots; /* ring slots all of them take */
	uint32_t nr_bytes;
	uint32_t nr_small, nr_large; /* free ones */
	uint16_t small[STAGE_NR_SMALL];
	uint16_t large[STAGE_NR_LARGE];
	struct staged frames[STAGE_MAX_FRAMES];
};

/* Where one frame is to be read to. */
struct stage_room {
	uint8_t *small; /* the frame's place if it has at most STAGE_SMALL_ROOM bytes */
	uint8_t *large; /* else */
};

void stage_init(struct stage *s, uint8_t *area);

/* Take room for one frame; false: there is none, it is full. */
bool stage_take(struct stage *s, struct stage_room *ret);
bool stage_is_full(const struct stage *s);
void stage_give_back(struct stage *s, const struct stage_room *room);

/* Where a read has to put a frame with @headroom bytes before it. */
void stage_iov(const struct stage_room *room, size_t headroom, struct iovec iov[2]);

/* One of the two places, for a frame of @len bytes that is yet to be made. */
uint8_t *stage_choose(struct stage *s, const struct stage_room *room, size_t len);

/* A frame of @len bytes was read: where it lies now, with its @headroom bytes before it. */
uint8_t *stage_settle(struct stage *s, const struct stage_room *room, size_t headroom, size_t len);

/* Queue @rx, whose data have settled; or forget it. */
void stage_push(struct stage *s, const struct net_rx_pkt *rx, const struct net_rx_plan *plan);
void stage_drop(struct stage *s, const uint8_t *data);

/* The @i-th oldest; i < s->nr. */
static inline struct staged *stage_at(struct stage *s, uint32_t i)
{
	return &s->frames[(s->first + i) % STAGE_MAX_FRAMES];
}

/* Drop the @nr oldest. */
void stage_pop(struct stage *s, uint32_t nr);

#endif
