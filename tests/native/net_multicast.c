// SPDX-License-Identifier: GPL-2.0-or-later
/* Broadcasts and multicasts pass in both directions as long as the guest does not ask for a filter. */
#include "net_case.h"

static uint8_t buf[FRAME_MAX], got[FRAME_MAX];

static const uint8_t targets[][6] = {
	{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x01 },
	{ 0x01, 0x00, 0x5e, 0x7f, 0x12, 0x34 }, { 0x33, 0x33, 0x00, 0x00, 0x00, 0x01 },
	{ 0x33, 0x33, 0xff, 0x12, 0x34, 0x56 }, { 0x03, 0x00, 0x00, 0x00, 0x00, 0x01 },
	{ 0x02, 0x00, 0x00, 0x00, 0x00, 0x77 },
};
#define NR (sizeof(targets) / sizeof(targets[0]))

static void from_guest(struct net_guest *g, const uint8_t *to)
{
	const struct frame_how how = {
		.kind = FRAME_OURS, .to = to, .payload = 100, .mark = to[0]
	};
	struct netfront_frame f = { .data = buf };

	f.len = frame_make(buf, &how);
	must(netfront_send(g->nf, &f, NULL));
	net_guest_flush(g);
	check(wire_receive(&net_wire, frame_guest_mac, got, sizeof(got), NULL, PATIENCE_MS) ==
		      (int)f.len,
	      "to %02x:%02x:..: it did not come", to[0], to[1]);
	check(!memcmp(buf, got, f.len), "other bytes came");
}

static void to_guest(struct net_guest *g, const uint8_t *to)
{
	const struct frame_how how = {
		.kind = FRAME_OURS, .to = to, .from = frame_wire_mac, .payload = 100, .mark = to[5]
	};
	uint32_t len = frame_make(buf, &how);
	struct netfront_packet pkt;

	must(wire_send(&net_wire, NULL, buf, len));
	do {
		check(net_guest_receive(g, &pkt, PATIENCE_MS), "to %02x:%02x:..: it did not come",
		      to[0], to[1]);
		netfront_linear(&pkt, got, sizeof(got));
		netfront_rx_post(g->nf);
	} while (memcmp(got + 6, frame_wire_mac, 6) != 0); /* the bridge speaks as well */
	check(pkt.len == len && !memcmp(buf, got, len), "other bytes came");
}

static void run(void)
{
	struct net_guest g;

	net_guest_create(&g, "multicast");
	net_guest_connect(&g, &netfront_all);
	for (size_t i = 0; i < NR; i++) {
		from_guest(&g, targets[i]);
		to_guest(&g, targets[i]);
	}
	net_guest_end(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
