/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of multicast control share. */
#ifndef NATIVE_NET_MCAST_CASE_H
#define NATIVE_NET_MCAST_CASE_H

#include "net_case.h"

/* The request is answered with @status. */
static inline void mcast_request(struct net_guest *g, bool add, const uint8_t addr[6], int status)
{
	uint16_t id;

	must(netfront_mcast(g->nf, add, addr, &id));
	net_guest_flush(g);
	net_guest_answered(g, id, status);
}

/* The wire sends a frame to @to. */
static inline void mcast_wire_says(const uint8_t *to, uint32_t mark)
{
	static uint8_t buf[FRAME_MAX];
	const struct frame_how how = {
		.kind = FRAME_OURS, .to = to, .from = frame_wire_mac, .payload = 100, .mark = mark
	};
	uint32_t len = frame_make(buf, &how);

	must(wire_send(&net_wire, NULL, buf, len));
}

/* Does the guest hear a frame to @to? One that it hears in any case comes behind. */
static inline bool mcast_hears(struct net_guest *g, const uint8_t *to)
{
	static uint32_t mark = 0x3c000000;
	uint32_t wanted = ++mark, last = ++mark, got = 0;
	static uint8_t buf[FRAME_MAX];
	struct netfront_packet pkt;
	bool heard = false;

	mcast_wire_says(to, wanted);
	mcast_wire_says(NULL, last);
	do {
		check(net_guest_receive(g, &pkt, PATIENCE_MS), "%s: nothing comes", g->dev);
		netfront_linear(&pkt, buf, sizeof(buf));
		netfront_rx_post(g->nf);
		if (!frame_mark(buf, pkt.len, &got))
			got = 0;
		heard |= got == wanted;
	} while (got != last);
	return heard;
}

/* A key was written: from some time on it is as it says. */
static inline void mcast_wait_hears(struct net_guest *g, const uint8_t *to, bool wanted)
{
	int64_t end = netfront_now_ms() + PATIENCE_MS;

	while (mcast_hears(g, to) != wanted) {
		check(netfront_now_ms() < end, "%s: to %02x:%02x:..: it is %sheard still", g->dev,
		      to[0], to[1], wanted ? "not " : "");
		sleep_ms(2);
	}
}

/* Connect with request-multicast-control. */
static inline void mcast_connect(struct net_guest *g)
{
	must(netfront_open(g->domid, 0, &netfront_all, &g->nf));
	must(front_write(g->nf->front, "request-multicast-control", "1"));
	must(netfront_connect(g->nf));
	net_wait_forwarding(g->tap);
}

#endif
