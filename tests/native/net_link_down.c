// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * While the tap is down (its administrator says so, the hotplug script for a
 * moment) the guest's frames are answered and dropped, as on a wire that is
 * unplugged, and counted; when it is up again, all goes on.
 */
#include "net_case.h"

static void run(void)
{
	static uint8_t buf[FRAME_MAX];
	struct net_guest g;
	uint64_t counted;
	uint32_t mark;

	net_guest_new(&g, "down", &netfront_all);
	net_guest_works(&g);
	must(wire_link_up(g.tap, 0));
	for (unsigned int i = 0; i < 100; i++) {
		struct netfront_frame f = { .data = buf, .len = net_ours(buf, 1514, &mark) };
		uint16_t id;

		must(netfront_send(g.nf, &f, &id));
		net_guest_flush(&g);
		net_guest_answered(&g, id, NETIF_RSP_OKAY);
	}
	net_wire_silent(20);
	must(wire_link_up(g.tap, 1));
	net_wait_forwarding(g.tap);
	net_guest_works(&g);
	net_guest_disconnect(&g);
	counted = net_guest_counter(&g, "tx", "tap_down");
	check(counted == 100, "100 frames dropped, %llu counted", (unsigned long long)counted);
	net_guest_destroy(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
