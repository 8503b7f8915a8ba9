// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest that asks for multicast control hears broadcasts, frames for itself, and
 * the multicasts that it has added and not deleted; what it sends is not filtered.
 * It may switch this while it is connected, and change the list all the time.
 */
#include <stdio.h>

#include "net_mcast_case.h"
#include "toolstack.h"

static const uint8_t one[6] = { 0x01, 0x00, 0x5e, 0x01, 0x02, 0x03 },
		     two[6] = { 0x33, 0x33, 0x00, 0x00, 0x12, 0x34 },
		     broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

static void says(struct net_guest *g, const uint8_t *to)
{
	static uint8_t buf[FRAME_MAX];
	const struct frame_how how = {
		.kind = FRAME_OURS, .to = to, .payload = 100, .mark = 0x3d000000
	};
	struct netfront_frame f = { .data = buf };

	f.len = frame_make(buf, &how);
	must(netfront_send(g->nf, &f, NULL));
	net_guest_flush(g);
	net_wire_expect(how.mark, f.len);
}

static void from_the_start(struct net_guest *g)
{
	check(!mcast_hears(g, one), "a multicast comes that was not asked for");
	check(mcast_hears(g, broadcast), "a broadcast does not come");
	mcast_request(g, true, one, NETIF_RSP_OKAY);
	check(mcast_hears(g, one), "what was added is not heard");
	check(!mcast_hears(g, two), "another address is heard");
	mcast_request(g, true, two, NETIF_RSP_OKAY);
	mcast_request(g, false, one, NETIF_RSP_OKAY);
	check(!mcast_hears(g, one), "what was deleted is heard");
	check(mcast_hears(g, two), "what is left is not heard");
	says(g, one);
	says(g, two);
	mcast_request(g, true, broadcast, NETIF_RSP_OKAY);
	mcast_request(g, false, broadcast, NETIF_RSP_OKAY);
	mcast_request(g, false, one, NETIF_RSP_OKAY); /* not there */
	check(mcast_hears(g, broadcast), "a broadcast does not come any more");
}

static void while_connected(struct net_guest *g)
{
	char path[96], text[200];

	must(front_write(g->nf->front, "request-multicast-control", "0"));
	mcast_wait_hears(g, one, true);
	mcast_request(g, false, two, NETIF_RSP_OKAY);
	check(mcast_hears(g, two), "the list counts though it is off");
	must(front_write(g->nf->front, "request-multicast-control", "1"));
	mcast_wait_hears(g, one, false);
	check(!mcast_hears(g, two), "what was deleted while it was off is heard");

	must(front_write(g->nf->front, "request-multicast-control", "perhaps"));
	netbackd_wait_line("request-multicast-control", "perhaps");
	check(!mcast_hears(g, one), "a wrong value has changed something");
	must(front_rm(g->nf->front, "request-multicast-control"));
	mcast_wait_hears(g, one, true);
	snprintf(path, sizeof(path), "/local/domain/0/backend/vif/%u/0/%s", g->domid,
		 "feature-dynamic-multicast-control");
	must(toolstack_read(path, text, sizeof(text)));
	check(!strcmp(text, "1"), "%s: %s", path, text);
}

static void run(void)
{
	struct net_guest g;

	net_guest_create(&g, "mcast");
	mcast_connect(&g);
	from_the_start(&g);
	while_connected(&g);
	net_guest_end(&g);
	check(net_guest_counter(&g, "rx", "unwanted") >= 4, "what was kept away is not counted");
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
