/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netbackd: supervisor of network backends. Sees XenStore, taps and netlink;
 * never a ring.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/daemon.h"
#include "link.h"
#include "vif.h"
#include "vif_filter.h"
#include "vif_keys.h"
#include "vif_patience.h"
#include "xenbus/xenbus.h"

static struct xenbus *bus;

static int start(struct loop *loop, struct store *store)
{
	int ret = link_init();

	if (ret) {
		log_err(NULL, "cannot open netlink: %s", strerror(-ret));
		return ret;
	}
	/* Not fatal: the module may be loaded later. */
	if (access("/dev/net/tun", R_OK | W_OK) < 0)
		log_warn(NULL, "no /dev/net/tun yet (%s): no vif can be served", strerror(errno));
	ret = xenbus_new(loop, store, &vif_driver, &bus);
	if (ret)
		link_fini();
	return ret;
}

static void stopped(void *ctx)
{
	xenbus_free(bus);
	link_fini();
	daemon_stopped();
}

static void stop(void)
{
	xenbus_shutdown(bus, stopped, NULL);
}

static void event(const struct store_event *ev)
{
	xenbus_event(bus, ev);
}

static void settle(void)
{
	xenbus_settle(bus);
}

int main(int argc, char **argv)
{
	static const struct daemon_option options[] = {
		{ "queues", "NUMBER",
		  "that a card may have: 1 to 16 (default: one for each CPU, at most 8)",
		  vif_set_max_queues },
		{ "rx-drain", "MILLISECONDS",
		  "that a packet waits for a guest to take it (default: 10000, or 30 for a guest "
		  "that does not say when it can)",
		  vif_set_drain },
		{ "rx-stall", "MILLISECONDS",
		  "that packets wait until the card's carrier goes (default: 60000; 0: never)",
		  vif_set_stall },
		{ "antispoof", "on|off",
		  "let cards use none but the source addresses of their configuration "
		  "(default: off); key antispoof of a card goes first",
		  vif_set_antispoof },
		{ 0 },
	};
	static const struct daemon_desc desc = {
		.name = "netbackd",
		.summary = "network backends for Xen guests",
		.options = options,
		.start = start,
		.stop = stop,
		.event = event,
		.settle = settle,
	};

	return daemon_main(argc, argv, &desc);
}
