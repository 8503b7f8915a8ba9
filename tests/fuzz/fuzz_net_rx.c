// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All of rx.c and rx_fill.c against a frontend that puts packets together again. What it
 * sees is what the tap gave, in order; what it does not see has been dropped
 * for a reason. Each slot taken is answered in its place in the same turn.
 */
#include "net_model.h"

#include <errno.h>

#include "../unit/net_fake_grants.h"
#include "net_tap.h"

#include "base/clock.h"
#include "base/util.h"
#include "stage.h"

static uint64_t fake_now;
static bool take_room(struct stage *s, struct stage_room *room);
#define now_ns() fake_now
#define stage_take(s, room) take_room(s, room)
#include "../../netback/rx.c"	   // NOLINT(bugprone-suspicious-include): its clock is replaced
#include "../../netback/rx_fill.c" // NOLINT(bugprone-suspicious-include): its memory is watched
#undef now_ns
#undef stage_take

#define FRAME_MAX (VNET_HLEN + NET_RX_MAX_FRAME)

static struct net_control control;
static const struct net_card card = {
	.dev = "vif/1/0",
	.conf = { .domid = 1 },
	.control = &control,
};
static uint8_t page[4096] __attribute__((aligned(4096)));
static netif_rx_front_ring_t front;
static struct net_rx rx;

/* What stood in the ring when the turn began, by place. */
static netif_rx_request_t posted[NET_RX_RING_SLOTS];
static bool wild; /* the index is anything: several slots may name one page */

/* What is staged, as the guest is to see it. */
struct expected {
	struct expected *next;
	unsigned int frame; /* of the tap; segments are of one */
	uint32_t len;
	uint16_t flags, gso_size;
	uint8_t gso_type;
	bool hashed;
	struct net_hashed hash;
	uint8_t data[];
};

static struct {
	struct expected *first, **last;
	unsigned int nr, nr_slots;
	unsigned int frames; /* read */
	struct net_rx_counters count;
} want;

static uint16_t headroom;

static unsigned int slots_of(const struct expected *e)
{
	return (headroom + e->len + 4095) / 4096 + (e->gso_size != 0) + (headroom != 0) + e->hashed;
}

static struct fuzz *input;
static unsigned int tap_left; /* frames that can be read in this turn */

static void expect(struct net_rx_pkt *pkt)
{
	struct expected *e;
	struct net_rx_plan plan;

	/* What hash a frame has is net_hash's subject. */
	net_view_dress(&rx.view, pkt);

	if (net_rx_plan(pkt, rx.caps.sg, &plan) != 0) {
		want.count.too_large++;
		return;
	}
	e = malloc(sizeof(*e) + pkt->len);
	*e = (struct expected){ .frame = want.frames,
				.len = pkt->len,
				.flags = pkt->flags,
				.gso_size = pkt->gso_size,
				.gso_type = pkt->gso_type,
				.hashed = pkt->hashed,
				.hash = pkt->hash };
	memcpy(e->data, pkt->data, pkt->len);
	*want.last = e;
	want.last = &e->next;
	want.nr++;
	CHECK(plan.nr_slots == slots_of(e));
	want.nr_slots += plan.nr_slots;
}

static struct expected *pop(void)
{
	struct expected *e = want.first;

	CHECK(e);
	want.first = e->next;
	if (!want.first)
		want.last = &want.first;
	want.nr--;
	want.nr_slots -= slots_of(e);
	return e;
}

static void expect_segments(const struct net_rx_pkt *pkt)
{
	struct net_rx_pkt part = { .flags = NETRXF_data_validated };
	static uint8_t out[FRAME_MAX];
	struct net_headers h;
	unsigned int nr;

	CHECK(net_headers(pkt->data, pkt->len, &h) == 0);
	nr = net_segments(&h, pkt->len, pkt->gso_size);
	part.data = out;
	for (unsigned int i = 0; i < nr; i++) {
		part.len = (uint32_t)net_segment(pkt->data, pkt->len, &h, pkt->gso_size, i, out);
		expect(&part);
	}
}

/* Judged once more on a copy: the other fuzzers look at the judgement itself. */
static void expect_frame(const struct virtio_net_hdr_mrg_rxbuf *vh, const struct frame *frame)
{
	struct net_caps caps = {
		.sg = rx.caps.sg,
		.gso_tcpv4 = rx.caps.gso_tcpv4 && !headroom,
		.gso_tcpv6 = rx.caps.gso_tcpv6 && !headroom,
		.csum_ipv4 = rx.caps.csum_ipv4,
		.csum_ipv6 = rx.caps.csum_ipv6,
	};
	struct net_rx_pkt pkt = { .data = exact_copy(frame), .len = (uint32_t)frame->len };
	bool finished;

	want.frames++;
	switch (net_from_vnet(vh, &caps, &pkt, &finished)) {
	case NET_RX_PASS:
		expect(&pkt);
		break;
	case NET_RX_SEGMENT:
		expect_segments(&pkt);
		break;
	case NET_RX_BAD:
		want.count.bad_frame++;
	}
	free(pkt.data);
}

static int tap_write(const void *buf, size_t n)
{
	(void)buf;
	(void)n;
	CHECK(false);
	return -EIO;
}

static void spread(const struct iovec *iov, const uint8_t *data, size_t len)
{
	size_t first = MIN(len, iov[0].iov_len);

	memcpy(iov[0].iov_base, data, first);
	memcpy(iov[1].iov_base, data + first, len - first);
}

static int tap_read(const struct iovec *iov, unsigned int nr_iov)
{
	static uint8_t buf[FRAME_MAX];
	struct virtio_net_hdr_mrg_rxbuf vh = { 0 };
	static struct frame frame;
	struct model_headers m;
	uint8_t bits;

	CHECK(nr_iov == 2 && iov[0].iov_len + iov[1].iov_len == FRAME_MAX);
	if (tap_left == 0)
		return -EAGAIN;
	tap_left--;
	bits = fuzz_u8(input);
	fuzz_frame(input, &frame, NET_RX_MAX_FRAME);
	if (bits & 1 && model_find(frame.data, frame.len, &m)) {
		vh.hdr.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		vh.hdr.csum_start = (uint16_t)m.l4;
		vh.hdr.csum_offset = (uint16_t)(m.csum - m.l4);
	}
	if (bits & 2) {
		vh.hdr.gso_type = bits & 4 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
		vh.hdr.gso_size = (uint16_t)(500 + fuzz_u16(input) % 2000);
	}
	memcpy(buf, &vh, VNET_HLEN);
	memcpy(buf + VNET_HLEN, frame.data, frame.len);
	spread(iov, buf, VNET_HLEN + frame.len);
	expect_frame(&vh, &frame);
	return (int)(VNET_HLEN + frame.len);
}

/* Only what comes on top of more than any guest is kept. */
static bool tap_skip(void)
{
	CHECK(rx.backlog.bound != 0);
	CHECK(rx.stage.nr_bytes >= 131072 ||
	      (rx.backlog.stopped &&
	       (rx.stage.nr_slots > NET_RX_RING_SLOTS || stage_is_full(&rx.stage))));
	if (tap_left == 0)
		return false;
	tap_left--;
	want.count.too_slow++;
	return true;
}

static const netif_rx_response_t *next_response(const netif_rx_request_t **ret_req)
{
	uint32_t at = front.rsp_cons++;

	CHECK(at != front.sring->rsp_prod);
	*ret_req = &posted[at % NET_RX_RING_SLOTS];
	return RING_GET_RESPONSE(&front, at);
}

static uint32_t part_of(const struct expected *e, uint32_t at)
{
	uint32_t room = at ? 4096 : 4096u - headroom;

	return e->len - at < room ? e->len - at : room;
}

/* Its data went to the page that was posted in the same place. */
static bool check_slot(const netif_rx_response_t *rsp, const netif_rx_request_t *req,
		       const struct expected *e, uint32_t at)
{
	uint32_t place = at ? 0 : headroom, len = part_of(e, at);

	CHECK(rsp->id == req->id && rsp->offset == place);
	if (fake_run_error || req->gref >= FAKE_PAGES) {
		CHECK(rsp->status == NETIF_RSP_ERROR);
		return false;
	}
	CHECK(rsp->status == (int16_t)len);
	CHECK(wild || memcmp(fake_pages[req->gref] + place, e->data + at, len) == 0);
	return true;
}

/* Each that there is to be, once. */
static void receive_extras(const struct expected *e)
{
	unsigned int nr = (e->gso_size != 0) + (headroom != 0) + e->hashed, types = 0;

	while (nr-- > 0) {
		const netif_rx_request_t *req;
		const netif_extra_info_t *x = (const void *)next_response(&req);

		CHECK(x->flags == (nr > 0 ? XEN_NETIF_EXTRA_FLAG_MORE : 0));
		CHECK(!(types & 1u << x->type));
		types |= 1u << x->type;
		if (x->type == XEN_NETIF_EXTRA_TYPE_GSO)
			CHECK(x->u.gso.size == e->gso_size && x->u.gso.type == e->gso_type);
		else if (x->type == NET_EXTRA_TYPE_XDP)
			CHECK(x->u.pad[0] == headroom && headroom != 0);
		else
			CHECK(x->type == XEN_NETIF_EXTRA_TYPE_HASH && e->hashed &&
			      x->u.hash.type == e->hash.type &&
			      memcmp(x->u.hash.value, &e->hash.value, 4) == 0);
	}
}

static void receive(void)
{
	struct expected *e = pop();
	const netif_rx_request_t *req;
	const netif_rx_response_t *rsp = next_response(&req);
	bool all = true;
	uint32_t at = 0;

	CHECK((rsp->flags & (NETRXF_csum_blank | NETRXF_data_validated)) == e->flags);
	CHECK(((rsp->flags & NETRXF_extra_info) != 0) ==
	      (e->gso_size != 0 || headroom != 0 || e->hashed));
	for (;;) {
		uint16_t flags = rsp->flags;

		all &= check_slot(rsp, req, e, at);
		at += part_of(e, at);
		if (flags & NETRXF_extra_info)
			receive_extras(e);
		if (!(flags & NETRXF_more_data))
			break;
		rsp = next_response(&req);
	}
	CHECK(at == e->len);
	want.count.packets += all;
	want.count.bad_copy += !all;
	free(e);
}

/*
 * No room for a segment: it and those behind it of the same frame are lost. All
 * that is staged is what the model expects first.
 */
static void forget_cut(void)
{
	struct expected **at = &want.first;
	unsigned int frame;

	want.count.too_large++;
	for (unsigned int keep = rx.stage.nr; keep > 0; keep--)
		at = &(*at)->next;
	frame = (*at)->frame;
	while (*at && (*at)->frame == frame) {
		struct expected *e = *at;

		*at = e->next;
		want.nr--;
		want.nr_slots -= slots_of(e);
		free(e);
	}
	if (!*at)
		want.last = at;
}

/* Without anything that was read and is not staged yet, it is for a read. */
static bool take_room(struct stage *s, struct stage_room *room)
{
	bool ok = stage_take(s, room);

	if (!ok && want.nr > s->nr)
		forget_cut();
	return ok;
}

static void check_expired(void)
{
	if (rx.count.expired == want.count.expired)
		return;
	CHECK(rx.count.expired - want.count.expired == want.nr && rx.stage.nr == 0);
	while (want.nr > 0)
		free(pop());
	want.count.expired = rx.count.expired;
}

/* False: the guest broke the ring. */
static bool turn(struct fuzz *f)
{
	uint32_t prod = front.sring->req_prod, event = front.sring->rsp_event;
	uint32_t before = front.rsp_cons, avail = prod - before;
	uint8_t bits = fuzz_u8(f);
	bool notify = false, stopped = rx.backlog.stopped, now;
	int ret;

	tap_left = bits & 31;
	fake_run_error = bits >> 5 == 7 ? -EFAULT : 0;
	rx.tap_ready = true;
	for (uint32_t i = 0; i < NET_RX_RING_SLOTS; i++)
		posted[i] = *RING_GET_REQUEST(&front, i);
	tapio_reset(NULL);
	ret = net_rx_run(&rx, &notify);
	CHECK((ret == -EPROTO) == (avail > NET_RX_RING_SLOTS));
	if (ret < 0)
		return false;
	while (front.rsp_cons != front.sring->rsp_prod)
		receive();
	CHECK(front.rsp_cons - before <= avail);
	check_expired();
	CHECK(ring_inflight(&rx.ring) == 0 && rx.ring.req_cons == front.rsp_cons);
	CHECK(notify == (front.rsp_cons - event < front.rsp_cons - before));
	CHECK(rx.stage.nr == want.nr && rx.stage.nr_slots == want.nr_slots);
	CHECK(rx.count.packets == want.count.packets && rx.count.bad_copy == want.count.bad_copy);
	CHECK(rx.count.too_large == want.count.too_large);
	CHECK(rx.count.bad_frame == want.count.bad_frame);
	CHECK(rx.count.too_slow == want.count.too_slow);
	CHECK(!stopped || !net_rx_stopped(&rx) || tap_left == 0);
	if (net_rx_arm(&rx, &now)) {
		CHECK(want.nr > 0);
		CHECK(net_rx_wait_ns(&rx, fake_now) <= 10 * NS_PER_SEC);
	}
	return true;
}

static void post(struct fuzz *f)
{
	for (unsigned int n = fuzz_u8(f); n > 0; n--) {
		uint32_t at = front.req_prod_pvt;
		netif_rx_request_t *req = RING_GET_REQUEST(&front, at);

		if (at - front.rsp_cons >= NET_RX_RING_SLOTS)
			break;
		*req = (netif_rx_request_t){ .id = (uint16_t)(at * 3 + 1),
					     .gref = at % NET_RX_RING_SLOTS };
		if (n == 13)
			req->gref = FAKE_PAGES + fuzz_u8(f);
		front.req_prod_pvt++;
	}
	front.sring->req_prod = front.req_prod_pvt;
}

static void begin(struct fuzz *f)
{
	uint32_t start = fuzz_u8(f) & 1 ? 0 : fuzz_u32(f);
	uint8_t bits = fuzz_u8(f);
	struct net_caps caps = {
		.sg = bits & 1,
		.gso_tcpv4 = bits & 2,
		.gso_tcpv6 = bits & 4,
		.csum_ipv4 = bits & 8,
		.csum_ipv6 = bits & 16,
		.rx_notify = bits & 32,
	};

	memset(page, 0, sizeof(page));
	memset(&control, 0, sizeof(control));
	headroom = bits & 64 ? (uint16_t)(fuzz_u16(f) % (NET_MAX_HEADROOM + 1)) : 0;
	control.now.live.headroom = headroom;
	control.now.hash.algorithm = bits >> 7;
	control.now.hash.types = NET_HASH_TYPES;
	control.now.hash.key[3] = bits;
	control.version = 1;
	memset(&want, 0, sizeof(want));
	want.last = &want.first;
	fake_run_error = 0;
	fake_now = 1;
	wild = false;
	front.sring = (netif_rx_sring_t *)page;
	front.nr_ents = NET_RX_RING_SLOTS;
	front.req_prod_pvt = front.rsp_cons = start;
	front.sring->req_prod = front.sring->rsp_prod = start;
	front.sring->rsp_event = start + 1;
	input = f;
	CHECK(net_rx_init(&rx, &card, page, NULL, NULL) == 0);
	rx.caps = caps;
}

static void scribble(struct fuzz *f)
{
	uint8_t bits = fuzz_u8(f);

	if (bits < 4) {
		front.sring->req_prod = fuzz_u32(f);
		wild = true;
	} else if (bits & 1) {
		front.sring->rsp_event = front.rsp_cons + (uint32_t)(int8_t)fuzz_u8(f);
	} else {
		fake_now += (uint64_t)bits * bits * NS_PER_MS;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	bool fine = true;

	begin(&f);
	while (f.left > 0 && fine) {
		switch (fuzz_below(&f, 4)) {
		case 0:
			post(&f);
			break;
		case 1:
			scribble(&f);
			break;
		default:
			fine = turn(&f);
		}
	}
	while (want.nr > 0)
		free(pop());
	net_rx_fini(&rx);
	return 0;
}
