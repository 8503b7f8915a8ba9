// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tells an admin of a hotplug script that has failed, or that never says that it
 * is done, while the guest waits in vain: libxl only looks at how it ends, and
 * in a driver domain nobody does.
 */
#include <stdio.h>
#include <string.h>

#include <xen/io/xenbus.h>

#include "base/clock.h"
#include "base/log.h"
#include "loop/loop.h"
#include "xenbus/internal.h"

/* libxl ends a script after 40 s; most are done in one. */
#define PATIENCE_NS (10 * NS_PER_SEC)
#define LOOK_NS NS_PER_SEC

static void tell(struct xenbus_device *dev, const char *status)
{
	char text[200];

	dev->plug_told = true;
	if (strcmp(status, "error") != 0) {
		xenbus_error(dev, 0,
			     "the guest waits for the hotplug script, which has not written "
			     "hotplug-status \"connected\" but \"%.30s\"",
			     status);
		return;
	}
	if (store_read(dev->bus->store, text, sizeof(text), "%s/hotplug-error", dev->back))
		snprintf(text, sizeof(text), "it left no hotplug-error");
	xenbus_error(dev, 0, "the hotplug script has failed: %s", text);
}

void plug_watch(struct xenbus_device *dev, const struct xenbus_view *v)
{
	char status[32] = "";
	bool error;

	if (v->back_state != XenbusStateInitWait || v->plugged || !v->front_exists) {
		dev->plug_since_ns = 0;
		dev->plug_told = false;
		return;
	}
	if (dev->plug_told)
		return;
	store_read(dev->bus->store, status, sizeof(status), "%s/hotplug-status", dev->back);
	error = !strcmp(status, "error");
	if (!error && !v->front_ready)
		return;
	if (dev->plug_since_ns == 0)
		dev->plug_since_ns = now_ns();
	if (error || now_ns() - dev->plug_since_ns >= PATIENCE_NS)
		tell(dev, status);
	else
		loop_arm_timer(dev->bus->plug, LOOK_NS);
}

static void on_plug(void *ctx, uint32_t events)
{
	struct xenbus *bus = ctx;

	for (struct xenbus_device *dev = bus->devices; dev; dev = dev->next)
		dev->dirty |= dev->plug_since_ns != 0 && !dev->plug_told;
	xenbus_settle(bus);
}

int plug_init(struct xenbus *bus)
{
	return loop_add_timer(bus->loop, on_plug, bus, &bus->plug);
}
