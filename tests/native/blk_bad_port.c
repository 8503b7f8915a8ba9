// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A frontend that names an event channel that cannot be bound is not served, and its
 * disk can be taken away in the time that the toolstack allows, like any other.
 */
#include <string.h>

#include "blk_case.h"
#include "toolstack.h"

static void attempt(struct disk *d, uint32_t port)
{
	struct blkfront_conf conf = { 0 };
	int64_t start;
	int err = blkfront_prepare(d->domid, d->devid, &conf, &d->front);

	check(err == 0, "cannot prepare: %s", strerror(-err));
	d->q = blkfront_queue(d->front, 0);
	front_write(d->front->bus, "event-channel", "%u", port);
	check(front_set_state(d->front->bus, XenbusStateInitialised) == 0, "state 3");
	sleep_ms(300);
	check(front_backend_state(d->front->bus) != XenbusStateConnected, "connected by port %u",
	      port);
	start = now_ms();
	disk_close(d);
	check(now_ms() - start < 3000, "it took %u ms to close", (unsigned int)(now_ms() - start));
}

void blk_case(void)
{
	struct guest_events *e;
	uint32_t other = 0;
	struct disk d;

	disk_new(&d, MIB, false);
	attempt(&d, STANDIN_PORTS - 1); /* nobody has it */
	disk_connect(&d, BLKABI_NATIVE);
	check(guest_events_open(d.front->guest, &e) == 0 &&
		      guest_port_alloc(e, (uint16_t)(d.domid + 1), &other) == 0,
	      "a port for somebody else");
	disk_close(&d);
	attempt(&d, other);
	guest_events_close(e);
	disk_connect(&d, BLKABI_NATIVE);
	disk_works(&d);
	disk_free(&d);
}
