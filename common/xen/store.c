// SPDX-License-Identifier: GPL-2.0-or-later
/* XenStore over libxenstore. */
#include "xen/store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xenstore.h>

#include "base/num.h"

/* Somebody else writes all the time, or something is wrong with us. */
#define TX_TRIES 50

struct store {
	struct xs_handle *xs;
	xs_transaction_t tx; /* XBT_NULL outside a transaction */
	uint16_t own_domid;
};

static int vformat(char path[STORE_PATH_MAX], const char *fmt, va_list ap)
{
	int len = vsnprintf(path, STORE_PATH_MAX, fmt, ap);

	return len >= 0 && len < STORE_PATH_MAX ? 0 : -ENAMETOOLONG;
}

static void read_own_domid(struct store *s)
{
	char text[16];
	uint32_t domid;

	/* Relative, so it is looked up in our own directory; dom0's own entry
	 * may not have been written yet. */
	if (store_read(s, text, sizeof(text), "domid") == 0 &&
	    num_u32(text, 0, 0x7fef, &domid) == 0)
		s->own_domid = (uint16_t)domid;
}

int store_open(struct store **ret)
{
	struct store *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->xs = xs_open(0);
	if (!s->xs) {
		int err = errno ? -errno : -ECONNREFUSED;

		free(s);
		return err;
	}
	s->tx = XBT_NULL;
	read_own_domid(s);
	*ret = s;
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	xs_close(s->xs);
	free(s);
}

uint16_t store_own_domid(const struct store *s)
{
	return s->own_domid;
}

int store_fd(const struct store *s)
{
	return xs_fileno(s->xs);
}

int store_next_event(struct store *s, struct store_event *ev)
{
	char **vec = xs_check_watch(s->xs);

	if (!vec)
		return errno ? -errno : -EIO;
	snprintf(ev->path, sizeof(ev->path), "%s", vec[XS_WATCH_PATH]);
	snprintf(ev->token, sizeof(ev->token), "%s", vec[XS_WATCH_TOKEN]);
	free(vec);
	return 0;
}

int store_watch(struct store *s, const char *path, const char *token)
{
	return xs_watch(s->xs, path, token) ? 0 : -errno;
}

void store_unwatch(struct store *s, const char *path, const char *token)
{
	xs_unwatch(s->xs, path, token);
}

static int read_value(struct store *s, char *buf, size_t size, const char *path)
{
	unsigned int len;
	char *value = xs_read(s->xs, s->tx, path, &len);
	int err = 0;

	if (!value)
		return -errno;
	if (len >= size)
		err = -E2BIG;
	else if (memchr(value, '\0', len))
		err = -EINVAL;
	else
		memcpy(buf, value, len + 1); /* libxenstore adds the NUL */
	free(value);
	return err;
}

int store_read(struct store *s, char *buf, size_t size, const char *fmt, ...)
{
	char path[STORE_PATH_MAX];
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = vformat(path, fmt, ap);
	va_end(ap);
	return err ? err : read_value(s, buf, size, path);
}

bool store_exists(struct store *s, const char *fmt, ...)
{
	char path[STORE_PATH_MAX];
	char *value;
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = vformat(path, fmt, ap);
	va_end(ap);
	if (err)
		return false;
	value = xs_read(s->xs, s->tx, path, NULL);
	free(value);
	return value != NULL;
}

int store_write(struct store *s, const char *value, const char *fmt, ...)
{
	char path[STORE_PATH_MAX];
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = vformat(path, fmt, ap);
	va_end(ap);
	if (err)
		return err;
	return xs_write(s->xs, s->tx, path, value, (unsigned int)strlen(value)) ? 0 : -errno;
}

int store_rm(struct store *s, const char *fmt, ...)
{
	char path[STORE_PATH_MAX];
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = vformat(path, fmt, ap);
	va_end(ap);
	if (err)
		return err;
	return xs_rm(s->xs, s->tx, path) ? 0 : -errno;
}

int store_list(struct store *s, char ***ret, unsigned int *ret_nr, const char *fmt, ...)
{
	char path[STORE_PATH_MAX];
	char **names;
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = vformat(path, fmt, ap);
	va_end(ap);
	if (err)
		return err;
	names = xs_directory(s->xs, s->tx, path, ret_nr);
	if (!names)
		return -errno;
	*ret = names;
	return 0;
}

int store_tx_begin(struct store *s)
{
	s->tx = xs_transaction_start(s->xs);
	return s->tx == XBT_NULL ? -errno : 0;
}

int store_tx_end(struct store *s)
{
	bool done = xs_transaction_end(s->xs, s->tx, false);

	s->tx = XBT_NULL;
	return done ? 0 : -errno;
}

void store_tx_abort(struct store *s)
{
	xs_transaction_end(s->xs, s->tx, true);
	s->tx = XBT_NULL;
}

int store_change(struct store *s, int (*change)(void *ctx), void *ctx)
{
	int err = -EAGAIN;

	for (int tries = 0; err == -EAGAIN && tries < TX_TRIES; tries++) {
		err = store_tx_begin(s);
		if (err)
			return err;
		err = change(ctx);
		if (err)
			store_tx_abort(s);
		else
			err = store_tx_end(s);
	}
	return err;
}

bool store_domain_alive(struct store *s, uint16_t domid)
{
	return xs_is_domain_introduced(s->xs, domid);
}
