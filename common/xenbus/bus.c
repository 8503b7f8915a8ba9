// SPDX-License-Identifier: GPL-2.0-or-later
/* Which backend devices there are: scan and watches. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/num.h"
#include "base/util.h"
#include "worker/spawn.h"
#include "xenbus/internal.h"

#define TOKEN_BUS "bus"
#define TOKEN_DOMAINS "domains"

#define TICK_NS (2 * NS_PER_SEC)
#define RETRY_NS (NS_PER_SEC / 10)
#define RETRY_MIN_NS (NS_PER_SEC / 200)

struct store *xenbus_store(struct xenbus *bus)
{
	return bus->store;
}

struct loop *xenbus_loop(struct xenbus *bus)
{
	return bus->loop;
}

struct xenbus_device *xenbus_devices(struct xenbus *bus)
{
	return bus->devices;
}

struct xenbus_device *xenbus_find(struct xenbus *bus, uint16_t domid, uint32_t devid)
{
	for (struct xenbus_device *dev = bus->devices; dev; dev = dev->next)
		if (dev->domid == domid && dev->devid == devid)
			return dev;
	return NULL;
}

bool xenbus_has(void *bus, unsigned int domid, unsigned int devid)
{
	return domid <= UINT16_MAX && xenbus_find(bus, (uint16_t)domid, devid);
}

/*
 * A kernel driver that has bound the device serves it already; a second
 * backend on the same rings would corrupt the guest's data.
 */
static bool kernel_serves(const struct xenbus *bus, uint16_t domid, uint32_t devid)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/xen-backend/devices/%s-%u-%u/driver",
		 bus->driver->kind, domid, devid);
	return access(path, F_OK) == 0;
}

static void arm_tick(struct xenbus *bus)
{
	if (bus->tick)
		loop_arm_timer(bus->tick, bus->devices ? TICK_NS : 0);
}

/* Something changed under backend/<kind>/<domid>/<devid>. */
static void touch(struct xenbus *bus, uint16_t domid, uint32_t devid)
{
	struct xenbus_device *dev = xenbus_find(bus, domid, devid);

	if (dev) {
		dev->dirty = true;
		return;
	}
	if (!store_exists(bus->store, "%s/%u/%u/state", bus->root, domid, devid)) {
		if (!store_exists(bus->store, "%s/%u/%u", bus->root, domid, devid))
			device_clear_error(bus, domid, devid);
		return;
	}
	if (kernel_serves(bus, domid, devid)) {
		log_warn(NULL,
			 "%s/%u/%u is served by the kernel's driver; left alone (keep xen-%s out "
			 "with modprobe.d to serve it here)",
			 bus->driver->kind, domid, devid,
			 strcmp(bus->driver->kind, "vbd") == 0 ? "blkback" : "netback");
		return;
	}
	if (device_new(bus, domid, devid, &dev) == 0) {
		dev->dirty = true;
		arm_tick(bus);
	}
}

static void scan_domain(struct xenbus *bus, const char *domain)
{
	uint32_t domid, devid;
	unsigned int nr;
	char **names;

	if (num_u32(domain, 0, UINT16_MAX, &domid) != 0 ||
	    store_list(bus->store, &names, &nr, "%s/%u", bus->root, domid) != 0)
		return;
	for (unsigned int i = 0; i < nr; i++)
		if (num_u32(names[i], 0, UINT32_MAX, &devid) == 0)
			touch(bus, (uint16_t)domid, devid);
	free(names);
}

static void scan(struct xenbus *bus)
{
	unsigned int nr;
	char **names;

	if (store_list(bus->store, &names, &nr, "%s", bus->root) != 0)
		return; /* nothing there yet */
	for (unsigned int i = 0; i < nr; i++)
		scan_domain(bus, names[i]);
	free(names);
}

static void touch_all(struct xenbus *bus)
{
	for (struct xenbus_device *dev = bus->devices; dev; dev = dev->next)
		dev->dirty = true;
}

static void tell_key(struct xenbus *bus, const char *rest)
{
	unsigned int domid, devid;
	struct xenbus_device *dev = NULL;
	int key = 0;

	if (sscanf(rest, "/%u/%u/%n", &domid, &devid, &key) == 2 && key > 0 && domid <= UINT16_MAX)
		dev = xenbus_find(bus, (uint16_t)domid, devid);
	else if (sscanf(rest, "/%u/%n", &domid, &key) != 1 || key == 0 || domid > UINT16_MAX)
		return;
	if (dev || strchr(rest + key, '/') == NULL)
		bus->driver->key(bus, (uint16_t)domid, dev, rest + key);
}

/* @rest: what follows the root, "/<domid>/<devid>/..." or less. */
static void on_backend_event(struct xenbus *bus, const char *rest)
{
	unsigned int domid, devid;

	if (bus->driver->key)
		tell_key(bus, rest);
	if (sscanf(rest, "/%u/%u", &domid, &devid) == 2) {
		if (domid <= UINT16_MAX)
			touch(bus, (uint16_t)domid, devid);
		return;
	}
	/* A parent came or went: everything below may have. */
	scan(bus);
	touch_all(bus);
}

static void tell_front_key(struct xenbus *bus, uint16_t domid, uint32_t devid)
{
	struct xenbus_device *dev = xenbus_find(bus, domid, devid);

	if (dev && bus->driver->front_changed)
		bus->driver->front_changed(dev);
}

void xenbus_event(struct xenbus *bus, const struct store_event *ev)
{
	size_t root_len = strlen(bus->root);
	unsigned int domid, devid;

	if (strcmp(ev->token, TOKEN_DOMAINS) == 0) {
		touch_all(bus);
		if (bus->driver->domains)
			bus->driver->domains(bus);
	} else if (strcmp(ev->token, TOKEN_BUS) != 0) {
		if (sscanf(ev->token, "front/%u/%u", &domid, &devid) == 2)
			touch(bus, (uint16_t)domid, devid);
		else if (sscanf(ev->token, "key/%u/%u", &domid, &devid) == 2)
			tell_front_key(bus, (uint16_t)domid, devid);
	} else if (strncmp(ev->path, bus->root, root_len) == 0)
		on_backend_event(bus, ev->path + root_len);
}

void xenbus_settle(struct xenbus *bus)
{
	struct xenbus_device **link = &bus->devices;

	while (*link && !bus->stopping) {
		struct xenbus_device *dev = *link;

		if (dev->dirty && device_run(dev)) {
			*link = dev->next;
			device_free(dev);
			continue;
		}
		link = &dev->next;
	}
}

static void on_tick(void *ctx, uint32_t events)
{
	struct xenbus *bus = ctx;

	for (struct xenbus_device *dev = bus->devices; dev && !bus->stopping; dev = dev->next)
		device_look_again(dev);
	arm_tick(bus);
}

/* What is not there at once may be in a moment, or take long. */
void bus_retry(struct xenbus *bus, uint64_t waited_ns)
{
	loop_arm_timer(bus->retry, MIN(MAX(waited_ns / 4, RETRY_MIN_NS), RETRY_NS));
}

static void on_retry(void *ctx, uint32_t events)
{
	struct xenbus *bus = ctx;

	for (struct xenbus_device *dev = bus->devices; dev; dev = dev->next)
		dev->dirty |= dev->waiting_ns != 0;
	xenbus_settle(bus);
}

void xenbus_again(struct xenbus_device *dev)
{
	dev->dirty = true;
	xenbus_settle(dev->bus);
}

int xenbus_new(struct loop *loop, struct store *store, const struct xenbus_driver *driver,
	       struct xenbus **ret)
{
	struct xenbus *bus = calloc(1, sizeof(*bus));
	int err;

	if (!bus)
		return -ENOMEM;
	bus->loop = loop;
	bus->store = store;
	bus->driver = driver;
	snprintf(bus->root, sizeof(bus->root), "/local/domain/%u/backend/%s",
		 store_own_domid(store), driver->kind);
	err = driver->changed ? loop_add_timer(loop, on_tick, bus, &bus->tick) : 0;
	if (!err)
		err = loop_add_timer(loop, on_retry, bus, &bus->retry);
	if (!err)
		err = plug_init(bus);
	if (!err)
		err = store_watch(store, bus->root, TOKEN_BUS);
	if (!err)
		err = store_watch(store, "@releaseDomain", TOKEN_DOMAINS);
	if (err) {
		log_err(NULL, "cannot watch %s: %s", bus->root, strerror(-err));
		loop_del(bus->tick);
		loop_del(bus->retry);
		loop_del(bus->plug);
		free(bus);
		return err;
	}
	scan(bus);
	xenbus_settle(bus);
	if (driver->scanned)
		driver->scanned(bus);
	*ret = bus;
	return 0;
}

static bool any_worker(const struct xenbus *bus)
{
	for (const struct xenbus_device *dev = bus->devices; dev; dev = dev->next)
		if (dev->worker)
			return true;
	return false;
}

void bus_worker_gone(struct xenbus *bus)
{
	if (bus->stopping && !any_worker(bus))
		bus->shutdown_done(bus->shutdown_ctx);
	else if (!bus->stopping)
		xenbus_settle(bus);
}

void xenbus_shutdown(struct xenbus *bus, void (*done)(void *ctx), void *ctx)
{
	bus->stopping = true;
	bus->shutdown_done = done;
	bus->shutdown_ctx = ctx;
	for (struct xenbus_device *dev = bus->devices; dev; dev = dev->next)
		if (dev->worker)
			worker_stop(dev->worker);
	if (!any_worker(bus))
		done(ctx);
}

/* Devices are not released: what was made for them is the successor's. */
void xenbus_free(struct xenbus *bus)
{
	while (bus->devices) {
		struct xenbus_device *dev = bus->devices;

		bus->devices = dev->next;
		free(dev->priv);
		free(dev);
	}
	loop_del(bus->tick);
	loop_del(bus->retry);
	loop_del(bus->plug);
	free(bus);
}
