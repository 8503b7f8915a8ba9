// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The life of one backend device: look, ask the table in state.c, do the step.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xen/io/xenbus.h>

#include "base/clock.h"
#include "base/fdmsg.h"
#include "base/log.h"
#include "base/num.h"
#include "worker/spawn.h"
#include "xenbus/internal.h"

/* More steps than any device can need between two events. */
#define STEPS_MAX 16

int xenbus_error(struct xenbus_device *dev, int err, const char *fmt, ...)
{
	struct store *store = dev->bus->store;
	char text[256], value[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (err)
		snprintf(value, sizeof(value), "%d %s: %s", -err, text, strerror(-err));
	else
		snprintf(value, sizeof(value), "%s", text);
	if (log_meter_pay(&dev->meter, dev->name))
		log_err(dev->name, "%s%s%s", text, err && err != -EINVAL ? ": " : "",
			err && err != -EINVAL ? strerror(-err) : "");
	store_write(store, value, "/local/domain/%u/error/backend/%s/error", store_own_domid(store),
		    dev->name);
	return err ? err : -EINVAL;
}

static int read_state(struct store *store, const char *dir)
{
	char text[16];
	uint32_t state;

	if (store_read(store, text, sizeof(text), "%s/state", dir) != 0 ||
	    num_u32(text, 0, XenbusStateReconfigured, &state) != 0)
		return XenbusStateUnknown;
	return (int)state;
}

struct state_change {
	struct xenbus_device *dev;
	int seen;
	enum xenbus_state state;
	int (*extra)(struct xenbus_device *dev);
};

/* In a transaction: a state in place of the one that was seen. */
static int write_state(void *ctx)
{
	const struct state_change *change = ctx;
	struct xenbus_device *dev = change->dev;
	struct store *store = dev->bus->store;
	char text[4];
	int err;

	if (!store_exists(store, "%s/state", dev->back) ||
	    read_state(store, dev->back) != change->seen)
		return -ESTALE;
	err = change->extra ? change->extra(dev) : 0;
	snprintf(text, sizeof(text), "%d", change->state);
	return err ? err : store_write(store, text, "%s/state", dev->back);
}

/*
 * Write a state, and what belongs to it, only while the directory exists and
 * nobody else has written a state since the look at @v: a plain write would
 * resurrect a device that the toolstack has just deleted, or hide that it
 * wants it closed. -ESTALE: that is so, look again.
 */
static int switch_state(struct xenbus_device *dev, const struct xenbus_view *v,
			enum xenbus_state state, int (*extra)(struct xenbus_device *dev))
{
	struct state_change change = { dev, v->back_state, state, extra };
	int err = store_change(dev->bus->store, write_state, &change);

	if (err == -ESTALE)
		return err;
	if (err)
		return xenbus_error(dev, err, "cannot write state %d", state);
	log_debug(dev->name, "state %d", state);
	return 0;
}

static void look(struct xenbus_device *dev, struct xenbus_view *v)
{
	struct store *store = dev->bus->store;
	char text[32];

	v->back_state = read_state(store, dev->back);
	v->back_exists = store_exists(store, "%s/frontend", dev->back);
	v->front_state = read_state(store, dev->front);
	v->front_exists = store_exists(store, "%s/state", dev->front) &&
			  store_domain_alive(store, dev->domid);
	v->online = store_read(store, text, sizeof(text), "%s/online", dev->back) == 0 &&
		    strcmp(text, "1") == 0;
	v->plugged = store_read(store, text, sizeof(text), "%s/hotplug-status", dev->back) == 0 &&
		     strcmp(text, "connected") == 0;
	v->front_ready = v->front_state == XenbusStateConnected ||
			 (v->front_state == XenbusStateInitialised &&
			  dev->bus->driver->front_initialised_is_ready) ||
			 (v->front_state == XenbusStateReconfiguring && dev->bus->driver->settled);
	v->reconfigures = dev->bus->driver->settled != NULL;
	v->failed = dev->failed;
	v->worker = dev->worker_state;
}

/*
 * A device that is refused before state 2: with the state node gone libxl
 * fails at once instead of waiting ten seconds for a 2 that will not come.
 */
static void refuse(struct xenbus_device *dev)
{
	dev->failed = true;
	store_rm(dev->bus->store, "%s/state", dev->back);
}

static void unprepare(struct xenbus_device *dev)
{
	if (dev->prepared || dev->priv)
		dev->bus->driver->release(dev);
	dev->prepared = false;
}

/* Has the driver said "not yet"? Then nothing more happens in this run. */
static bool has_to_wait(struct xenbus_device *dev, int err)
{
	if (err != -EAGAIN) {
		dev->waiting_ns = 0;
		return false;
	}
	if (dev->waiting_ns == 0)
		dev->waiting_ns = now_ns();
	bus_retry(dev->bus, now_ns() - dev->waiting_ns);
	return true;
}

static int init(struct xenbus_device *dev, const struct xenbus_view *v)
{
	const struct xenbus_driver *driver = dev->bus->driver;
	int err;

	dev->failed = false;
	/* At 1 the toolstack has just made it, perhaps over one that it has
	 * just deleted; at 6 it is the same device in a new life. */
	if (v->back_state == XenbusStateInitialising && dev->waiting_ns == 0)
		unprepare(dev);
	err = dev->prepared ? 0 : driver->prepare(dev);
	if (has_to_wait(dev, err))
		return -EAGAIN;
	if (err) {
		refuse(dev);
		return 0;
	}
	dev->prepared = true;
	err = switch_state(dev, v, XenbusStateInitWait, driver->write_transport);
	if (err && err != -ESTALE)
		dev->failed = true;
	return 0;
}

static void on_worker_message(void *ctx, const struct worker_msg *msg)
{
	struct xenbus_device *dev = ctx;

	switch (msg->type) {
	case WORKER_MSG_READY:
		if (dev->worker_state != XENBUS_WORKER_STARTING)
			break;
		dev->worker_state = XENBUS_WORKER_SERVING;
		if (dev->bus->driver->front_changed)
			dev->bus->driver->front_changed(dev);
		break;
	case WORKER_MSG_FAILED:
		xenbus_error(dev, msg->err, "%s", msg->text);
		dev->failed = true;
		break;
	case WORKER_MSG_BROKEN:
		xenbus_error(dev, 0, "frontend broke the ring: %s; device stopped", msg->text);
		dev->failed = true;
		break;
	default:
		if (dev->bus->driver->message && dev->bus->driver->message(dev, msg))
			break;
		log_warn(dev->name, "worker sent message %u, which is none of its", msg->type);
		break;
	}
	dev->dirty = true;
	xenbus_settle(dev->bus);
}

static void on_worker_gone(void *ctx, bool asked, const char *how)
{
	struct xenbus_device *dev = ctx;

	dev->worker = NULL;
	dev->worker_state = XENBUS_WORKER_NONE;
	if (!asked && !dev->failed) {
		xenbus_error(dev, 0, "worker %s", how);
		dev->failed = true;
	}
	if (dev->bus->driver->disconnected)
		dev->bus->driver->disconnected(dev);
	dev->dirty = true;
	bus_worker_gone(dev->bus);
}

static const struct worker_ops device_worker_ops = {
	.message = on_worker_message,
	.gone = on_worker_gone,
};

static int start_worker(struct xenbus_device *dev, struct worker_msg *conf, const int *fds,
			unsigned int nr_fds)
{
	int err;

	conf->quiet = !log_meter_pay(&dev->meter, dev->name);
	err = worker_start(dev->bus->loop, dev->program, conf, fds, nr_fds, &device_worker_ops, dev,
			   &dev->worker);
	if (err)
		xenbus_error(dev, err, "cannot start %s", dev->program);
	return err == -EAGAIN ? -ENOMEM : err; /* fork()'s is not to be waited out */
}

static int connect_device(struct xenbus_device *dev)
{
	const struct xenbus_driver *driver = dev->bus->driver;
	struct worker_msg conf = { .type = WORKER_MSG_CONF };
	int fds[FDMSG_MAX_FDS];
	unsigned int nr_fds = 0;
	int err;

	/* Found at state 4 by a daemon that was restarted. */
	err = dev->prepared ? 0 : driver->prepare(dev);
	if (has_to_wait(dev, err))
		return -EAGAIN;
	if (err) {
		dev->failed = true;
		return 0;
	}
	dev->prepared = true;
	snprintf(conf.dev, sizeof(conf.dev), "%s", dev->name);
	dev->program = driver->worker;
	err = driver->connect(dev, &conf, fds, &nr_fds);
	if (!err)
		err = start_worker(dev, &conf, fds, nr_fds);
	while (nr_fds > 0)
		close(fds[--nr_fds]);
	if (has_to_wait(dev, err))
		return -EAGAIN;
	if (err)
		dev->failed = true;
	else
		dev->worker_state = XENBUS_WORKER_STARTING;
	return 0;
}

static void publish(struct xenbus_device *dev, const struct xenbus_view *v)
{
	int err;

	/* What was wrong with an earlier connection is so no more. */
	device_clear_error(dev->bus, dev->domid, dev->devid);
	err = switch_state(dev, v, XenbusStateConnected, dev->bus->driver->write_features);
	if (err && err != -ESTALE)
		dev->failed = true;
	else if (!err && log_meter_pay(&dev->meter, dev->name))
		log_info(dev->name, "connected");
}

int xenbus_tell_fds(struct xenbus_device *dev, const struct worker_msg *msg, const int *fds,
		    unsigned int nr_fds)
{
	if (dev->worker_state != XENBUS_WORKER_SERVING)
		return -ENOTCONN;
	return worker_send(dev->worker, msg, fds, nr_fds);
}

int xenbus_tell(struct xenbus_device *dev, const struct worker_msg *msg)
{
	return xenbus_tell_fds(dev, msg, NULL, 0);
}

/*
 * The state is written again with what is new: that is how frontends are told
 * to look (xen/io/blkif.h does not say so, but Linux' and Windows' do).
 */
void device_look_again(struct xenbus_device *dev)
{
	const struct xenbus_driver *driver = dev->bus->driver;
	struct worker_msg msg = { .type = 0 };

	if (dev->worker_state != XENBUS_WORKER_SERVING || !driver->changed(dev, &msg))
		return;
	if (worker_send(dev->worker, &msg, NULL, 0) == 0)
		xenbus_publish_again(dev);
}

void xenbus_publish_again(struct xenbus_device *dev)
{
	struct xenbus_view v = { .back_state = XenbusStateConnected };

	switch_state(dev, &v, XenbusStateConnected, dev->bus->driver->write_features);
}

static int closed(struct xenbus_device *dev, const struct xenbus_view *v)
{
	const struct xenbus_driver *driver = dev->bus->driver;

	if (dev->priv && driver->let_go && !driver->let_go(dev))
		return -EAGAIN;
	/* What the hotplug script worked with goes before the toolstack is
	 * told that it may run it again. */
	if (!v->online || !v->front_exists)
		unprepare(dev);
	if (switch_state(dev, v, XenbusStateClosed, NULL) == 0 &&
	    log_meter_pay(&dev->meter, dev->name))
		log_info(dev->name, "closed");
	return 0;
}

bool device_run(struct xenbus_device *dev)
{
	struct xenbus_view v;

	dev->dirty = false;
	for (int steps = 0; steps < STEPS_MAX; steps++) {
		enum xenbus_step step;

		look(dev, &v);
		step = xenbus_next(&v);
		if (step != XENBUS_INIT && step != XENBUS_CONNECT)
			dev->waiting_ns = 0;
		switch (step) {
		case XENBUS_WAIT:
			plug_watch(dev, &v);
			return false;
		case XENBUS_INIT:
			if (init(dev, &v) != 0)
				return false;
			break;
		case XENBUS_CONNECT:
			if (connect_device(dev) != 0)
				return false;
			break;
		case XENBUS_PUBLISH:
			publish(dev, &v);
			break;
		case XENBUS_RECONFIGURE:
			if (!dev->bus->driver->settled(dev))
				return false;
			switch_state(dev, &v, XenbusStateReconfigured, NULL);
			break;
		case XENBUS_GO_ON:
			switch_state(dev, &v, XenbusStateConnected, NULL);
			break;
		case XENBUS_CLOSING:
			switch_state(dev, &v, XenbusStateClosing, NULL);
			break;
		case XENBUS_STOP:
			worker_stop(dev->worker);
			dev->worker_state = XENBUS_WORKER_STOPPING;
			break;
		case XENBUS_CLOSED:
			if (closed(dev, &v) != 0)
				return false;
			break;
		case XENBUS_FORGET:
			return true;
		}
	}
	/* A frontend that changes its mind faster than we look can do this; its last
	 * change comes with an event, so that is looked at. */
	log_guest(&dev->meter, dev->name, "does not settle: backend state %d, frontend state %d",
		  v.back_state, v.front_state);
	return false;
}

/*
 * The frontend's path comes from our own directory, which the guest cannot
 * write, and must lie in the domain that the device belongs to (XSA-175).
 */
static int find_front(struct xenbus_device *dev)
{
	char prefix[48];
	int err = store_read(dev->bus->store, dev->front, sizeof(dev->front), "%s/frontend",
			     dev->back);

	if (err)
		return xenbus_error(dev, err, "cannot read key frontend");
	snprintf(prefix, sizeof(prefix), "/local/domain/%u/", dev->domid);
	if (strncmp(dev->front, prefix, strlen(prefix)) != 0)
		return xenbus_error(dev, 0, "key frontend is not in domain %u", dev->domid);
	return 0;
}

int device_new(struct xenbus *bus, uint16_t domid, uint32_t devid, struct xenbus_device **ret)
{
	struct xenbus_device *dev = calloc(1, sizeof(*dev));
	int err;

	if (!dev)
		return -ENOMEM;
	dev->bus = bus;
	dev->domid = domid;
	dev->devid = devid;
	snprintf(dev->name, sizeof(dev->name), "%s/%u/%u", bus->driver->kind, domid, devid);
	snprintf(dev->back, sizeof(dev->back), "%s/%u/%u", bus->root, domid, devid);
	err = find_front(dev);
	if (err)
		goto err_free;
	err = device_watch(dev);
	if (err)
		goto err_free;
	dev->next = bus->devices;
	bus->devices = dev;
	*ret = dev;
	return 0;

err_free:
	free(dev);
	return err;
}

/* The node of the error, and the directory if it was the domain's last. */
void device_clear_error(struct xenbus *bus, uint16_t domid, uint32_t devid)
{
	struct store *store = bus->store;
	const char *kind = bus->driver->kind;
	uint16_t own = store_own_domid(store);
	unsigned int nr = 0;
	char **names;

	if (store_rm(store, "/local/domain/%u/error/backend/%s/%u/%u", own, kind, domid, devid) !=
		    0 ||
	    store_list(store, &names, &nr, "/local/domain/%u/error/backend/%s/%u", own, kind,
		       domid) != 0)
		return;
	free(names);
	if (nr == 0)
		store_rm(store, "/local/domain/%u/error/backend/%s/%u", own, kind, domid);
}

void xenbus_error_over(struct xenbus_device *dev)
{
	device_clear_error(dev->bus, dev->domid, dev->devid);
}

void device_free(struct xenbus_device *dev)
{
	device_unwatch(dev);
	device_clear_error(dev->bus, dev->domid, dev->devid);
	unprepare(dev);
	log_debug(dev->name, "forgotten");
	free(dev);
}
