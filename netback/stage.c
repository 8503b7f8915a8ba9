/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames on their way from the tap to the guest. Pure. */
#include "stage.h"

#include "base/util.h"

#define LINE 64u /* a cache line */
/* What room for the largest frame may take, wherever it starts. */
#define NEED (2 * XEN_PAGE_SIZE + NET_RX_MAX_FRAME)

static uint32_t round_up(uint32_t value, uint32_t step)
{
	return (value + step - 1) / step * step;
}

void stage_init(struct stage *s, uint8_t *area)
{
	s->area = area;
	s->tail = 0;
	s->first = 0;
	s->nr = 0;
	s->nr_slots = 0;
	s->nr_bytes = 0;
	s->last_len = XEN_PAGE_SIZE;
}

/* Where the data of a frame go that takes the area from @from on. */
static uint32_t place(const struct stage *s, uint32_t from)
{
	uint32_t data = round_up(from + STAGE_HEADROOM, LINE);
	uint32_t in_page = data % XEN_PAGE_SIZE;

	if (in_page && in_page + s->last_len > XEN_PAGE_SIZE)
		data = round_up(data, XEN_PAGE_SIZE);
	return data;
}

/* A free stretch of NEED bytes; STAGE_BYTES if there is none. */
static uint32_t stretch(const struct stage *s)
{
	uint32_t head;

	if (!s->nr)
		return 0;
	head = s->frames[s->first].start;
	if (s->tail > head)
		return s->tail + NEED <= STAGE_BYTES ? s->tail : NEED <= head ? 0 : STAGE_BYTES;
	return s->tail + NEED <= head ? s->tail : STAGE_BYTES;
}

uint8_t *stage_room(const struct stage *s)
{
	uint32_t from = stretch(s);

	if (from == STAGE_BYTES || s->nr == STAGE_MAX_FRAMES)
		return NULL;
	return s->area + place(s, from);
}

void stage_push(struct stage *s, const struct net_rx_pkt *rx, const struct net_rx_plan *plan)
{
	uint32_t start = stretch(s);
	struct staged *f = stage_at(s, s->nr);

	*f = (struct staged){ .rx = *rx, .plan = *plan, .start = start };
	s->tail = (uint32_t)(rx->data - s->area) + rx->len;
	s->last_len = rx->len;
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
	}
	s->first = (s->first + nr) % STAGE_MAX_FRAMES;
	s->nr -= nr;
}
