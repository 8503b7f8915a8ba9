/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest to tap.
 *
 * Theory of operation
 * -------------------
 * A turn takes everything that is in the ring, as private copies; parses it
 * into chains; fetches the data of all good chains with one grant copy call,
 * each frame contiguous, so that headers are never split (XSA-423); answers all
 * chains in order with one push; and has the frames written to the tap, which
 * does not block. The guest has its slots back as soon as we have the data, and
 * fills them while we write: what becomes of a frame on its way is no more its
 * business than on a wire. A chain whose end is not in the ring yet stays in
 * slots[] for the next turn. So between turns
 *
 *	ring_inflight() == nr_slots, and responses end at packet boundaries,
 *
 * which lets a successor start at the frontend's rsp_prod.
 */
#include "tx.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/util.h"
#include "control.h"
#include "filter.h"
#include "limit.h"
#include "offload.h"
#include "xen/gnttab.h"

#define VNET_HLEN sizeof(struct virtio_net_hdr_mrg_rxbuf)
#define LINE 64u

int net_tx_init(struct net_tx *tx, const struct net_card *card, void *shared, struct tapio *io,
		struct gnttab *gt)
{
	int ret;

	*tx = (struct net_tx){ .card = card, .io = io };
	ret = ring_attach(&tx->ring, shared, XEN_PAGE_SIZE, sizeof(union netif_tx_sring_entry));
	if (ret)
		return ret;
	assert(tx->ring.nr_slots == NET_TX_RING_SLOTS);
	ret = gcopy_new(gt, card->conf.domid, GCOPY_FROM_GUEST, NET_TX_RING_SLOTS, &tx->copy);
	if (ret)
		return ret;
	tx->area = mmap(NULL, NET_TX_AREA_BYTES, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (tx->area != MAP_FAILED)
		return 0;
	ret = -errno;
	gcopy_free(tx->copy);
	return ret;
}

void net_tx_fini(struct net_tx *tx)
{
	munmap(tx->area, NET_TX_AREA_BYTES);
	gcopy_free(tx->copy);
}

static int tx_take(struct net_tx *tx)
{
	uint32_t nr, i;
	int ret = ring_avail(&tx->ring, &nr);

	if (ret)
		return ret;
	for (i = 0; i < nr; i++)
		ring_take(&tx->ring, &tx->slots[tx->nr_slots + i], sizeof(tx->slots[0]));
	tx->nr_slots += nr;
	tx->count.slots += nr;
	return (int)nr;
}

/*
 * What the limit has no room for stays in slots[] for another turn. -EPROTO: a
 * chain as long as the ring can never come to an end.
 */
static int tx_parse(struct net_tx *tx)
{
	uint64_t left = limit_left(tx->card, NET_TX), bytes = 0;
	unsigned int at = 0;

	tx->nr_frames = 0;
	tx->limited = false;
	while (at < tx->nr_slots) {
		struct net_tx_frame *f = &tx->frames[tx->nr_frames];

		if (bytes >= left) {
			tx->limited = true;
			break;
		}
		net_tx_parse(tx->slots + at, tx->nr_slots - at, &f->pkt);
		if (f->pkt.verdict == NET_TX_INCOMPLETE)
			break;
		bytes += f->pkt.size;
		f->slot = (uint16_t)at;
		at += f->pkt.nr_slots;
		tx->nr_frames++;
	}
	limit_charge(tx->card, NET_TX, bytes);
	tx->count.throttled += tx->limited;
	return !tx->limited && tx->nr_slots - at == NET_TX_RING_SLOTS ? -EPROTO : 0;
}

/*
 * Where the frame goes that starts at @at or later. Each page of ours that a
 * slot's data touch is one more copy for the hypervisor, so a frame that has
 * full pages in it is laid such that these are aligned.
 */
static size_t tx_place(const struct net_tx *tx, const struct net_tx_frame *f, size_t at)
{
	size_t before = 0, data;
	unsigned int i;

	data = (at + VNET_HLEN + LINE - 1) / LINE * LINE;
	for (i = 0; i < f->pkt.nr_slots; i++) {
		uint16_t len = net_tx_slot_len(tx->slots + f->slot, &f->pkt, i);

		if (len == XEN_PAGE_SIZE)
			return data + (0 - (data + before)) % XEN_PAGE_SIZE;
		before += len;
	}
	return data;
}

static void tx_gather(struct net_tx *tx, struct net_tx_frame *f)
{
	const union net_tx_slot *slots = tx->slots + f->slot;
	uint8_t *to = f->data;
	unsigned int i;

	f->out = NET_OUT_TAP;
	f->copy = (uint16_t)gcopy_count(tx->copy);
	for (i = 0; i < f->pkt.nr_slots; i++) {
		uint16_t len = net_tx_slot_len(slots, &f->pkt, i);

		if (!len) /* an extra, or a slot without data (XSA-448) */
			continue;
		gcopy_add(tx->copy, slots[i].req.gref, slots[i].req.offset, to, len);
		to += len;
	}
	f->nr_copies = (uint16_t)(gcopy_count(tx->copy) - f->copy);
}

/* One copy call for the batch; gcopy_ok() knows what became of each. */
static void tx_fetch(struct net_tx *tx)
{
	size_t at = 0;
	unsigned int i;

	gcopy_reset(tx->copy);
	for (i = 0; i < tx->nr_frames; i++) {
		struct net_tx_frame *f = &tx->frames[i];

		if (f->pkt.verdict != NET_TX_OK)
			continue;
		at = tx_place(tx, f, at);
		f->data = tx->area + at;
		at += f->pkt.size;
		tx_gather(tx, f);
	}
	assert(at <= NET_TX_AREA_BYTES);
	gcopy_run(tx->copy);
}

static int16_t tx_reject(struct net_tx *tx, uint64_t *counter, const char *why)
{
	(*counter)++;
	log_guest(&tx->meter, tx->card->dev, "packet from the guest refused: %s", why);
	return NETIF_RSP_ERROR;
}

static int16_t tx_filtered(struct net_tx *tx, enum filter_verdict verdict)
{
	filter_count(&tx->count, verdict);
	log_guest(&tx->meter, tx->card->dev, "packet from the guest dropped: %s",
		  filter_text(verdict));
	return NETIF_RSP_DROPPED;
}

/* What the chain is answered with; a frame to be written has its vnet header. */
static int16_t tx_judge_one(struct net_tx *tx, struct net_tx_frame *f)
{
	struct virtio_net_hdr_mrg_rxbuf vh;
	enum filter_verdict filtered;

	switch (f->pkt.verdict) {
	case NET_TX_OK:
		break;
	case NET_TX_DUMMY:
		tx->count.dummies++;
		return net_control_mcast(tx->card->control, tx->slots + f->slot, f->pkt.nr_extras);
	case NET_TX_CROSS_PAGE:
	case NET_TX_BAD_SIZE:
	case NET_TX_BAD_EXTRA:
	case NET_TX_INCOMPLETE:
		return tx_reject(tx, &tx->count.bad_chain, net_tx_verdict_text(f->pkt.verdict));
	}
	if (!gcopy_ok(tx->copy, f->copy, f->nr_copies))
		return tx_reject(tx, &tx->count.bad_copy, "its grant cannot be copied");
	filtered = filter_judge(&tx->filter, f->data, f->pkt.size);
	if (filtered)
		return tx_filtered(tx, filtered);
	if (net_to_vnet(&f->pkt, f->data, f->pkt.size, &vh))
		return tx_reject(tx, &tx->count.bad_headers,
				 "its headers do not match its offload flags");
	memcpy(f->data - VNET_HLEN, &vh, VNET_HLEN);
	tx->count.gso += vh.hdr.gso_type != VIRTIO_NET_HDR_GSO_NONE;
	return NETIF_RSP_OKAY;
}

static void tx_judge(struct net_tx *tx)
{
	unsigned int i;

	for (i = 0; i < tx->nr_frames; i++)
		tx->frames[i].status = tx_judge_one(tx, &tx->frames[i]);
}

/* One response for each slot, or the guest's ring leaks (netif.h, NETIF_RSP_NULL). */
static void tx_answer_one(struct net_tx *tx, const struct net_tx_frame *f)
{
	const union net_tx_slot *slots = tx->slots + f->slot;
	unsigned int i;

	for (i = 0; i < f->pkt.nr_slots; i++) {
		bool extra = i && i <= f->pkt.nr_extras;
		struct netif_tx_response rsp = {
			.id = slots[i].req.id,
			.status = extra ? NETIF_RSP_NULL : f->status,
		};

		ring_put(&tx->ring, &rsp, sizeof(rsp));
	}
}

static void tx_answer(struct net_tx *tx, bool *notify)
{
	unsigned int i, done = 0;

	for (i = 0; i < tx->nr_frames; i++) {
		tx_answer_one(tx, &tx->frames[i]);
		done += tx->frames[i].pkt.nr_slots;
	}
	if (ring_push(&tx->ring)) {
		tx->count.notifies++;
		*notify = true;
	}
	tx->nr_slots -= done;
	memmove(tx->slots, tx->slots + done, tx->nr_slots * sizeof(tx->slots[0]));
	assert(ring_inflight(&tx->ring) == tx->nr_slots);
}

static bool tx_is_forwarded(const struct net_tx_frame *f)
{
	return f->pkt.verdict == NET_TX_OK && f->status == NETIF_RSP_OKAY;
}

/* Past the tap where that may be; the others are left. */
static void tx_direct(struct net_tx *tx, struct net_direct *direct)
{
	unsigned int i;

	net_direct_begin(direct, &tx->direct);
	for (i = 0; i < tx->nr_frames && tx->direct.view.nr; i++) {
		struct net_tx_frame *f = &tx->frames[i];

		if (tx_is_forwarded(f))
			f->out =
				(uint8_t)net_direct_send(direct, &tx->direct, f->data, f->pkt.size);
	}
	net_direct_end(direct, &tx->direct);
	if (tx->direct.marked)
		tx->direct.write =
			(uint16_t)tapio_write(tx->io, tx->direct.mark, sizeof(tx->direct.mark));
	tx->count.direct_marks += tx->direct.marked;
}

void net_tx_forward(struct net_tx *tx)
{
	unsigned int i;

	if (tx->card->direct)
		tx_direct(tx, tx->card->direct);
	for (i = 0; i < tx->nr_frames; i++) {
		struct net_tx_frame *f = &tx->frames[i];

		if (tx_is_forwarded(f) && f->out == NET_OUT_TAP)
			f->write =
				tapio_write(tx->io, f->data - VNET_HLEN, VNET_HLEN + f->pkt.size);
	}
}

/* A tap never blocks the ring; what it does not take is dropped, as on a wire. */
static void tx_account_one(struct net_tx *tx, const struct net_tx_frame *f)
{
	int res = f->out == NET_OUT_TAP ? tapio_result(tx->io, f->write) : 0;

	tx->count.direct_packets += f->out == NET_OUT_DIRECT;
	if (f->out == NET_OUT_FULL) {
		tx->count.direct_full++;
	} else if (res >= 0) {
		tx->count.packets++;
		tx->count.bytes += f->pkt.size;
	} else if (res == -EIO) {
		tx->count.tap_down++;
	} else if (res == -EAGAIN || res == -ENOBUFS || res == -ENOMEM) {
		tx->count.tap_full++;
	} else {
		tx_reject(tx, &tx->count.tap_refused, "the tap does not take it");
	}
}

void net_tx_account(struct net_tx *tx)
{
	unsigned int i;

	for (i = 0; i < tx->nr_frames; i++)
		if (tx_is_forwarded(&tx->frames[i]))
			tx_account_one(tx, &tx->frames[i]);
	if (tx->direct.marked)
		net_direct_tap(tx->card->direct, tapio_result(tx->io, tx->direct.write) == -EIO);
	tx->direct.marked = false;
	tx->nr_frames = 0;
}

int net_tx_run(struct net_tx *tx, bool *notify)
{
	int ret = tx_take(tx);

	net_control_filter(tx->card->control, &tx->filter_version, &tx->filter);
	if (ret < 0 || (!ret && !tx->limited))
		return ret;
	ret = tx_parse(tx);
	if (ret || !tx->nr_frames)
		return ret;
	tx_fetch(tx);
	tx_judge(tx);
	tx_answer(tx, notify);
	tx->count.batches++;
	return (int)tx->nr_frames;
}

uint64_t net_tx_wait_ns(const struct net_tx *tx)
{
	return limit_wait_ns(tx->card, NET_TX);
}
