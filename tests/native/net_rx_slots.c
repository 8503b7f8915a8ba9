// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A frame of any size takes exactly as many rx slots as it has pages, and a GSO
 * extra if it is one; each slot's answer says how much is in it, nothing is written
 * behind that. (That answers stand in their requests' places and agree
 * with the guest's features, netfront checks in every test.)
 */
#include "net_case.h"

static uint8_t buf[FRAME_MAX], got[FRAME_MAX];

#define UNTOUCHED 0xee

static void wipe(struct net_guest *g)
{
	netfront_rx_post(g->nf);
	memset(g->nf->rx.pages, UNTOUCHED, (size_t)NETFRONT_SLOTS * GUEST_PAGE_SIZE);
}

static void check_untouched(const struct netfront_packet *pkt)
{
	for (unsigned int i = 0; i < pkt->nr_parts; i++)
		for (unsigned int at = pkt->parts[i].len; at < GUEST_PAGE_SIZE; at++)
			check(pkt->parts[i].data[at] == UNTOUCHED,
			      "slot %u of a frame of %u: byte %u", i, pkt->len, at);
}

static void hear(struct net_guest *g, uint32_t len)
{
	struct frame_how how = { .kind = FRAME_OURS, .from = frame_wire_mac, .payload = len - 14 };
	struct netfront_packet pkt;
	uint32_t mark = 0;

	how.mark = len;
	frame_make(buf, &how);
	wipe(g);
	must(wire_send(&net_wire, NULL, buf, len));
	check(net_guest_receive(g, &pkt, PATIENCE_MS), "a frame of %u bytes did not come", len);
	check(pkt.len == len, "%u bytes came instead of %u", pkt.len, len);
	check(pkt.nr_slots == (len + 4095) / 4096, "%u bytes in %u slots", len, pkt.nr_slots);
	check(!pkt.flags && !pkt.gso_size, "flags %#x, GSO %u", pkt.flags, pkt.gso_size);
	netfront_linear(&pkt, got, sizeof(got));
	check(frame_mark(got, len, &mark) && mark == len, "other bytes came");
	check_untouched(&pkt);
}

static void hear_gso(struct net_guest *g, enum frame_kind kind, uint32_t payload, uint16_t mss)
{
	const struct frame_how how = { .kind = kind,
				       .from = frame_wire_mac,
				       .payload = payload,
				       .mark = payload,
				       .blank = true };
	bool v6 = kind == FRAME_TCP6;
	struct virtio_net_hdr vh = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = v6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4,
		.gso_size = mss,
		.csum_start = v6 ? 54 : 34,
		.csum_offset = 16,
		.hdr_len = v6 ? 74 : 54,
	};
	uint32_t len = frame_make(buf, &how);
	struct netfront_packet pkt;

	wipe(g);
	must(wire_send(&net_wire, &vh, buf, len));
	check(net_guest_receive(g, &pkt, PATIENCE_MS), "a large frame of %u bytes did not come",
	      len);
	check(pkt.len == len, "%u bytes came instead of %u", pkt.len, len);
	check(pkt.nr_slots == (len + 4095) / 4096 + 1, "%u bytes in %u slots", len, pkt.nr_slots);
	check(pkt.gso_size == mss, "GSO of %u instead of %u", pkt.gso_size, mss);
	check(pkt.gso_type == (v6 ? XEN_NETIF_GSO_TYPE_TCPV6 : XEN_NETIF_GSO_TYPE_TCPV4),
	      "GSO type %u", pkt.gso_type);
	netfront_linear(&pkt, got, sizeof(got));
	check(!memcmp(buf, got, len), "other bytes came");
	check_untouched(&pkt);
}

static void run(void)
{
	static const uint32_t lens[] = { 18,   60,    1514,  4095,  4096,  4097,  8191, 8192,
					 8193, 12288, 30000, 61440, 61441, 65534, 65535 };
	static const uint32_t payloads[] = { 1449, 4000, 4042, 4043, 8138, 20000, 65455 };
	struct net_guest g;

	net_guest_new(&g, "rxslots", &netfront_all);
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
		hear(&g, lens[i]);
	for (uint32_t len = 4000; len < 4200; len += 7)
		hear(&g, len);
	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
		hear_gso(&g, FRAME_TCP4, payloads[i], 1448);
		hear_gso(&g, FRAME_TCP6, payloads[i], 1428);
		hear_gso(&g, FRAME_TCP4, payloads[i], 536);
	}
	net_guest_end(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
