// SPDX-License-Identifier: GPL-2.0-or-later
/* What comes for the guest, from its tap and past it, until it is staged. See rx_fill.h. */
#include "rx_fill.h"

#include <string.h>

#include "base/util.h"
#include "headers.h"
#include "limit.h"
#include "rx.h"
#include "segment.h"

#define VNET_HLEN sizeof(struct virtio_net_hdr_mrg_rxbuf)

_Static_assert(VNET_HLEN <= STAGE_HEADROOM, "room before a staged frame");

static void rx_queue(struct net_rx *rx, struct net_rx_pkt *pkt)
{
	struct net_rx_plan plan;

	net_view_dress(&rx->view, pkt);
	if (!net_rx_plan(pkt, rx->caps.sg, &plan)) {
		stage_push(&rx->stage, pkt, &plan);
		return;
	}
	rx->count.too_large++;
	stage_drop(&rx->stage, pkt->data);
}

static void rx_segment(struct net_rx *rx, const struct net_rx_pkt *pkt)
{
	struct net_rx_pkt part = { .flags = NETRXF_data_validated };
	struct stage_room room;
	struct net_headers h;
	unsigned int i, nr;

	if (net_headers(pkt->data, pkt->len, &h)) {
		rx->count.bad_frame++;
		return;
	}
	nr = net_segments(&h, pkt->len, pkt->gso_size);
	rx->count.segmented++;
	for (i = 0; i < nr; i++) {
		if (!stage_take(&rx->stage, &room)) {
			rx->count.too_large++;
			return;
		}
		part.data = stage_choose(&rx->stage, &room, h.hdr_len + (size_t)pkt->gso_size);
		part.len =
			(uint32_t)net_segment(pkt->data, pkt->len, &h, pkt->gso_size, i, part.data);
		rx_queue(rx, &part);
	}
}

/*
 * Linux' netfront drops what takes several slots while it has an XDP program, and runs that
 * on their last part; and large frames have their checksum open. Both are cut up here.
 */
static struct net_caps rx_caps(const struct net_rx *rx)
{
	struct net_caps caps = rx->caps;

	if (rx->view.set.live.complete_csum)
		caps.csum_ipv4 = caps.csum_ipv6 = false;
	if (rx->view.set.live.headroom || rx->view.set.live.complete_csum)
		caps.gso_tcpv4 = caps.gso_tcpv6 = false;
	return caps;
}

static void rx_stage(struct net_rx *rx, uint8_t *data, size_t len)
{
	const struct net_caps caps = rx_caps(rx);
	struct net_rx_pkt pkt = { .data = data, .len = (uint32_t)len };
	struct virtio_net_hdr_mrg_rxbuf vh;
	bool finished;

	memcpy(&vh, data - VNET_HLEN, VNET_HLEN);
	switch (net_from_vnet(&vh, &caps, &pkt, &finished)) {
	case NET_RX_PASS:
		rx->count.finished += finished;
		rx_queue(rx, &pkt);
		return;
	case NET_RX_SEGMENT:
		rx_segment(rx, &pkt);
		break;
	case NET_RX_BAD:
		rx->count.bad_frame++;
		break;
	}
	stage_drop(&rx->stage, data);
}

static uint32_t max_bytes(const struct net_rx *rx)
{
	return MIN(limit_queue(rx->card, NET_RX), backlog_bound(&rx->backlog));
}

/* Is as much staged as @avail slots hold, as may wait, or as there is room for? */
static bool rx_has_enough(const struct net_rx *rx, uint32_t avail)
{
	return rx->stage.nr_slots > avail || rx->stage.nr_bytes >= max_bytes(rx) ||
	       stage_is_full(&rx->stage);
}

/* Ask for as many frames as there may be, and as there may be slots for. Returns the number. */
static unsigned int rx_ask(struct net_rx *rx, uint32_t avail)
{
	uint32_t max = max_bytes(rx);
	unsigned int i, nr = 0;

	if (rx->tap_ready && !rx_has_enough(rx, avail)) {
		nr = MIN(rx->ahead, avail - rx->stage.nr_slots + 1);
		nr = MIN(nr, (max - rx->stage.nr_bytes) / NET_RX_MAX_FRAME + 1);
	}
	for (i = 0; i < nr && tapio_room(rx->io) && stage_take(&rx->stage, &rx->rooms[i]); i++) {
		stage_iov(&rx->rooms[i], VNET_HLEN, rx->iov[i]);
		rx->reads[i] = tapio_read(rx->io, rx->iov[i], 2);
	}
	rx->count.reads += i;
	return i;
}

static void rx_accept(struct net_rx *rx, uint8_t *data, size_t len)
{
	if (len < 6 || net_view_wants(&rx->view, data)) {
		rx_stage(rx, data, len);
		return;
	}
	rx->count.unwanted++;
	stage_drop(&rx->stage, data);
}

/* What became of @nr reads. Once the tap was empty it may be so again with the next. */
static void rx_take_in(struct net_rx *rx, unsigned int nr)
{
	unsigned int i, got = 0;

	for (i = 0; i < nr; i++) {
		const struct stage_room *room = &rx->rooms[i];
		int len = tapio_result(rx->io, rx->reads[i]) - (int)VNET_HLEN;

		if (len < 0) {
			stage_give_back(&rx->stage, room);
			rx->tap_ready = false;
			continue;
		}
		got++;
		rx_accept(rx, stage_settle(&rx->stage, room, VNET_HLEN, (size_t)len), (size_t)len);
	}
	if (got == nr)
		rx->ahead = MIN(2 * rx->ahead, STAGE_READS);
	else
		rx->ahead = MAX(got + 1, NET_RX_AHEAD_MIN);
}

/* What comes past the tap: a few, as long as there may be slots for them. Returns how many. */
static unsigned int rx_take_direct(struct net_rx *rx, uint32_t avail)
{
	struct stage_room room;
	unsigned int nr = 0;
	uint8_t *data;
	size_t len;

	for (; nr < STAGE_READS; nr++) {
		if (rx_has_enough(rx, avail) || !stage_take(&rx->stage, &room))
			break;
		data = net_direct_take(rx->direct, &rx->stage, &room, &len);
		if (!data) {
			stage_give_back(&rx->stage, &room);
			break;
		}
		rx_accept(rx, data, len);
	}
	rx->count.direct_packets += nr;
	return nr;
}

/*
 * Read until the tap is empty or more is staged than the guest has slots for. What comes past
 * the tap is first in every other round, so that neither has all the slots.
 */
void net_rx_fill(struct net_rx *rx, uint32_t avail)
{
	unsigned int nr, direct, budget = NET_RX_RING_SLOTS;

	do {
		rx->tap_first = rx->tap_ready && !rx->tap_first;
		direct = rx->direct && !rx->tap_first ? rx_take_direct(rx, avail) : 0;
		nr = rx_ask(rx, avail);
		tapio_run(rx->io);
		if (nr)
			rx_take_in(rx, nr);
		nr += direct;
		budget -= MIN(nr, budget);
	} while (nr && budget);
}

/* What a guest that has stopped leaves in its tap would be kept until its carrier goes. */
static bool rx_has_too_much(const struct net_rx *rx)
{
	if (rx->backlog.stopped)
		return rx_has_enough(rx, NET_RX_RING_SLOTS);
	return rx->stage.nr_bytes >= max_bytes(rx);
}

/*
 * The tap counts frames, which may be small or large: what waited there for a limit,
 * or for a slow guest, would be old when its turn came. So it waits here, and what is
 * too much is dropped.
 */
void net_rx_shed(struct net_rx *rx)
{
	uint64_t *count = rx->limited ? &rx->count.over_rate : &rx->count.too_slow;
	unsigned int budget = NET_RX_RING_SLOTS;

	if (!rx_has_too_much(rx))
		return;
	while (budget-- && tapio_skip(rx->io))
		(*count)++;
	if (rx->direct)
		*count += net_direct_skip(rx->direct);
}
