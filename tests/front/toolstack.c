// SPDX-License-Identifier: GPL-2.0-or-later
/* XenStore as the toolstack uses it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "toolstack_priv.h"

/* Somebody else writes all the time, or something is wrong with us. */
#define TX_TRIES 1000

int ts_write_keys(struct xsconn *c, const char *dir, const struct ts_key *keys, size_t nr)
{
	int err = 0;

	for (size_t i = 0; i < nr && !err; i++)
		err = xsconn_printf(c, dir, keys[i].name, "%s", keys[i].value);
	return err;
}

int ts_make_dir(struct xsconn *c, const char *path, uint32_t owner, uint32_t reader)
{
	char none[16], read[16];
	int err = xsconn_mkdir(c, path);

	snprintf(none, sizeof(none), "n%u", owner);
	snprintf(read, sizeof(read), "r%u", reader);
	return err ? err : xsconn_chmod(c, path, none, reader == NO_READER ? NULL : read);
}

int ts_transact(struct xsconn *c, int (*body)(struct xsconn *c, void *ctx), void *ctx)
{
	int err = -EAGAIN;

	for (int tries = 0; err == -EAGAIN && tries < TX_TRIES; tries++) {
		err = xsconn_tx_begin(c);
		if (err)
			return err;
		err = body(c, ctx);
		if (err)
			xsconn_tx_abort(c);
		else
			err = xsconn_tx_end(c);
	}
	return err;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int wait_watched(struct xsconn *c, const char *path, const char *value, int timeout_ms)
{
	int64_t end = now_ms() + timeout_ms;

	for (;;) {
		int64_t left = end - now_ms();
		char now[256];
		int err = xsconn_read(c, path, now, sizeof(now));

		if (err == -ENOENT)
			return value ? -ENOENT : 0;
		if (err && err != -E2BIG && err != -EINVAL)
			return err;
		if (!err && value && strcmp(now, value) == 0)
			return 0;
		if (left <= 0)
			return -ETIMEDOUT;
		err = xsconn_wait(c, (int)left);
		if (err && err != -ETIMEDOUT)
			return err;
	}
}

int ts_wait_value(struct xsconn *c, const char *path, const char *value, int timeout_ms)
{
	int err = xsconn_watch(c, path, "wait");

	if (err)
		return err;
	err = wait_watched(c, path, value, timeout_ms);
	xsconn_unwatch(c, path, "wait");
	return err;
}

int toolstack_read(const char *path, char *buf, unsigned int size)
{
	struct xsconn *c;
	int err = xsconn_open_dom0(&c);

	if (err)
		return err;
	err = xsconn_read(c, path, buf, size);
	xsconn_close(c);
	return err;
}

int toolstack_write(const char *path, const char *value)
{
	struct xsconn *c;
	int err = xsconn_open_dom0(&c);

	if (err)
		return err;
	err = xsconn_write(c, path, value, strlen(value));
	xsconn_close(c);
	return err;
}

int toolstack_rm(const char *path)
{
	struct xsconn *c;
	int err = xsconn_open_dom0(&c);

	if (err)
		return err;
	err = xsconn_rm(c, path);
	xsconn_close(c);
	return err;
}

/* A node that is not there yet is waited for, unlike in ts_wait_value(). */
int toolstack_wait(const char *path, const char *value, int timeout_ms)
{
	int64_t end = now_ms() + timeout_ms;
	struct xsconn *c;
	int err = xsconn_open_dom0(&c);

	if (err)
		return err;
	err = xsconn_watch(c, path, "wait");
	while (!err) {
		int64_t left = end - now_ms();

		err = wait_watched(c, path, value, left > 0 ? (int)left : 0);
		if (err != -ENOENT)
			break;
		err = left > 0 ? xsconn_wait(c, (int)left) : -ETIMEDOUT;
	}
	xsconn_close(c);
	return err;
}
