// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Large frames: what the guest sends as one is on the wire as segments (or as
 * one, to a wire that takes it), each with right checksums, with the same bytes in
 * order; VLAN tags or not. What the guest cannot take as one is cut up for it.
 */
#include "net_case.h"

static uint8_t sent[FRAME_MAX], got[FRAME_MAX], all[FRAME_MAX];
static uint32_t mark;

struct large {
	enum frame_kind kind;
	unsigned int tags;
	uint32_t payload;
	uint16_t mss;
};

static uint32_t make(const struct large *l, const uint8_t *from)
{
	const struct frame_how how = { .kind = l->kind,
				       .tags = l->tags,
				       .payload = l->payload,
				       .from = from,
				       .mark = mark,
				       .tcp_opts = 12,
				       .blank = true };

	return frame_make(sent, &how);
}

/* Segment @data follows on *done bytes of payload in all[]. */
static void add_segment(const struct large *l, const uint8_t *data, uint32_t len, uint32_t *done)
{
	struct frame_view v;

	check(frame_good(data, len), "a segment with a wrong checksum");
	check(frame_look(data, len, &v), "a segment without headers");
	check(len - v.body <= l->mss, "a segment of %zu instead of %u", len - v.body, l->mss);
	check(*done + (len - v.body) <= l->payload, "more came than was sent");
	memcpy(all + *done, data + v.body, len - v.body);
	*done += (uint32_t)(len - v.body);
}

static void check_whole(const struct large *l, unsigned int nr)
{
	check(frame_payload_good(all, l->payload, 0, mark), "other bytes came");
	check(nr == (l->payload + l->mss - 1) / l->mss, "%u segments of %u bytes", nr, l->mss);
}

static void from_guest(struct net_guest *g, const struct large *l)
{
	struct netfront_frame f = { .data = sent,
				    .flags = NETTXF_csum_blank | NETTXF_data_validated,
				    .gso_type = l->kind == FRAME_TCP6 ? XEN_NETIF_GSO_TYPE_TCPV6
								      : XEN_NETIF_GSO_TYPE_TCPV4,
				    .gso_size = l->mss };
	uint32_t done = 0;
	unsigned int nr = 0;
	uint16_t id;

	mark++;
	f.len = make(l, NULL);
	must(netfront_send(g->nf, &f, &id));
	net_guest_flush(g);
	net_guest_answered(g, id, NETIF_RSP_OKAY);
	while (done < l->payload) {
		int len = wire_receive(&net_wire, frame_guest_mac, got, sizeof(got), NULL,
				       PATIENCE_MS);

		check(len > 0, "%u bytes of %u came", done, l->payload);
		add_segment(l, got, (uint32_t)len, &done);
		nr++;
	}
	check_whole(l, nr);
}

/* The wire sends one; @want_segments: it is cut up for this guest. */
static void to_guest(struct net_guest *g, const struct large *l, bool want_segments)
{
	uint32_t len, done = 0;
	struct virtio_net_hdr vh = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .gso_size = l->mss };
	struct netfront_packet pkt;
	struct frame_view v;
	unsigned int nr = 0;

	mark++;
	len = make(l, frame_wire_mac);
	frame_look(sent, len, &v);
	vh.gso_type = v.v6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
	vh.csum_start = (uint16_t)v.l4;
	vh.csum_offset = 16;
	vh.hdr_len = (uint16_t)v.body;
	must(wire_send(&net_wire, &vh, sent, len));
	while (done < l->payload) {
		check(net_guest_receive(g, &pkt, PATIENCE_MS), "%u bytes of %u came", done,
		      l->payload);
		check(!pkt.gso_size == want_segments, "%s",
		      want_segments ? "as one" : "in segments");
		len = netfront_linear(&pkt, got, sizeof(got));
		netfront_rx_post(g->nf);
		if (!want_segments) {
			check(!memcmp(got, sent, len), "other bytes came");
			return;
		}
		if (pkt.flags & NETRXF_csum_blank) {
			check(frame_look(got, len, &v), "headers");
			frame_finish(got, len, &v);
		}
		add_segment(l, got, len, &done);
		nr++;
	}
	check_whole(l, nr);
}

static const struct large larges[] = {
	{ FRAME_TCP4, 0, 3000, 1448 },	{ FRAME_TCP4, 0, 65000, 1448 },
	{ FRAME_TCP4, 0, 20000, 536 },	{ FRAME_TCP6, 0, 3000, 1428 },
	{ FRAME_TCP6, 0, 65000, 1428 }, { FRAME_TCP4, 1, 5000, 1400 },
	{ FRAME_TCP6, 1, 60000, 1400 }, { FRAME_TCP4, 2, 9000, 1400 },
};
#define NR (sizeof(larges) / sizeof(larges[0]))

static void run(void)
{
	struct netfront_conf conf = netfront_all;
	struct net_guest g;

	net_guest_new(&g, "takesall", &conf);
	for (size_t i = 0; i < NR; i++) {
		from_guest(&g, &larges[i]);
		/* netif has no word for what is behind a tag. */
		to_guest(&g, &larges[i], larges[i].tags > 0);
	}
	net_guest_end(&g);

	conf.gso_tcpv6 = false;
	net_guest_new(&g, "onlyv4", &conf);
	for (size_t i = 0; i < NR; i++)
		to_guest(&g, &larges[i], larges[i].tags > 0 || larges[i].kind == FRAME_TCP6);
	net_guest_end(&g);

	conf = (struct netfront_conf){ .rx_notify = true, .no_csum = true };
	net_guest_new(&g, "takesnone", &conf);
	for (size_t i = 0; i < NR; i++)
		to_guest(&g, &larges[i], true);
	net_guest_end(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
