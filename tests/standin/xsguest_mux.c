// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Several programs on one XenStore connection: requests are numbered anew,
 * tokens of watches begin with the program's number, and what a program leaves
 * behind (watches, transactions) is taken back when it goes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xsguest.h"

enum { NOBODY = 0 };

/* A request that is not answered yet. */
struct asked {
	struct asked *next;
	uint32_t id;
	uint32_t who;
	uint32_t his_id;
	uint32_t op;
	size_t watch_len; /* XS_WATCH: its payload, to know what was refused */
	char watch[];
};

struct watch {
	struct watch *next;
	uint32_t who;
	size_t len;
	char payload[]; /* path and token as XenStore has them */
};

struct transaction {
	struct transaction *next;
	uint32_t who;
	uint32_t id;
};

struct mux {
	struct ring *ring;
	uint32_t last_who, last_id;
	struct asked *asked;
	struct watch *watches;
	struct transaction *transactions;
};

struct mux *mux_new(struct ring *r)
{
	struct mux *x = calloc(1, sizeof(*x));

	if (x)
		x->ring = r;
	return x;
}

uint32_t mux_join(struct mux *x)
{
	return ++x->last_who;
}

static int remember(struct mux *x, uint32_t who, struct message *m)
{
	size_t watch_len = m->head.type == XS_WATCH ? m->head.len : 0;
	struct asked *a = calloc(1, sizeof(*a) + watch_len);

	if (!a)
		return -ENOMEM;
	a->id = ++x->last_id;
	a->who = who;
	a->his_id = m->head.req_id;
	a->op = m->head.type;
	a->watch_len = watch_len;
	memcpy(a->watch, m->payload, watch_len);
	a->next = x->asked;
	x->asked = a;
	m->head.req_id = a->id;
	return 0;
}

/* The token follows the path; NULL when there is none. */
static char *token_of(struct message *m)
{
	char *end = memchr(m->payload, '\0', m->head.len);

	return end && end + 1 < m->payload + m->head.len ? end + 1 : NULL;
}

static int mark_token(struct message *m, uint32_t who)
{
	char mark[16], *token = token_of(m);
	size_t len, rest;

	if (!token)
		return 0; /* XenStore says what is wrong with it */
	len = (size_t)snprintf(mark, sizeof(mark), "%x:", who);
	if (m->head.len + len > XENSTORE_PAYLOAD_MAX)
		return -E2BIG;
	rest = (size_t)(m->payload + m->head.len - token);
	memmove(token + len, token, rest);
	memcpy(token, mark, len);
	m->head.len += (uint32_t)len;
	return 0;
}

/* Returns whose it is. */
static uint32_t unmark_token(struct message *m)
{
	char *token = token_of(m), *end;
	uint32_t who;

	if (!token)
		return NOBODY;
	who = (uint32_t)strtoul(token, &end, 16);
	if (*end++ != ':')
		return NOBODY;
	memmove(token, end, (size_t)(m->payload + m->head.len - end));
	m->head.len -= (uint32_t)(end - token);
	return who;
}

static int add_watch(struct mux *x, uint32_t who, const struct message *m)
{
	struct watch *w = calloc(1, sizeof(*w) + m->head.len);

	if (!w)
		return -ENOMEM;
	w->who = who;
	w->len = m->head.len;
	memcpy(w->payload, m->payload, w->len);
	w->next = x->watches;
	x->watches = w;
	return 0;
}

static void drop_watch(struct mux *x, const char *payload, size_t len)
{
	for (struct watch **at = &x->watches, *w; (w = *at); at = &w->next) {
		if (w->len == len && memcmp(w->payload, payload, len) == 0) {
			*at = w->next;
			free(w);
			return;
		}
	}
}

static void drop_transaction(struct mux *x, uint32_t id)
{
	for (struct transaction **at = &x->transactions, *t; (t = *at); at = &t->next) {
		if (t->id == id) {
			*at = t->next;
			free(t);
			return;
		}
	}
}

int mux_request(struct mux *x, uint32_t who, struct message *m)
{
	int err = 0;

	if (m->head.type == XS_WATCH || m->head.type == XS_UNWATCH)
		err = mark_token(m, who);
	if (!err && m->head.type == XS_WATCH)
		err = add_watch(x, who, m);
	else if (m->head.type == XS_UNWATCH)
		drop_watch(x, m->payload, m->head.len);
	else if (m->head.type == XS_TRANSACTION_END)
		drop_transaction(x, m->head.tx_id);
	if (!err)
		err = remember(x, who, m);
	return err ? err : ring_send(x->ring, m);
}

/* A request of our own, whose answer nobody waits for. */
static void say(struct mux *x, uint32_t op, uint32_t tx, const char *payload, size_t len)
{
	struct message m = { .head = { .type = op, .tx_id = tx, .len = (uint32_t)len } };

	memcpy(m.payload, payload, len);
	if (remember(x, NOBODY, &m) == 0)
		ring_send(x->ring, &m);
}

static void abort_transaction(struct mux *x, uint32_t id)
{
	say(x, XS_TRANSACTION_END, id, "F", 2);
}

void mux_leave(struct mux *x, uint32_t who)
{
	for (struct asked *a = x->asked; a; a = a->next)
		if (a->who == who)
			a->who = NOBODY;
	for (struct watch **at = &x->watches, *w; (w = *at);) {
		if (w->who != who) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		say(x, XS_UNWATCH, 0, w->payload, w->len);
		free(w);
	}
	for (struct transaction **at = &x->transactions, *t; (t = *at);) {
		if (t->who != who) {
			at = &t->next;
			continue;
		}
		*at = t->next;
		abort_transaction(x, t->id);
		free(t);
	}
}

static void transaction_began(struct mux *x, uint32_t who, const struct message *m)
{
	struct transaction *t;
	char text[16] = "";
	uint32_t id;

	memcpy(text, m->payload, m->head.len < sizeof(text) - 1 ? m->head.len : sizeof(text) - 1);
	id = (uint32_t)strtoul(text, NULL, 10);
	t = who == NOBODY ? NULL : calloc(1, sizeof(*t));
	if (!t) {
		abort_transaction(x, id);
		return;
	}
	t->who = who;
	t->id = id;
	t->next = x->transactions;
	x->transactions = t;
}

uint32_t mux_answer(struct mux *x, struct message *m)
{
	struct asked **at = &x->asked, *a;
	uint32_t who;

	if (m->head.type == XS_WATCH_EVENT)
		return unmark_token(m);
	while (*at && (*at)->id != m->head.req_id)
		at = &(*at)->next;
	a = *at;
	if (!a)
		return NOBODY;
	*at = a->next;
	who = a->who;
	m->head.req_id = a->his_id;
	if (a->op == XS_WATCH && m->head.type == XS_ERROR)
		drop_watch(x, a->watch, a->watch_len);
	if (a->op == XS_TRANSACTION_START && m->head.type != XS_ERROR)
		transaction_began(x, who, m);
	free(a);
	return who;
}
