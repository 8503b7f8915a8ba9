// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * blkbackd: supervisor of block backends. Sees XenStore and opens images;
 * never a ring.
 */
#include "daemon/daemon.h"
#include "vbd.h"
#include "vbd_options.h"
#include "xenbus/xenbus.h"

static struct xenbus *bus;

static int start(struct loop *loop, struct store *store)
{
	return xenbus_new(loop, store, &vbd_driver, &bus);
}

static void stopped(void *ctx)
{
	xenbus_free(bus);
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
		{ "engine", "NAME",
		  "auto (default: io_uring, or aio where it is forbidden), io_uring, aio or sync",
		  vbd_set_engine },
		{ "data", "WAY",
		  "of data from and to guests: map (default: its pages stay mapped), copy (by the "
		  "hypervisor) or direct (mapped pages, no copy here)",
		  vbd_set_data },
		{ 0 },
	};
	static const struct daemon_desc desc = {
		.name = "blkbackd",
		.summary = "block backends for Xen guests",
		.options = options,
		.start = start,
		.stop = stop,
		.event = event,
		.settle = settle,
	};

	return daemon_main(argc, argv, &desc);
}
