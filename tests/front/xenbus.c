// SPDX-License-Identifier: GPL-2.0-or-later
#include "xenbus.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "xsconn.h"

/*
 * Two connections: on the second nothing is asked, so that its descriptor is readable
 * when, and only when, a watch has fired.
 */
struct front {
	struct guest *guest;
	struct xsconn *xs;
	struct xsconn *watch;
	uint16_t backend_domid;
	char path[XSCONN_PATH_MAX];
	char backend[XSCONN_PATH_MAX];
};

static int own_key(const struct front *f, const char *key, char path[XSCONN_PATH_MAX])
{
	int len = snprintf(path, XSCONN_PATH_MAX, "%s/%s", f->path, key);

	return len < XSCONN_PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int backend_key(const struct front *f, const char *key, char path[XSCONN_PATH_MAX])
{
	int len = snprintf(path, XSCONN_PATH_MAX, "%s/%s", f->backend, key);

	return len < XSCONN_PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* What libxl has written for the frontend. */
static int find_backend(struct front *f)
{
	char text[32];
	int err = front_read(f, "backend", f->backend, sizeof(f->backend));

	if (!err)
		err = front_read(f, "backend-id", text, sizeof(text));
	if (!err)
		f->backend_domid = (uint16_t)strtoul(text, NULL, 10);
	return err;
}

int front_open(uint16_t domid, const char *kind, unsigned int devid, struct front **ret)
{
	struct front *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return -ENOMEM;
	snprintf(f->path, sizeof(f->path), "/local/domain/%u/device/%s/%u", domid, kind, devid);
	err = guest_open(domid, &f->guest);
	if (!err)
		err = xsconn_open_guest(domid, &f->xs);
	if (!err)
		err = xsconn_open_guest(domid, &f->watch);
	if (!err)
		err = find_backend(f);
	if (!err)
		err = xsconn_watch(f->watch, f->backend, "backend");
	if (err) {
		front_close(f);
		return err;
	}
	*ret = f;
	return 0;
}

void front_close(struct front *f)
{
	xsconn_close(f->watch);
	xsconn_close(f->xs);
	if (f->guest)
		guest_close(f->guest);
	free(f);
}

struct guest *front_guest(struct front *f)
{
	return f->guest;
}

uint16_t front_backend_domid(const struct front *f)
{
	return f->backend_domid;
}

const char *front_path(const struct front *f)
{
	return f->path;
}

const char *front_backend_path(const struct front *f)
{
	return f->backend;
}

int front_write(struct front *f, const char *key, const char *fmt, ...)
{
	char value[XENSTORE_PAYLOAD_MAX];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	if (len >= (int)sizeof(value))
		return -E2BIG;
	return front_write_raw(f, key, value, (size_t)len);
}

int front_write_raw(struct front *f, const char *key, const void *value, size_t len)
{
	char path[XSCONN_PATH_MAX];
	int err = own_key(f, key, path);

	return err ? err : xsconn_write(f->xs, path, value, len);
}

int front_rm(struct front *f, const char *key)
{
	char path[XSCONN_PATH_MAX];
	int err = own_key(f, key, path);

	return err ? err : xsconn_rm(f->xs, path);
}

int front_read(struct front *f, const char *key, char *buf, size_t size)
{
	char path[XSCONN_PATH_MAX];
	int err = own_key(f, key, path);

	return err ? err : xsconn_read(f->xs, path, buf, size);
}

int front_read_backend(struct front *f, const char *key, char *buf, size_t size)
{
	char path[XSCONN_PATH_MAX];
	int err = backend_key(f, key, path);

	return err ? err : xsconn_read(f->xs, path, buf, size);
}

int front_read_backend_u64(struct front *f, const char *key, uint64_t absent, uint64_t *ret)
{
	char text[32], *end;
	uint64_t value;
	int err = front_read_backend(f, key, text, sizeof(text));

	if (err == -ENOENT) {
		*ret = absent;
		return 0;
	}
	if (err)
		return err;
	value = strtoull(text, &end, 10);
	if (end == text || *end)
		return -EINVAL;
	*ret = value;
	return 0;
}

int front_tx_begin(struct front *f)
{
	return xsconn_tx_begin(f->xs);
}

int front_tx_end(struct front *f)
{
	return xsconn_tx_end(f->xs);
}

int front_set_state(struct front *f, enum xenbus_state state)
{
	return front_write(f, "state", "%d", state);
}

enum xenbus_state front_backend_state(struct front *f)
{
	uint64_t state;

	if (front_read_backend_u64(f, "state", XenbusStateUnknown, &state) != 0 ||
	    state > XenbusStateReconfigured)
		return XenbusStateUnknown;
	return (enum xenbus_state)state;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int front_wait_backend(struct front *f, unsigned int mask, int timeout_ms)
{
	int64_t end = now_ms() + timeout_ms;

	for (;;) {
		int64_t left = end - now_ms();
		int err;

		if (FRONT_STATE(front_backend_state(f)) & mask)
			return 0;
		if (left <= 0)
			return -ETIMEDOUT;
		err = xsconn_wait(f->watch, (int)left);
		if (err && err != -ETIMEDOUT)
			return err;
	}
}

int front_store_fd(const struct front *f)
{
	return xsconn_fd(f->watch);
}

void front_store_take(struct front *f)
{
	unsigned int events;

	xsconn_take(f->watch, &events);
}
