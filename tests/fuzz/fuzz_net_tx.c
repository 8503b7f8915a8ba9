// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All of tx.c against a frontend that posts good chains, bad ones and noise.
 * After every turn each slot taken has been answered once, in its place, or
 * waits for the end of its chain; and what the tap got is what the guest's
 * pages held, frame by frame.
 */
#include "net_chain.h"
#include "net_model.h"

#include <errno.h>

#include "../unit/net_fake_grants.h"
#include "net_tap.h"

#include "control.h"
#include "offload.h"
#include "tx.h"

#define VNET_HLEN sizeof(struct virtio_net_hdr_mrg_rxbuf)

static struct net_control control;
static const struct net_card card = {
	.dev = "vif/1/0",
	.conf = { .domid = 1 },
	.control = &control,
};
static uint8_t page[4096] __attribute__((aligned(4096)));
static netif_tx_front_ring_t front;
static struct net_tx tx;

/* What the frontend knows to have been taken and not to have been answered. */
static struct {
	union net_tx_slot slots[NET_TX_RING_SLOTS];
	unsigned int nr;
	uint32_t taken, answered;
	bool broken;
} pending;

/* The chains answered in this turn, as the tap is to see them. */
static struct {
	union net_tx_slot slots[NET_TX_RING_SLOTS];
	unsigned int nr_slots;
	unsigned int at; /* of the next one that reaches the tap */
	int tap_errno;
} batch;

static uint8_t wanted[VNET_HLEN + 65536];

static unsigned int pages_used;
static bool dirty[FAKE_PAGES]; /* cleared before the next run */

static uint8_t *guest_page(uint32_t gref)
{
	dirty[gref] = true;
	return fake_pages[gref];
}

/* Put the packet together; false if it must not reach the tap. */
static bool assemble(const union net_tx_slot *slots, const struct chain *c)
{
	struct net_tx_pkt pkt = {
		.size = slots[0].req.size,
		.csum_blank = slots[0].req.flags & NETTXF_csum_blank,
		.gso_size = c->gso_size,
		.gso_type = c->gso_type,
	};
	size_t at = VNET_HLEN, rest = 0;

	if (!chain_is_packet(c) || fake_run_error)
		return false;
	for (unsigned int i = 1 + c->nr_extras; i < c->nr_slots; i++)
		rest += slots[i].req.size;
	for (unsigned int i = 0; i < c->nr_slots; i++) {
		size_t len = i == 0 ? pkt.size - rest : slots[i].req.size;

		if ((i > 0 && i <= c->nr_extras) || len == 0)
			continue;
		if (slots[i].req.gref >= FAKE_PAGES)
			return false;
		memcpy(wanted + at, fake_pages[slots[i].req.gref] + slots[i].req.offset, len);
		at += len;
	}
	return net_to_vnet(&pkt, wanted + VNET_HLEN, pkt.size, (void *)wanted) == 0;
}

static int tap_read(const struct iovec *iov, unsigned int nr_iov)
{
	(void)iov;
	(void)nr_iov;
	CHECK(false);
	return -EAGAIN;
}

static bool tap_skip(void)
{
	CHECK(false);
	return false;
}

/* The next good chain of the batch is what is written, and nothing else is. */
static int tap_write(const void *buf, size_t n)
{
	for (;;) {
		const union net_tx_slot *slots = batch.slots + batch.at;
		struct chain c;

		CHECK(batch.at < batch.nr_slots);
		c = chain_walk(slots, batch.nr_slots - batch.at);
		batch.at += c.nr_slots;
		if (!assemble(slots, &c))
			continue;
		CHECK(n == VNET_HLEN + slots[0].req.size);
		CHECK(memcmp(buf, wanted, n) == 0);
		break;
	}
	return batch.tap_errno ? -batch.tap_errno : (int)n;
}

/* The addresses that the guest has added, as often as it has. */
static struct {
	unsigned int nr;
	uint8_t addr[4096][6];
} heard;

static bool model_multicast(const struct netif_extra_info *e)
{
	const uint8_t *addr = e->u.mcast.addr;
	unsigned int i = 0;

	while (i < heard.nr && memcmp(heard.addr[i], addr, 6) != 0)
		i++;
	if (e->type == XEN_NETIF_EXTRA_TYPE_MCAST_ADD) {
		/* An input is too short for so many. */
		if (addr[0] & 1)
			memcpy(heard.addr[heard.nr++], addr, 6);
		return addr[0] & 1;
	}
	if (e->type == XEN_NETIF_EXTRA_TYPE_MCAST_DEL && i < heard.nr)
		memmove(heard.addr[i], heard.addr[--heard.nr], 6);
	return true;
}

/* All requests of the chain, and whether they could be done. */
static bool model_requests(const union net_tx_slot *slots, const struct chain *c)
{
	bool okay = true;

	for (unsigned int i = 1; i <= c->nr_extras; i++)
		okay &= model_multicast(&slots[i].extra);
	return okay;
}

static void check_list(void)
{
	CHECK(control.now.mcast.nr <= heard.nr);
	for (unsigned int i = 0; i < heard.nr; i++)
		CHECK(net_mcast_has(&control.now.mcast, heard.addr[i]));
}

static void check_answer(unsigned int i, const struct chain *c, bool okay)
{
	const union net_tx_slot *slot = &batch.slots[batch.nr_slots + i];
	netif_tx_response_t *rsp = RING_GET_RESPONSE(&front, pending.answered);
	bool extra = i > 0 && i <= c->nr_extras;

	CHECK(rsp->status == (extra ? NETIF_RSP_NULL : okay ? NETIF_RSP_OKAY : NETIF_RSP_ERROR));
	CHECK(extra || rsp->id == slot->req.id);
	pending.answered++;
}

/* Walk over what was pending; the rest of it stays pending. Returns the number of chains. */
static int check_answers(void)
{
	int chains = 0;

	memcpy(batch.slots, pending.slots, sizeof(batch.slots));
	batch.nr_slots = batch.at = 0;
	while (batch.nr_slots < pending.nr) {
		const union net_tx_slot *slots = batch.slots + batch.nr_slots;
		struct chain c = chain_walk(slots, pending.nr - batch.nr_slots);
		bool good;

		if (c.open)
			break;
		good = c.multicast && !c.bad_extra ? model_requests(slots, &c)
						   : assemble(slots, &c);
		for (unsigned int i = 0; i < c.nr_slots; i++)
			check_answer(i, &c, good);
		batch.nr_slots += c.nr_slots;
		chains++;
	}
	pending.nr -= batch.nr_slots;
	memmove(pending.slots, pending.slots + batch.nr_slots, pending.nr * sizeof(*pending.slots));
	return chains;
}

/* False: the indices are impossible. */
static bool take(void)
{
	uint32_t prod = front.sring->req_prod;

	if (prod - pending.taken > NET_TX_RING_SLOTS || prod - pending.answered > NET_TX_RING_SLOTS)
		return false;
	for (; pending.taken != prod; pending.taken++)
		memcpy(&pending.slots[pending.nr++], RING_GET_REQUEST(&front, pending.taken),
		       sizeof(*pending.slots));
	return true;
}

static void check_forwarded(void)
{
	tapio_reset(NULL);
	net_tx_forward(&tx);
	tapio_run(NULL);
	net_tx_account(&tx);
	while (batch.at < batch.nr_slots) { /* nothing that was good is left */
		const union net_tx_slot *slots = batch.slots + batch.at;
		struct chain c = chain_walk(slots, batch.nr_slots - batch.at);

		CHECK(!assemble(slots, &c));
		batch.at += c.nr_slots;
	}
}

static void turn(struct fuzz *f)
{
	static const int errors[] = { EAGAIN, EIO, EINVAL, ENOBUFS };
	uint32_t event = front.sring->rsp_event, before = pending.answered;
	bool possible = take(), notify = false;
	uint8_t bits = fuzz_u8(f);
	int ret;

	fake_run_error = (bits & 7) == 7 ? -EFAULT : 0;
	batch.tap_errno = bits & 8 ? errors[bits >> 4 & 3] : 0;
	ret = net_tx_run(&tx, &notify);
	if (!possible || (ret < 0 && pending.nr == NET_TX_RING_SLOTS)) {
		CHECK(ret == -EPROTO && (!possible || chain_walk(pending.slots, pending.nr).open));
		pending.broken = true;
		return;
	}
	CHECK(check_answers() == ret);
	check_list();
	CHECK(front.sring->rsp_prod == pending.answered);
	CHECK(notify == (pending.answered - event < pending.answered - before));
	CHECK((uint32_t)tx.count.slots == pending.taken);
	CHECK(tx.nr_slots == pending.nr && ring_inflight(&tx.ring) == pending.nr);
	CHECK(pending.taken == pending.answered + pending.nr && pending.nr < NET_TX_RING_SLOTS);
	check_forwarded();
}

static bool has_room(void)
{
	return front.req_prod_pvt - pending.answered < NET_TX_RING_SLOTS;
}

static void post(const void *slot)
{
	if (!has_room())
		return;
	memcpy(RING_GET_REQUEST(&front, front.req_prod_pvt), slot, sizeof(union net_tx_slot));
	front.req_prod_pvt++;
	front.sring->req_prod = front.req_prod_pvt;
}

static void post_noise(struct fuzz *f)
{
	union net_tx_slot slot;

	fuzz_bytes(f, &slot, sizeof(slot));
	if (fuzz_u8(f) & 1) { /* a size and a place that can be right */
		slot.req.gref %= FAKE_PAGES + 8;
		slot.req.size %= 1600;
		slot.req.offset %= 4096;
		slot.req.flags &= 15;
	}
	post(&slot);
}

static void post_gso(struct fuzz *f)
{
	union net_tx_slot slot = { .extra = { .type = XEN_NETIF_EXTRA_TYPE_GSO } };
	uint8_t bits = fuzz_u8(f);

	slot.extra.u.gso.size = fuzz_u16(f);
	slot.extra.u.gso.type = 1 + (bits & 1);
	slot.extra.flags = bits & 2 ? XEN_NETIF_EXTRA_FLAG_MORE : 0;
	post(&slot);
	if (slot.extra.flags) {
		slot.extra = (struct netif_extra_info){ .type = bits >> 2 & 7 };
		post(&slot);
	}
}

/* A made frame, cut into slots wherever the input says. */
static void post_packet(struct fuzz *f)
{
	static struct frame frame;
	uint8_t bits = fuzz_u8(f);
	size_t done = 0;

	fuzz_frame(f, &frame, bits & 4 ? 65535 : 4000);
	for (unsigned int i = 0; i == 0 || done < frame.len; i++) {
		size_t len = bits & 8 ? 4096 : 1 + fuzz_below(f, 4096);
		union net_tx_slot slot = { .req = { .id = (uint16_t)(pages_used * 7 + 1) } };

		if (len > frame.len - done)
			len = frame.len - done;
		if (fuzz_u8(f) == 7) /* a slot without data */
			len = 0;
		slot.req.gref = pages_used++ % FAKE_PAGES;
		slot.req.offset = (uint16_t)(bits & 16 ? 0 : 4096 - len);
		slot.req.size = (uint16_t)(i == 0 ? frame.len : len);
		memcpy(guest_page(slot.req.gref) + slot.req.offset, frame.data + done, len);
		done += len;
		if (i == 0)
			slot.req.flags = bits & (NETTXF_csum_blank | NETTXF_data_validated);
		if (i == 0 && bits & 32)
			slot.req.flags |= NETTXF_extra_info;
		if (done < frame.len)
			slot.req.flags |= NETTXF_more_data;
		if (!has_room())
			return; /* the guest never ends it, or with noise */
		post(&slot);
		if (slot.req.flags & NETTXF_extra_info)
			post_gso(f);
	}
}

static void scribble(struct fuzz *f)
{
	uint8_t bits = fuzz_u8(f);

	if (bits == 255)
		front.sring->req_prod = fuzz_u32(f);
	else if (bits == 254) /* a ring more than is answered, or than is taken; or one more */
		front.sring->req_prod =
			fuzz_u8(f) % 3 + 255 + (fuzz_u8(f) & 1 ? pending.answered : pending.taken);
	else if (bits & 1)
		front.sring->rsp_event = pending.answered + (uint32_t)(int8_t)fuzz_u8(f);
	else if (bits & 2)
		page[64 + fuzz_below(f, sizeof(page) - 64)] = fuzz_u8(f);
	else
		guest_page(fuzz_below(f, FAKE_PAGES))[fuzz_below(f, 4096)] = fuzz_u8(f);
}

static void begin(struct fuzz *f)
{
	uint32_t start = fuzz_u8(f) & 1 ? 0 : fuzz_u32(f);

	for (unsigned int i = 0; i < FAKE_PAGES; i++)
		if (dirty[i])
			memset(fake_pages[i], 0, sizeof(fake_pages[i]));
	memset(dirty, 0, sizeof(dirty));
	memset(page, 0, sizeof(page));
	memset(&pending, 0, sizeof(pending));
	memset(&batch, 0, sizeof(batch));
	memset(&control, 0, sizeof(control));
	heard.nr = 0;
	pages_used = 0;
	fake_run_error = 0;
	front.sring = (netif_tx_sring_t *)page;
	front.nr_ents = NET_TX_RING_SLOTS;
	front.req_prod_pvt = pending.taken = pending.answered = start;
	front.sring->req_prod = front.sring->rsp_prod = start;
	front.sring->rsp_event = start + 1;
	CHECK(net_tx_init(&tx, &card, page, NULL, NULL) == 0);
	tx.count.slots = start;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };

	begin(&f);
	while (f.left > 0 && !pending.broken) {
		switch (fuzz_below(&f, 4)) {
		case 0:
			post_noise(&f);
			break;
		case 1:
			post_packet(&f);
			break;
		case 2:
			turn(&f);
			break;
		default:
			scribble(&f);
		}
	}
	if (!pending.broken)
		turn(&f);
	net_tx_fini(&tx);
	return 0;
}
