// SPDX-License-Identifier: GPL-2.0-or-later
/* Guests with a console, and clients at their ptys. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "con_env.h"
#include "rpc.h"
#include "toolstack.h"

/* --- guests --- */

void con_create_at(struct con *c, const char *name, uint16_t domid)
{
	struct toolstack_domain how = { .domid = domid, .no_console = true };
	int err;

	*c = (struct con){ .tty = -1 };
	snprintf(c->name, sizeof(c->name), "%s", name);
	how.name = c->name;
	err = toolstack_domain_make(&how, &c->domid);
	check(!err, "domain %s: %s", name, strerror(-err));
	snprintf(c->dev, sizeof(c->dev), "console/%u:", c->domid);
}

void con_create(struct con *c, const char *name)
{
	con_create_at(c, name, 0);
}

void con_attach(struct con *c, unsigned int flags)
{
	int err = confront_open(c->domid, flags, &c->front);

	check(!err, "console of %s: %s", c->name, strerror(-err));
}

void con_detach(struct con *c)
{
	if (c->front)
		confront_close(c->front);
	c->front = NULL;
}

void con_replace(struct con *c)
{
	struct confront *old = c->front;

	/* First the new one: another page and another port tell it from the old. */
	con_attach(c, 0);
	confront_close(old);
}

void con_key_path(char path[96], const struct con *c, const char *key)
{
	snprintf(path, 96, "/local/domain/%u/console/%s", c->domid, key);
}

void con_key_read(const struct con *c, const char *key, char value[64])
{
	char path[96];

	con_key_path(path, c, key);
	if (toolstack_read(path, value, 64) < 0)
		value[0] = '\0';
}

/* What stands there after a restart is a dead pty's name at first. */
static bool tty_opens(void *ctx)
{
	struct con *c = ctx;

	con_key_read(c, "tty", c->tty_path);
	if (c->tty_path[0] == '\0')
		return false;
	c->tty = open(c->tty_path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	return c->tty >= 0;
}

void con_served(struct con *c)
{
	check(wait_for(tty_opens, c, PATIENCE_MS), "%s is given no pty", c->name);
}

void con_new(struct con *c, const char *name)
{
	con_create(c, name);
	con_attach(c, 0);
	con_served(c);
}

void con_destroy(struct con *c)
{
	int err = toolstack_destroy(c->domid);

	check(!err, "destroy %s: %s", c->name, strerror(-err));
}

void con_die(uint16_t domid)
{
	struct rpc r = { .op = RPC_DESTROY, .domid = domid };
	struct rpc_link *link;
	int err = rpc_open(0, &link, NULL);

	check(!err, "no hypervisor: %s", strerror(-err));
	err = rpc_call(link, &r, NULL);
	check(!err, "domain %u: %s", domid, strerror(-err));
	rpc_close(link);
}

/* --- clients --- */

void tty_open(struct con *c)
{
	c->tty = open(c->tty_path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	check(c->tty >= 0, "%s: %s", c->tty_path, strerror(errno));
}

void tty_close(struct con *c)
{
	if (c->tty >= 0)
		close(c->tty);
	c->tty = -1;
}

ssize_t tty_try_read(struct con *c, void *buf, size_t n, int timeout_ms)
{
	struct pollfd p = { .fd = c->tty, .events = POLLIN };
	int64_t until = now_ms() + timeout_ms;
	size_t done = 0;

	while (done < n) {
		int64_t left = until - now_ms();
		ssize_t got;

		if (poll(&p, 1, left > 0 ? (int)left : 0) == 0)
			break;
		got = read(c->tty, (char *)buf + done, n - done);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (got <= 0)
			return done > 0 ? (ssize_t)done : -1;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

static size_t first_difference(const uint8_t *a, const uint8_t *b, size_t n)
{
	size_t i = 0;

	while (i < n && a[i] == b[i])
		i++;
	return i;
}

void tty_expect(struct con *c, const void *data, size_t n)
{
	uint8_t *got = malloc(n);
	ssize_t len = tty_try_read(c, got, n, PATIENCE_MS);
	size_t same = first_difference(got, data, len > 0 ? (size_t)len : 0);

	check(len == (ssize_t)n && same == n, "%s: the client got %zd of %zu bytes, %zu are right",
	      c->name, len, n, same);
	free(got);
}

void tty_write(struct con *c, const void *data, size_t n)
{
	struct pollfd p = { .fd = c->tty, .events = POLLOUT };
	size_t done = 0;

	while (done < n) {
		ssize_t put;

		check(poll(&p, 1, PATIENCE_MS) == 1, "%s: the pty takes nothing after %zu bytes",
		      c->name, done);
		put = write(c->tty, (const char *)data + done, n - done);
		check(put > 0 || errno == EAGAIN, "%s: %s", c->tty_path, strerror(errno));
		done += put > 0 ? (size_t)put : 0;
	}
}

bool tty_hung_up(struct con *c)
{
	struct pollfd p = { .fd = c->tty };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLHUP);
}

/* --- talk --- */

static void answer(struct con *c, const char *text)
{
	size_t len = strlen(text), done;
	char got[256];
	int err;

	tty_write(c, text, len);
	err = confront_read(c->front, got, len, PATIENCE_MS, &done);
	check(!err && memcmp(got, text, len) == 0, "%s: the guest got %zu of %zu bytes: %s",
	      c->name, done, len, strerror(-err));
}

static void say(struct con *c, const char *text)
{
	int err = confront_write(c->front, text, strlen(text), 16, PATIENCE_MS, NULL);

	check(!err, "%s cannot print: %s", c->name, strerror(-err));
}

void con_chat(struct con *c, const char *text)
{
	say(c, text);
	tty_expect(c, text, strlen(text));
	answer(c, text);
}

void con_chat_after_noise(struct con *c, const char *text)
{
	size_t want = strlen(text), have = 0;
	int64_t until = now_ms() + PATIENCE_MS;
	char tail[256] = "";

	say(c, text);
	while (have < want || memcmp(tail + have - want, text, want) != 0) {
		if (have == sizeof(tail)) {
			memmove(tail, tail + have - want, want);
			have = want;
		}
		check(now_ms() < until, "%s: the client never got: %s", c->name, text);
		have += tty_try_read(c, tail + have, 1, 100) == 1;
	}
	answer(c, text);
}

/* --- printers --- */

static void *print(void *arg)
{
	struct printer *p = arg;
	int64_t start = now_ms();

	if (p->asleep)
		p->err = confront_write_asleep(p->con->front, p->data, p->n, PATIENCE_MS);
	else
		p->err = confront_write(p->con->front, p->data, p->n, p->chunk, PATIENCE_MS,
					&p->done);
	p->took_ms = now_ms() - start;
	return NULL;
}

void printer_start(struct printer *p)
{
	if (p->chunk == 0)
		p->chunk = 16;
	check(pthread_create(&p->thread, NULL, print, p) == 0, "no thread");
}

void printer_join(struct printer *p)
{
	pthread_join(p->thread, NULL);
	check(!p->err, "%s could print only %zu of %zu bytes: %s", p->con->name, p->done, p->n,
	      strerror(-p->err));
}
