// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Over the control ring a guest asks for Toeplitz hashes: packets to it say theirs in an
 * extra, by the most telling of the types that it wants, from the next one on; also
 * beside the extra of a large packet. Nothing says a hash before it asks and after it
 * does not want any more.
 */
#include "net_ctrl_case.h"

static void hears(struct net_guest *g, enum frame_kind kind, bool with_ports, int type)
{
	static uint16_t port = 20000;
	uint32_t hash = ctrl_wire_says(kind, ++port, with_ports);
	struct netfront_packet pkt;

	ctrl_receive(g->nf, port, &pkt);
	check(pkt.hashed == (type >= 0), "kind %d: a hash is %s", kind,
	      pkt.hashed ? "there" : "missing");
	if (type < 0)
		return;
	check(pkt.hash_type == type, "kind %d: a hash of type %u", kind, pkt.hash_type);
	check(pkt.hash == hash, "kind %d: hash %#x instead of %#x", kind, pkt.hash, hash);
}

static void types(struct net_guest *g)
{
	const uint32_t all = XEN_NETIF_CTRL_HASH_TYPE_IPV4 | XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP |
			     XEN_NETIF_CTRL_HASH_TYPE_IPV6 | XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP;

	hears(g, FRAME_TCP4, true, -1);
	ctrl_expect(g->nf, XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS, 0, 0, 0,
		    XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED);
	ctrl_hash_on(g->nf, all);
	check(ctrl_expect(g->nf, XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS, 0, 0, 0, CTRL_OKAY) == all,
	      "other types are offered");
	for (unsigned int i = 0; i < 20; i++) {
		hears(g, FRAME_TCP4, true, _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP);
		hears(g, FRAME_TCP6, true, _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP);
		hears(g, FRAME_UDP4, false, _XEN_NETIF_CTRL_HASH_TYPE_IPV4);
		hears(g, FRAME_UDP6, false, _XEN_NETIF_CTRL_HASH_TYPE_IPV6);
	}
	net_guest_hears(g, 1000); /* no IP: no hash, and nothing amiss */
	ctrl_expect(g->nf, XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS, XEN_NETIF_CTRL_HASH_TYPE_IPV4, 0, 0,
		    CTRL_OKAY);
	hears(g, FRAME_TCP4, false, _XEN_NETIF_CTRL_HASH_TYPE_IPV4);
	hears(g, FRAME_TCP6, true, -1);
}

/* A large packet has the extra of its segmentation as well. */
static void large(struct net_guest *g)
{
	static uint8_t buf[FRAME_MAX], got[FRAME_MAX];
	const struct frame_how how = { .kind = FRAME_TCP4,
				       .from = frame_wire_mac,
				       .payload = 30000,
				       .mark = 5,
				       .blank = true };
	uint32_t len = frame_make(buf, &how);
	struct virtio_net_hdr vh = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
				     .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
				     .gso_size = 1448,
				     .hdr_len = 54,
				     .csum_start = 34,
				     .csum_offset = 16 };
	struct netfront_packet pkt;

	must(wire_send(&net_wire, &vh, buf, len));
	do {
		check(net_guest_receive(g, &pkt, PATIENCE_MS), "it does not come");
		netfront_linear(&pkt, got, sizeof(got));
		netfront_rx_post(g->nf);
	} while (pkt.len != len);
	check(pkt.hashed && pkt.gso_size == 1448, "an extra is missing");
	check(!memcmp(buf, got, len), "other bytes came");
}

static void off(struct net_guest *g)
{
	ctrl_expect(g->nf, XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS, 0, 0, 0, CTRL_OKAY);
	hears(g, FRAME_TCP4, true, -1);
	ctrl_hash_on(g->nf, XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP);
	hears(g, FRAME_TCP4, true, _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP);
	ctrl_expect(g->nf, XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM,
		    XEN_NETIF_CTRL_HASH_ALGORITHM_NONE, 0, 0, CTRL_OKAY);
	g->nf->ctrl.expect_hash = false;
	hears(g, FRAME_TCP4, true, -1);
}

static void run(void)
{
	struct net_guest g;

	net_guest_create(&g, "hash");
	ctrl_connect(&g, 1);
	types(&g);
	large(&g);
	off(&g);
	net_guest_end(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
