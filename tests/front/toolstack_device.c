// SPDX-License-Identifier: GPL-2.0-or-later
/* Devices: added and removed as libxl does it (libxl_device.c, libxl_disk.c, libxl_nic.c). */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/io/xenbus.h>

#include "toolstack_priv.h"

#define MAX_KEYS 16
#define XVD_MAJOR 202

struct keys {
	struct ts_key list[MAX_KEYS];
	size_t nr;
};

/* What is written for a device, in one transaction. */
struct addition {
	struct ts_device dev;
	struct keys back, front;
};

static void key(struct keys *k, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void key(struct keys *k, const char *name, const char *fmt, ...)
{
	struct ts_key *at = &k->list[k->nr++];
	va_list ap;

	at->name = name;
	va_start(ap, fmt);
	vsnprintf(at->value, sizeof(at->value), fmt, ap);
	va_end(ap);
}

static void device_paths(struct ts_device *d, uint16_t domid, const char *kind, unsigned int devid)
{
	d->domid = domid;
	d->kind = kind;
	d->devid = devid;
	snprintf(d->back, sizeof(d->back), "/local/domain/0/backend/%s/%u/%u", kind, domid, devid);
	snprintf(d->front, sizeof(d->front), "/local/domain/%u/device/%s/%u", domid, kind, devid);
	snprintf(d->libxl, sizeof(d->libxl), "/libxl/%u/device/%s/%u", domid, kind, devid);
}

static int write_side(struct xsconn *c, const struct addition *a, const char *dir,
		      const struct keys *k, bool front)
{
	int err = xsconn_printf(c, dir, front ? "backend" : "frontend", "%s",
				front ? a->dev.back : a->dev.front);

	if (!err)
		err = front ? xsconn_printf(c, dir, "backend-id", "0")
			    : xsconn_printf(c, dir, "frontend-id", "%u", a->dev.domid);
	return err ? err : ts_write_keys(c, dir, k->list, k->nr);
}

static int write_device(struct xsconn *c, void *ctx)
{
	const struct addition *a = ctx;
	int err;

	xsconn_rm(c, a->dev.front);
	xsconn_rm(c, a->dev.back);
	xsconn_rm(c, a->dev.libxl);
	if ((err = ts_make_dir(c, a->dev.libxl, 0, NO_READER)) ||
	    (err = xsconn_printf(c, a->dev.libxl, "frontend", "%s", a->dev.front)) ||
	    (err = xsconn_printf(c, a->dev.libxl, "backend", "%s", a->dev.back)) ||
	    (err = write_side(c, a, a->dev.libxl, &a->back, false)) ||
	    (err = ts_make_dir(c, a->dev.front, a->dev.domid, 0)) ||
	    (err = write_side(c, a, a->dev.front, &a->front, true)) ||
	    (err = ts_make_dir(c, a->dev.back, 0, a->dev.domid)))
		return err;
	return write_side(c, a, a->dev.back, &a->back, false);
}

static void state_path(const struct ts_device *d, char path[XSCONN_PATH_MAX])
{
	snprintf(path, XSCONN_PATH_MAX, "%.200s/state", d->back);
}

static int wait_initwait(struct xsconn *c, const struct ts_device *d)
{
	char path[XSCONN_PATH_MAX];
	int err;

	state_path(d, path);
	err = ts_wait_value(c, path, "2", STATE_PATIENCE_MS);
	return err == -ENOENT ? -ECONNREFUSED : err;
}

static int add(struct addition *a, enum toolstack_plug plug)
{
	struct xsconn *c;
	int err = xsconn_open_dom0(&c);

	if (err)
		return err;
	err = ts_transact(c, write_device, a);
	if (!err && plug != PLUG_NO_WAIT)
		err = wait_initwait(c, &a->dev);
	if (!err && plug == PLUG_OURSELVES)
		err = ts_plug(c, &a->dev);
	if (!err && plug == PLUG_SCRIPT) {
		xsconn_printf(c, a->dev.libxl, "script-ran", "1");
		err = ts_run_script(c, &a->dev, true);
	}
	xsconn_close(c);
	return err;
}

int toolstack_vbd_add(uint16_t domid, const struct toolstack_vbd *how)
{
	const char *type = how->cdrom ? "cdrom" : "disk";
	struct addition a = { 0 };

	device_paths(&a.dev, domid, "vbd", how->devid);
	key(&a.back, "online", "1");
	key(&a.back, "state", "%d", XenbusStateInitialising);
	key(&a.back, "params", "%s", how->image);
	key(&a.back, "script", "/etc/xen/scripts/block");
	key(&a.back, "removable", "%d", how->cdrom);
	key(&a.back, "bootable", "1");
	if (how->devid >> 8 == XVD_MAJOR)
		key(&a.back, "dev", "xvd%c", 'a' + (how->devid >> 4 & 15));
	key(&a.back, "type", "phy");
	key(&a.back, "mode", how->readonly || how->cdrom ? "r" : "w");
	key(&a.back, "device-type", "%s", type);
	key(&a.back, "discard-enable", "%d", !how->no_discard);
	key(&a.back, "specification", "xen");
	key(&a.front, "state", "%d", XenbusStateInitialising);
	key(&a.front, "virtual-device", "%u", how->devid);
	key(&a.front, "device-type", "%s", type);
	key(&a.front, "trusted", "1");
	return add(&a, how->plug);
}

int toolstack_vif_add(uint16_t domid, const struct toolstack_vif *how)
{
	struct addition a = { 0 };
	char mac[32];

	snprintf(mac, sizeof(mac), "00:16:3e:%02x:%02x:%02x", domid >> 8, domid & 0xff,
		 how->handle & 0xff);
	device_paths(&a.dev, domid, "vif", how->handle);
	key(&a.back, "online", "1");
	key(&a.back, "state", "%d", XenbusStateInitialising);
	key(&a.back, "script", "/etc/xen/scripts/vif-bridge");
	key(&a.back, "mac", "%s", how->mac ? how->mac : mac);
	if (how->rate)
		key(&a.back, "rate", "%s", how->rate);
	if (how->mtu)
		key(&a.back, "mtu", "%u", how->mtu);
	key(&a.back, "bridge", "%s", how->bridge ? how->bridge : "xenbr0");
	key(&a.back, "handle", "%u", how->handle);
	key(&a.back, "type", "vif");
	key(&a.back, "hotplug-status", "%s", "");
	key(&a.front, "state", "%d", XenbusStateInitialising);
	key(&a.front, "handle", "%u", how->handle);
	key(&a.front, "mac", "%s", how->mac ? how->mac : mac);
	key(&a.front, "trusted", "1");
	key(&a.front, "mtu", "%u", how->mtu ? how->mtu : 1500);
	return add(&a, how->plug);
}

int toolstack_attach_vbd(uint16_t domid, unsigned int devid, const char *image, bool readonly)
{
	struct toolstack_vbd how = { .devid = devid, .image = image, .readonly = readonly };

	return toolstack_vbd_add(domid, &how);
}

int toolstack_attach_vif(uint16_t domid, unsigned int handle)
{
	struct toolstack_vif how = { .handle = handle };

	return toolstack_vif_add(domid, &how);
}

int toolstack_plug(uint16_t domid, const char *kind, unsigned int devid)
{
	struct ts_device d;
	struct xsconn *c;
	int err = xsconn_open_dom0(&c);

	if (err)
		return err;
	device_paths(&d, domid, kind, devid);
	err = ts_plug(c, &d);
	xsconn_close(c);
	return err;
}

struct removal {
	struct ts_device dev;
	bool force;
	bool closed; /* its backend is at 6 already, or has nothing */
};

static int write_removal(struct xsconn *c, void *ctx)
{
	struct removal *r = ctx;
	char path[XSCONN_PATH_MAX], state[32];
	int err;

	if (r->force)
		xsconn_rm(c, r->dev.front);
	state_path(&r->dev, path);
	err = xsconn_read(c, path, state, sizeof(state));
	r->closed = err == -ENOENT || strcmp(state, "6") == 0;
	if (r->closed)
		return 0;
	err = xsconn_printf(c, r->dev.back, "online", "0");
	return err ? err : xsconn_printf(c, r->dev.back, "state", "%d", XenbusStateClosing);
}

static int wait_closed(struct xsconn *c, const struct removal *r)
{
	char path[XSCONN_PATH_MAX];
	int err;

	if (r->closed)
		return 0;
	state_path(&r->dev, path);
	err = ts_wait_value(c, path, "6", STATE_PATIENCE_MS);
	return err == -ENOENT ? 0 : err;
}

/* As libxl__xs_path_cleanup(): with the parents that are empty then. */
static void remove_path(struct xsconn *c, const char *path)
{
	char at[XSCONN_PATH_MAX], names[XENSTORE_PAYLOAD_MAX];
	size_t len = 0;

	snprintf(at, sizeof(at), "%s", path);
	for (;;) {
		char *slash = strrchr(at, '/');

		if (xsconn_rm(c, at) != 0 || !slash || slash == at)
			return;
		*slash = '\0';
		if (xsconn_list(c, at, names, sizeof(names), &len) != 0 || len > 0)
			return;
	}
}

static int erase(struct xsconn *c, void *ctx)
{
	const struct ts_device *d = ctx;

	remove_path(c, d->front);
	remove_path(c, d->libxl);
	remove_path(c, d->back);
	return 0;
}

static int finish(struct xsconn *c, struct removal *r)
{
	char path[XSCONN_PATH_MAX];
	int err = wait_closed(c, r);

	snprintf(path, sizeof(path), "%.200s/script-ran", r->dev.libxl);
	if (!err && xsconn_exists(c, path))
		ts_run_script(c, &r->dev, false);
	if (!err || r->force)
		ts_transact(c, erase, &r->dev);
	return err;
}

int toolstack_detach(uint16_t domid, const char *kind, unsigned int devid, bool force)
{
	struct removal r = { .force = force };
	struct xsconn *c;
	int err = xsconn_open_dom0(&c);

	if (err)
		return err;
	device_paths(&r.dev, domid, kind, devid);
	err = ts_transact(c, write_removal, &r);
	if (!err)
		err = finish(c, &r);
	xsconn_close(c);
	return err;
}

/* Every device of this kind: told first, waited for later, so that they close at once. */
static int for_each(struct xsconn *c, uint16_t domid, const char *kind,
		    int (*what)(struct xsconn *c, struct removal *r))
{
	char path[XSCONN_PATH_MAX], names[XENSTORE_PAYLOAD_MAX];
	size_t len = 0;
	int err = 0;

	snprintf(path, sizeof(path), "/libxl/%u/device/%s", domid, kind);
	if (xsconn_list(c, path, names, sizeof(names), &len) != 0)
		return 0;
	for (size_t at = 0; at < len; at += strlen(names + at) + 1) {
		struct removal r = { .force = true };
		int this;

		device_paths(&r.dev, domid, kind, (unsigned int)strtoul(names + at, NULL, 10));
		this = what(c, &r);
		if (this)
			err = this;
	}
	return err;
}

static int tell(struct xsconn *c, struct removal *r)
{
	return ts_transact(c, write_removal, r);
}

int ts_detach_all(struct xsconn *c, uint16_t domid)
{
	static const char *const kinds[] = { "vbd", "vif" };
	int err = 0;

	for (int i = 0; i < 2; i++)
		for_each(c, domid, kinds[i], tell);
	for (int i = 0; i < 2; i++) {
		int this = for_each(c, domid, kinds[i], finish);

		if (this)
			err = this;
	}
	return err;
}
