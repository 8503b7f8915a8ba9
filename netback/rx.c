/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tap to guest.
 *
 * Theory of operation
 * -------------------
 * A turn reads frames from the tap, several with one call, as long as the guest
 * has posted slots for them, and one more: that is the head packet, which waits
 * for its slots (rx_fill.c). How many frames are there and how large they are is
 * known only afterwards; what the last calls brought is the guess. So at most a ring
 * of data and one call's frames are staged, however slow the guest is; the rest stays
 * in the tap's queue, whose length is bounded. It is dropped by the kernel when that is
 * full, and by us if it is more than may wait for a guest that is slow (backlog.c). A
 * head packet that waits for too long is dropped with all that is staged: memory is
 * not held for a guest that does not receive (XSA-392; waiting means "not enough slots
 * for it", one free slot is no sign of life).
 *
 * What is staged and has slots is stored with one grant copy call. Linux and
 * Windows know an rx buffer by its place in the ring alone, so a response goes
 * into the slot its request came from: requests are taken only when a packet
 * is there to fill them, and answered in the same turn. Between turns nothing
 * is in flight.
 */
#include "rx.h"

#include <assert.h>
#include <errno.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "base/util.h"
#include "carrier.h"
#include "limit.h"
#include "rx_fill.h"
#include "xen/gnttab.h"

/* As Linux' netback: rx_drain_timeout_msecs, and RX_DRAIN without notify. */
#define DRAIN_NS (10 * NS_PER_SEC)
#define DRAIN_NO_NOTIFY_NS (30 * NS_PER_MS)
#define POLL_NO_NOTIFY_NS (2 * NS_PER_MS)

static struct net_caps caps_of(const struct net_conf *conf)
{
	return (struct net_caps){
		.sg = conf->sg,
		.gso_tcpv4 = conf->gso_tcpv4,
		.gso_tcpv6 = conf->gso_tcpv6,
		.csum_ipv4 = conf->csum_ipv4,
		.csum_ipv6 = conf->csum_ipv6,
		.rx_notify = conf->rx_notify,
	};
}

int net_rx_init(struct net_rx *rx, const struct net_card *card, void *shared, struct tapio *io,
		struct gnttab *gt)
{
	uint8_t *area;
	int ret;

	*rx = (struct net_rx){
		.card = card, .io = io, .caps = caps_of(&card->conf), .ahead = NET_RX_AHEAD_MIN
	};
	ret = ring_attach(&rx->ring, shared, XEN_PAGE_SIZE, sizeof(union netif_rx_sring_entry));
	if (ret)
		return ret;
	assert(rx->ring.nr_slots == NET_RX_RING_SLOTS);
	ret = gcopy_new(gt, card->conf.domid, GCOPY_TO_GUEST, NET_RX_RING_SLOTS, &rx->copy);
	if (ret)
		return ret;
	area = mmap(NULL, STAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED)
		goto err_copy;
	stage_init(&rx->stage, area);
	return 0;

err_copy:
	ret = -errno;
	gcopy_free(rx->copy);
	return ret;
}

void net_rx_fini(struct net_rx *rx)
{
	munmap(rx->stage.area, STAGE_BYTES);
	gcopy_free(rx->copy);
}

/* Take the slots of one packet and add its copies; *ret_id walks over ids[]. */
static void rx_scatter(struct net_rx *rx, const struct staged *f, uint16_t **ret_id)
{
	unsigned int i;

	for (i = 0; i < f->plan.nr_slots; i++) {
		union net_rx_slot slot;

		ring_take(&rx->ring, &slot, sizeof(slot));
		*(*ret_id)++ = slot.req.id;
		if (net_rx_is_extra(&f->plan, i))
			continue;
		gcopy_add(rx->copy, slot.req.gref, net_rx_slot_place(&f->plan, i),
			  f->rx.data + net_rx_slot_off(&f->plan, i),
			  net_rx_slot_len(&f->rx, &f->plan, i));
	}
}

/* Store all that has slots, and room in the limit. Returns the number of packets. */
static uint32_t rx_store(struct net_rx *rx, uint32_t avail)
{
	uint64_t left = limit_left(rx->card, NET_RX), bytes = 0;
	uint16_t *id = rx->ids;
	uint32_t nr;

	gcopy_reset(rx->copy);
	for (nr = 0; nr < rx->stage.nr; nr++) {
		const struct staged *f = stage_at(&rx->stage, nr);

		if (f->plan.nr_slots > avail)
			break;
		rx->limited = bytes >= left;
		if (rx->limited)
			break;
		avail -= f->plan.nr_slots;
		bytes += f->rx.len;
		rx_scatter(rx, f, &id);
	}
	rx->count.throttled += rx->limited;
	limit_charge(rx->card, NET_RX, bytes);
	gcopy_run(rx->copy);
	return nr;
}

static void rx_answer_one(struct net_rx *rx, const struct staged *f, const uint16_t *ids,
			  unsigned int copy)
{
	bool all_ok = true;
	unsigned int i;

	for (i = 0; i < f->plan.nr_slots; i++) {
		bool ok = net_rx_is_extra(&f->plan, i) || gcopy_ok(rx->copy, copy++, 1);
		union net_rx_slot slot;

		net_rx_response(&f->rx, &f->plan, i, ids[i], ok, &slot);
		ring_put(&rx->ring, &slot, sizeof(slot));
		all_ok &= ok;
	}
	rx->count.slots += f->plan.nr_slots;
	if (all_ok) {
		rx->count.packets++;
		rx->count.bytes += f->rx.len;
		rx->count.gso += f->rx.gso_size != 0;
		return;
	}
	rx->count.bad_copy++;
	log_guest(&rx->meter, rx->card->dev,
		  "packet to the guest lost: its grant cannot be copied to");
}

static void rx_answer(struct net_rx *rx, uint32_t nr, bool *notify)
{
	const uint16_t *ids = rx->ids;
	unsigned int copy = 0;
	uint32_t i;

	for (i = 0; i < nr; i++) {
		const struct staged *f = stage_at(&rx->stage, i);

		rx_answer_one(rx, f, ids, copy);
		ids += f->plan.nr_slots;
		copy += f->plan.nr_slots - f->plan.nr_extras;
	}
	stage_pop(&rx->stage, nr);
	if (ring_push(&rx->ring)) {
		rx->count.notifies++;
		*notify = true;
	}
	assert(ring_inflight(&rx->ring) == 0);
}

static uint64_t drain_ns(const struct net_rx *rx)
{
	if (rx->card->conf.drain_ms)
		return rx->card->conf.drain_ms * NS_PER_MS;
	return rx->caps.rx_notify ? DRAIN_NS : DRAIN_NO_NOTIFY_NS;
}

/* Who does not tell of its slots cannot be said to have none. */
static uint64_t stall_ns(const struct net_rx *rx)
{
	return rx->caps.rx_notify ? rx->card->conf.stall_ms * NS_PER_MS : 0;
}

static void rx_look_for_stall(struct net_rx *rx, uint64_t now)
{
	if (!stall_wait(&rx->stall, stage_at(&rx->stage, 0)->plan.nr_slots, now, stall_ns(rx)))
		return;
	rx->count.stalls++;
	carrier_stalled(rx->card);
}

static void rx_look_for_backlog(struct net_rx *rx)
{
	bool waits = rx->stage.nr && !rx->limited;

	backlog_look(&rx->backlog, waits, rx->count.bytes, waits ? now_ns() : 0);
}

/* What is left is waiting for slots: since now, or for too long. */
static uint32_t rx_expire(struct net_rx *rx, bool progress)
{
	uint32_t nr = rx->stage.nr;
	uint64_t now;

	if (!nr || rx->limited) {
		rx->wait_since = 0;
		return 0;
	}
	now = now_ns();
	rx_look_for_stall(rx, now);
	if (progress || !rx->wait_since) {
		rx->wait_since = now;
		rx->count.waits++;
		return 0;
	}
	if (now - rx->wait_since < drain_ns(rx))
		return 0;
	rx->count.expired += nr;
	stage_pop(&rx->stage, nr);
	rx->wait_since = 0;
	return nr;
}

/* What waits for slots gets the headroom that the guest wants now, if it fits. */
static void rx_replan(struct net_rx *rx)
{
	for (uint32_t i = 0; i < rx->stage.nr; i++) {
		struct staged *f = stage_at(&rx->stage, i);
		struct net_rx_pkt pkt = f->rx;
		struct net_rx_plan plan;

		pkt.headroom = rx->view.set.live.headroom;
		if (net_rx_plan(&pkt, rx->caps.sg, &plan))
			continue;
		rx->stage.nr_slots += plan.nr_slots - f->plan.nr_slots;
		f->rx = pkt;
		f->plan = plan;
	}
}

int net_rx_run(struct net_rx *rx, bool *notify)
{
	uint32_t avail, stored = 0;
	int ret = ring_avail(&rx->ring, &avail);

	if (ret) {
		tapio_run(rx->io);
		return ret;
	}
	if (net_control_refresh(rx->card->control, &rx->view))
		rx_replan(rx);
	if (stall_over(&rx->stall, avail))
		carrier_recovered(rx->card);
	rx->tap_ready |= rx->limited || rx->backlog.bound;
	net_rx_fill(rx, rx->backlog.bound ? NET_RX_RING_SLOTS : avail);
	rx->limited = false;
	if (rx->stage.nr && stage_at(&rx->stage, 0)->plan.nr_slots <= avail) {
		stored = rx_store(rx, avail);
		if (stored) {
			rx_answer(rx, stored, notify);
			rx->count.batches++;
		}
	}
	net_rx_shed(rx);
	rx_look_for_backlog(rx);
	if (stored)
		stall_progress(&rx->stall);
	return (int)(stored + rx_expire(rx, stored > 0));
}

bool net_rx_arm(struct net_rx *rx, bool *ret_now)
{
	if (!rx->stage.nr) {
		*ret_now = rx->stall.on && ring_arm(&rx->ring, rx->stall.need);
		return false;
	}
	if (!rx->limited)
		*ret_now = ring_arm(&rx->ring, stage_at(&rx->stage, 0)->plan.nr_slots);
	return true;
}

bool net_rx_stopped(const struct net_rx *rx)
{
	return rx->backlog.stopped;
}

uint64_t net_rx_wait_ns(const struct net_rx *rx, uint64_t now)
{
	uint64_t end = rx->wait_since + drain_ns(rx);
	uint64_t left = end > now ? end - now : 0;

	if (rx->limited)
		return limit_wait_ns(rx->card, NET_RX);
	left = MIN(left, stall_left_ns(&rx->stall, now, stall_ns(rx)));
	left = MIN(left, backlog_left_ns(&rx->backlog, now));
	return rx->caps.rx_notify ? left : MIN(left, POLL_NO_NOTIFY_NS);
}
