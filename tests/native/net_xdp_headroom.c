// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest attaches an XDP program and detaches it, twice: through states 7, 8 and 4 again its
 * packets get the room in front that it asks for, told by an extra and by the first
 * slot's offset, small and large ones, and beside other extras; and then no more. A key that
 * comes late, as Linux writes it, counts as well; a wrong one changes nothing.
 */
#include "net_ctrl_case.h"

enum { HEADROOM = 256 };

/* What comes next from the wire, of @len bytes. */
static struct netfront_packet hears(struct net_guest *g, uint32_t len)
{
	static uint8_t buf[FRAME_MAX], got[FRAME_MAX];
	static uint32_t mark = 0x3f000000;
	const struct frame_how how = {
		.kind = FRAME_OURS, .from = frame_wire_mac, .payload = len - 14, .mark = mark + 1
	};
	struct netfront_packet pkt;
	uint32_t seen = 0;

	mark++;
	frame_make(buf, &how);
	must(wire_send(&net_wire, NULL, buf, len));
	do {
		check(net_guest_receive(g, &pkt, PATIENCE_MS), "it does not come");
		netfront_linear(&pkt, got, sizeof(got));
		netfront_rx_post(g->nf);
	} while (!frame_mark(got, pkt.len, &seen) || seen != mark);
	check(pkt.len == len && !memcmp(got, buf, len), "other bytes came");
	return pkt;
}

static void expect(struct net_guest *g, uint32_t len, uint16_t headroom)
{
	struct netfront_packet pkt = hears(g, len);
	unsigned int slots = (headroom + len + 4095) / 4096 + (headroom > 0);

	check(pkt.headroom == headroom, "%u bytes: headroom of %u", len, pkt.headroom);
	check((uintptr_t)pkt.parts[0].data % GUEST_PAGE_SIZE == headroom,
	      "%u bytes: the data are elsewhere", len);
	check(pkt.nr_slots == slots, "%u bytes: %u slots instead of %u", len, pkt.nr_slots, slots);
}

static void all_sizes(struct net_guest *g, uint16_t headroom)
{
	expect(g, 60, headroom);
	expect(g, 4096u - headroom, headroom);
	expect(g, 4097u - headroom, headroom);
	expect(g, 30000, headroom);
	expect(g, 65500, headroom);
}

static void to_state(struct net_guest *g, enum xenbus_state own, enum xenbus_state back)
{
	must(front_set_state(g->nf->front, own));
	must(front_wait_backend(g->nf->front, FRONT_STATE(back), PATIENCE_MS));
}

static void reconfigure(struct net_guest *g, uint16_t headroom)
{
	g->nf->ctrl.headroom = HEADROOM;
	must(front_write(g->nf->front, "xdp-headroom", "%u", headroom));
	to_state(g, XenbusStateReconfiguring, XenbusStateReconfigured);
	g->nf->ctrl.headroom = headroom;
	expect(g, 100, headroom); /* it is so before it is said to be */
	to_state(g, XenbusStateConnected, XenbusStateConnected);
	all_sizes(g, headroom);
}

static void wait_headroom(struct net_guest *g, uint16_t headroom)
{
	int64_t end = netfront_now_ms() + PATIENCE_MS;

	while (hears(g, 100).headroom != headroom)
		check(netfront_now_ms() < end, "headroom does not become %u", headroom);
}

static void late_and_wrong(struct net_guest *g)
{
	to_state(g, XenbusStateReconfiguring, XenbusStateReconfigured);
	g->nf->ctrl.headroom = HEADROOM;
	must(front_write(g->nf->front, "xdp-headroom", "%u", HEADROOM));
	to_state(g, XenbusStateConnected, XenbusStateConnected);
	wait_headroom(g, HEADROOM);
	must(front_write(g->nf->front, "xdp-headroom", "4000"));
	netbackd_wait_line("xdp-headroom", "4000");
	to_state(g, XenbusStateReconfiguring, XenbusStateReconfigured);
	to_state(g, XenbusStateConnected, XenbusStateConnected);
	all_sizes(g, HEADROOM);
	must(front_write(g->nf->front, "xdp-headroom", "0"));
	wait_headroom(g, 0);
	g->nf->ctrl.headroom = 0;
}

/*
 * What is to be segmented comes in segments of a slot each, as an XDP program sees nothing else;
 * without a program as one packet.
 */
static void large(struct net_guest *g, bool whole)
{
	enum { PAYLOAD = 14480, MSS = 1448 };
	static uint8_t buf[FRAME_MAX];
	const struct frame_how how = { .kind = FRAME_TCP4,
				       .from = frame_wire_mac,
				       .payload = PAYLOAD,
				       .mark = 5,
				       .blank = true };
	const uint32_t len = frame_make(buf, &how);
	const struct virtio_net_hdr vh = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
					   .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
					   .gso_size = MSS,
					   .hdr_len = (uint16_t)(len - PAYLOAD),
					   .csum_start = 34,
					   .csum_offset = 16 };
	unsigned int nr = 0, wanted = whole ? 1 : PAYLOAD / MSS;

	must(wire_send(&net_wire, &vh, buf, len));
	while (nr < wanted) {
		struct netfront_packet pkt;

		check(net_guest_receive(g, &pkt, PATIENCE_MS), "%u of %u come", nr, wanted);
		if (pkt.len == len - PAYLOAD + (whole ? PAYLOAD : MSS)) {
			nr++;
			check(whole || (pkt.nr_parts == 1 && !pkt.gso_size),
			      "a segment of %u slots", pkt.nr_parts);
		}
		netfront_rx_post(g->nf);
	}
}

/* All three extras in one packet. */
static void beside_others(struct net_guest *g)
{
	struct netfront_packet pkt;
	uint32_t hash;

	ctrl_hash_on(g->nf, XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP);
	reconfigure(g, HEADROOM);
	hash = ctrl_wire_says(FRAME_TCP4, 31000, true);
	ctrl_receive(g->nf, 31000, &pkt);
	check(pkt.hashed && pkt.hash == hash && pkt.headroom == HEADROOM, "an extra is missing");
}

/* It connects with it, and a restart in the midst of a change is none of the guest's business. */
static void from_the_start(struct net_guest *g)
{
	ctrl_connect(g, 1);
	g->nf->ctrl.headroom = HEADROOM;
	all_sizes(g, HEADROOM); /* of the key from before */
	to_state(g, XenbusStateReconfiguring, XenbusStateReconfigured);
	netbackd_stop();
	must(front_write(g->nf->front, "xdp-headroom", "0"));
	netbackd_start();
	net_wait_forwarding(g->tap);
	wait_headroom(g, 0);
	g->nf->ctrl.headroom = 0;
	to_state(g, XenbusStateConnected, XenbusStateConnected);
	all_sizes(g, 0);
}

static void run(void)
{
	struct net_guest g;

	net_guest_create(&g, "xdp");
	ctrl_connect(&g, 1);
	all_sizes(&g, 0);
	for (unsigned int i = 0; i < 2; i++) {
		reconfigure(&g, HEADROOM);
		net_guest_says(&g, 1000);
		large(&g, false);
		reconfigure(&g, 0);
		large(&g, true);
	}
	late_and_wrong(&g);
	beside_others(&g);
	net_guest_disconnect(&g);
	from_the_start(&g);
	net_guest_end(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
