// SPDX-License-Identifier: GPL-2.0-or-later
/* A guest's console 0, see confront.h. */
#include "confront.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <xenstore.h>

#define CONSOLE_GREF GNTTAB_RESERVED_CONSOLE
#define BACKEND_DOMID 0
#define SPINS_BEFORE_YIELD 64

struct confront {
	struct guest *guest;
	struct guest_events *events;
	struct xencons_interface *page;
	uint32_t port;
	bool granted;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- birth and death --- */

static int make_port(struct confront *c)
{
	int err = guest_events_open(c->guest, &c->events);

	return err ? err : guest_port_alloc(c->events, BACKEND_DOMID, &c->port);
}

int confront_open(uint16_t domid, unsigned int flags, struct confront **ret)
{
	struct confront *c = calloc(1, sizeof(*c));
	int err = c ? guest_open(domid, &c->guest) : -ENOMEM;

	if (err)
		goto err_free;
	c->page = guest_pages_alloc(c->guest, 1);
	err = c->page ? make_port(c) : -ENOMEM;
	if (err)
		goto err_close;
	if (!(flags & CONFRONT_NO_GRANT)) {
		guest_grant_at(c->guest, CONSOLE_GREF, BACKEND_DOMID, c->page, false);
		c->granted = true;
	}
	if (!(flags & CONFRONT_NO_KEYS))
		err = confront_say(c);
	if (err)
		goto err_close;
	*ret = c;
	return 0;

err_close:
	confront_close(c);
	return err;
err_free:
	free(c);
	return err;
}

/* False while a backend has the page. A later ring's grant is not ours to end. */
static bool end_grant(struct confront *c)
{
	const grant_entry_v1_t *entry = guest_grant_entry(c->guest, CONSOLE_GREF);

	return entry->frame == guest_frame(c->guest, c->page) &&
	       guest_grant_end(c->guest, CONSOLE_GREF) == 0;
}

void confront_close(struct confront *c)
{
	bool free_page = !c->granted;

	if (c->events)
		guest_events_close(c->events);
	if (c->granted)
		free_page = end_grant(c);
	if (c->page && free_page)
		guest_pages_free(c->guest, c->page, 1);
	guest_close(c->guest);
	free(c);
}

struct guest *confront_guest(struct confront *c)
{
	return c->guest;
}

struct xencons_interface *confront_page(struct confront *c)
{
	return c->page;
}

uint32_t confront_port(const struct confront *c)
{
	return c->port;
}

/* --- keys --- */

struct key {
	const char *name;
	char value[64];
};

/* A pty that stands there already stays, as libxl keeps it over a soft reset. */
static bool keep_tty(struct xs_handle *xs, xs_transaction_t tx, uint16_t domid)
{
	char path[80];
	unsigned int len;
	char *tty;

	snprintf(path, sizeof(path), "/local/domain/%u/console/tty", domid);
	tty = xs_read(xs, tx, path, &len);
	free(tty);
	return tty || xs_write(xs, tx, path, "", 0);
}

static bool write_keys(struct xs_handle *xs, xs_transaction_t tx, uint16_t domid,
		       const struct key *keys, size_t nr)
{
	struct xs_permissions perms[] = {
		{ .id = BACKEND_DOMID, .perms = XS_PERM_NONE },
		{ .id = domid, .perms = XS_PERM_READ },
	};
	char path[80];
	bool fine = true;

	snprintf(path, sizeof(path), "/local/domain/%u/console", domid);
	fine = xs_mkdir(xs, tx, path) && xs_set_permissions(xs, tx, path, perms, 2) &&
	       keep_tty(xs, tx, domid);
	for (size_t i = 0; i < nr && fine; i++) {
		snprintf(path, sizeof(path), "/local/domain/%u/console/%s", domid, keys[i].name);
		fine = xs_write(xs, tx, path, keys[i].value, (unsigned int)strlen(keys[i].value)) &&
		       xs_set_permissions(xs, tx, path, perms, 2);
	}
	return fine;
}

static int write_at_once(struct xs_handle *xs, uint16_t domid, const struct key *keys, size_t nr)
{
	for (;;) {
		xs_transaction_t tx = xs_transaction_start(xs);
		int saved;

		if (tx == XBT_NULL)
			return -errno;
		if (!write_keys(xs, tx, domid, keys, nr)) {
			saved = errno;
			xs_transaction_end(xs, tx, true);
			return -saved;
		}
		if (xs_transaction_end(xs, tx, false))
			return 0;
		if (errno != EAGAIN)
			return -errno;
	}
}

int confront_say_limit(struct confront *c, unsigned int bytes)
{
	uint16_t domid = guest_domid(c->guest);
	struct key keys[] = {
		{ "backend", "" },	   { "backend-id", "0" }, { "limit", "" },
		{ "type", "xenconsoled" }, { "output", "pty" },	  { "port", "" },
		{ "ring-ref", "" },
	};
	struct xs_handle *xs = xs_open(0);
	int err;

	if (!xs)
		return -errno;
	snprintf(keys[0].value, sizeof(keys[0].value), "/local/domain/0/backend/console/%u/0",
		 domid);
	snprintf(keys[2].value, sizeof(keys[2].value), "%u", bytes);
	snprintf(keys[5].value, sizeof(keys[5].value), "%u", c->port);
	snprintf(keys[6].value, sizeof(keys[6].value), "%u", guest_frame(c->guest, c->page));
	err = write_at_once(xs, domid, keys, sizeof(keys) / sizeof(keys[0]));
	xs_close(xs);
	return err;
}

int confront_say(struct confront *c)
{
	return confront_say_limit(c, 1u << 20);
}

int confront_key(struct confront *c, const char *key, const void *value, size_t len)
{
	struct xs_handle *xs = xs_open(0);
	char path[128];
	bool fine;
	int err;

	if (!xs)
		return -errno;
	snprintf(path, sizeof(path), "/local/domain/%u/console/%s", guest_domid(c->guest), key);
	fine = value ? xs_write(xs, XBT_NULL, path, value, (unsigned int)len)
		     : xs_rm(xs, XBT_NULL, path);
	err = fine ? 0 : -errno;
	xs_close(xs);
	return err;
}

/* --- output --- */

/* What fits of @n bytes, without an event. */
static size_t put(struct confront *c, const uint8_t *data, size_t n)
{
	struct xencons_interface *page = c->page;
	uint32_t prod = page->out_prod;
	/* Pairs with the backend's release of the bytes' room. */
	uint32_t cons = __atomic_load_n(&page->out_cons, __ATOMIC_ACQUIRE);
	size_t done = 0;

	while (done < n && prod - cons < sizeof(page->out))
		page->out[MASK_XENCONS_IDX(prod++, page->out)] = (char)data[done++];
	/* Bytes first, then the index. */
	__atomic_store_n(&page->out_prod, prod, __ATOMIC_RELEASE);
	return done;
}

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

int confront_write(struct confront *c, const void *data, size_t n, size_t chunk, int timeout_ms,
		   size_t *ret_done)
{
	int64_t until = now_ms() + timeout_ms;
	size_t done = 0;
	int err = 0;

	for (unsigned int spins = 0; done < n && !err;) {
		size_t got = put(c, (const uint8_t *)data + done, min_size(chunk, n - done));

		done += got;
		if (got > 0) {
			err = confront_notify(c);
			spins = 0;
			continue;
		}
		if (++spins > SPINS_BEFORE_YIELD)
			sched_yield();
		if (now_ms() > until)
			err = -ETIMEDOUT;
	}
	if (ret_done)
		*ret_done = done;
	return err;
}

int confront_write_asleep(struct confront *c, const void *data, size_t n, int timeout_ms)
{
	int64_t until = now_ms() + timeout_ms;
	size_t done = 0;

	for (;;) {
		size_t got = put(c, (const uint8_t *)data + done, n - done);
		int64_t left = until - now_ms();
		int err;

		done += got;
		if (got > 0) {
			err = confront_notify(c);
			if (err)
				return err;
		}
		if (done == n)
			return 0;
		err = left > 0 ? guest_events_wait(c->events, (int)left) : 0;
		if (err <= 0)
			return err ? err : -ETIMEDOUT;
	}
}

/* --- input --- */

size_t confront_take(struct confront *c, void *buf, size_t max)
{
	struct xencons_interface *page = c->page;
	uint32_t cons = page->in_cons;
	/* Pairs with the backend's release of the bytes. */
	uint32_t prod = __atomic_load_n(&page->in_prod, __ATOMIC_ACQUIRE);
	uint8_t *to = buf;
	size_t done = 0;

	while (done < max && cons != prod)
		to[done++] = (uint8_t)page->in[MASK_XENCONS_IDX(cons++, page->in)];
	__atomic_store_n(&page->in_cons, cons, __ATOMIC_RELEASE);
	return done;
}

int confront_read(struct confront *c, void *buf, size_t n, int timeout_ms, size_t *ret_done)
{
	int64_t until = now_ms() + timeout_ms;
	size_t done = 0;
	int err = 0;

	while (done < n) {
		size_t got = confront_take(c, (uint8_t *)buf + done, n - done);
		int64_t left = until - now_ms();

		done += got;
		if (got > 0) /* there is room again */
			confront_notify(c);
		if (done == n)
			break;
		err = left > 0 ? guest_events_wait(c->events, (int)left) : 0;
		if (err <= 0) {
			err = err ? err : -ETIMEDOUT;
			break;
		}
		err = 0;
	}
	if (ret_done)
		*ret_done = done;
	return err;
}

/* --- events --- */

int confront_notify(struct confront *c)
{
	return guest_notify(c->events, c->port);
}

int confront_fd(const struct confront *c)
{
	return guest_events_fd(c->events);
}

void confront_calm(struct confront *c)
{
	uint32_t ports[8];

	while (guest_events_take(c->events, ports, 8) > 0)
		;
}
