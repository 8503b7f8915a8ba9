// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A frame that does not fit the slots a guest can take (without feature-sg: one
 * page) is dropped and counted; those before and after it come.
 */
#include "net_case.h"

static uint8_t buf[FRAME_MAX];

static void send_len(uint32_t len, uint32_t mark)
{
	const struct frame_how how = {
		.kind = FRAME_OURS, .from = frame_wire_mac, .payload = len - 14, .mark = mark
	};

	frame_make(buf, &how);
	must(wire_send(&net_wire, NULL, buf, len));
}

static void expect(struct net_guest *g, uint32_t len, uint32_t mark)
{
	struct netfront_packet pkt;
	uint32_t got = 0;

	check(net_guest_receive(g, &pkt, PATIENCE_MS), "%u bytes did not come", len);
	check(pkt.len == len && pkt.nr_slots == 1, "%u bytes in %u slots came instead of %u",
	      pkt.len, pkt.nr_slots, len);
	netfront_linear(&pkt, buf, sizeof(buf));
	check(frame_mark(buf, len, &got) && got == mark, "another frame came");
	netfront_rx_post(g->nf);
}

static void run(void)
{
	static const uint32_t too_large[] = { 4097, 4098, 9000, 30000, 65535 };
	const struct netfront_conf conf = { .rx_notify = true };
	uint64_t nr = sizeof(too_large) / sizeof(too_large[0]), counted;
	struct net_guest g;

	net_guest_new(&g, "nosg", &conf);
	for (uint32_t i = 0; i < nr; i++) {
		send_len(4096, 2 * i);
		send_len(too_large[i], 0xffff);
		send_len(4095, 2 * i + 1);
		expect(&g, 4096, 2 * i);
		expect(&g, 4095, 2 * i + 1);
	}
	net_guest_says(&g, 65535); /* what it sends is another matter */
	net_guest_disconnect(&g);
	counted = net_guest_counter(&g, "rx", "too_large");
	check(counted == nr, "%llu frames dropped, %llu counted", (unsigned long long)nr,
	      (unsigned long long)counted);
	net_guest_destroy(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
