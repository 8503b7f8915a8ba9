// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netbackd is restarted, or killed: the multicast addresses that the guest has added
 * stay. Where what was kept of them is no good any more, all multicasts come until the
 * guest connects anew.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "net_mcast_case.h"

static const uint8_t one[6] = { 0x01, 0x00, 0x5e, 0x01, 0x02, 0x03 },
		     two[6] = { 0x33, 0x33, 0x00, 0x00, 0x12, 0x34 };

static void spoil(const struct net_guest *g)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/pvback/memory/vif-%u-0", g->domid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	check(fd >= 0, "%s is not there", path);
	/* As an address it would be a unicast. */
	check(pwrite(fd, "nonsense", 8, 4000) == 8, "cannot write %s", path);
	close(fd);
}

static void check_removed(const struct net_guest *g)
{
	char path[64];

	snprintf(path, sizeof(path), "/run/pvback/memory/vif-%u-0", g->domid);
	check(access(path, F_OK) != 0, "%s is there still", path);
}

static void run(void)
{
	struct net_guest g;

	net_guest_create(&g, "restart");
	mcast_connect(&g);
	mcast_request(&g, true, one, NETIF_RSP_OKAY);
	netbackd_stop();
	netbackd_start();
	mcast_wait_hears(&g, one, true);
	check(!mcast_hears(&g, two), "after a restart everything is heard");
	mcast_request(&g, true, two, NETIF_RSP_OKAY);
	netbackd_kill();
	netbackd_start();
	mcast_wait_hears(&g, two, true);
	check(mcast_hears(&g, one), "the first is forgotten");
	mcast_request(&g, false, one, NETIF_RSP_OKAY);
	check(!mcast_hears(&g, one), "it cannot be deleted any more");

	netbackd_stop();
	spoil(&g);
	netbackd_start();
	mcast_wait_hears(&g, one, true);
	net_guest_disconnect(&g);
	mcast_connect(&g);
	check(!mcast_hears(&g, one), "after it has connected anew everything is heard");
	net_guest_end(&g);
	netbackd_stop();
	check_removed(&g);
	netbackd_start();
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
