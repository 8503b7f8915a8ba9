// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames on their way from the tap to the guest. Pure. See stage.h. */
#include "stage.h"

#include <string.h>

static uint8_t *small_at(const struct stage *s, uint32_t i)
{
	return s->area + (size_t)i * STAGE_SMALL_BYTES + STAGE_HEADROOM;
}

/* The first page is for what stands before the frame. */
static uint8_t *large_at(const struct stage *s, uint32_t i)
{
	return s->area + (size_t)STAGE_NR_SMALL * STAGE_SMALL_BYTES +
	       (size_t)i * STAGE_LARGE_BYTES + XEN_PAGE_SIZE;
}

void stage_init(struct stage *s, uint8_t *area)
{
	uint16_t i;

	s->area = area;
	s->first = 0;
	s->nr = 0;
	s->nr_slots = 0;
	s->nr_bytes = 0;
	/* The last is taken first. */
	for (i = 0; i < STAGE_NR_SMALL; i++)
		s->small[i] = (uint16_t)(STAGE_NR_SMALL - 1 - i);
	for (i = 0; i < STAGE_NR_LARGE; i++)
		s->large[i] = (uint16_t)(STAGE_NR_LARGE - 1 - i);
	s->nr_small = STAGE_NR_SMALL;
	s->nr_large = STAGE_NR_LARGE;
}

bool stage_is_full(const struct stage *s)
{
	return !s->nr_small || !s->nr_large;
}

bool stage_take(struct stage *s, struct stage_room *ret)
{
	if (stage_is_full(s))
		return false;
	ret->small = small_at(s, s->small[--s->nr_small]);
	ret->large = large_at(s, s->large[--s->nr_large]);
	return true;
}

void stage_drop(struct stage *s, const uint8_t *data)
{
	size_t off = (size_t)(data - s->area), small = (size_t)STAGE_NR_SMALL * STAGE_SMALL_BYTES;

	if (off < small)
		s->small[s->nr_small++] = (uint16_t)(off / STAGE_SMALL_BYTES);
	else
		s->large[s->nr_large++] = (uint16_t)((off - small) / STAGE_LARGE_BYTES);
}

void stage_give_back(struct stage *s, const struct stage_room *room)
{
	stage_drop(s, room->small);
	stage_drop(s, room->large);
}

void stage_iov(const struct stage_room *room, size_t headroom, struct iovec iov[2])
{
	iov[0].iov_base = room->small - headroom;
	iov[0].iov_len = headroom + STAGE_SMALL_ROOM;
	iov[1].iov_base = room->large + STAGE_SMALL_ROOM;
	iov[1].iov_len = NET_RX_MAX_FRAME - STAGE_SMALL_ROOM;
}

uint8_t *stage_choose(struct stage *s, const struct stage_room *room, size_t len)
{
	bool small = len <= STAGE_SMALL_ROOM;

	stage_drop(s, small ? room->large : room->small);
	return small ? room->small : room->large;
}

uint8_t *stage_settle(struct stage *s, const struct stage_room *room, size_t headroom, size_t len)
{
	if (len > STAGE_SMALL_ROOM)
		memcpy(room->large - headroom, room->small - headroom, headroom + STAGE_SMALL_ROOM);
	return stage_choose(s, room, len);
}

void stage_push(struct stage *s, const struct net_rx_pkt *rx, const struct net_rx_plan *plan)
{
	*stage_at(s, s->nr) = (struct staged){ .rx = *rx, .plan = *plan };
	s->nr_slots += plan->nr_slots;
	s->nr_bytes += rx->len;
	s->nr++;
}

void stage_pop(struct stage *s, uint32_t nr)
{
	uint32_t i;

	for (i = 0; i < nr; i++) {
		s->nr_slots -= stage_at(s, i)->plan.nr_slots;
		s->nr_bytes -= stage_at(s, i)->rx.len;
		stage_drop(s, stage_at(s, i)->rx.data);
	}
	s->first = (s->first + nr) % STAGE_MAX_FRAMES;
	s->nr -= nr;
}
