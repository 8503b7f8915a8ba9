// SPDX-License-Identifier: GPL-2.0-or-later
/* See fake_xs.h. */
#include "fake_xs.h"

#include "fuzz.h"

#include <errno.h>

#include <xenstore.h>

#include "base/log.h"

#define NODES_MAX 512u
#define WATCHES_MAX 32u
#define EVENTS_MAX 4096u
#define TX_MAX 32u
#define DOMAINS_MAX 16u

struct node {
	char *path, *value;
	size_t len;
};

struct event {
	char *path, *token;
};

static struct {
	struct node node[NODES_MAX];
	unsigned int nr_nodes;
	struct event watch[WATCHES_MAX], event[EVENTS_MAX];
	unsigned int nr_watches, nr_events;
	bool alive[DOMAINS_MAX];
	uint64_t changes; /* by others */

	bool in_tx;
	uint64_t tx_changes;
	struct node tx[TX_MAX]; /* written, not seen by others yet */
	unsigned int nr_tx;
} xs;

int (*fake_xs_fault)(enum fake_xs_op op);
void (*fake_xs_change)(const char *path, const char *value);

static bool is_below(const char *path, const char *parent)
{
	size_t len = strlen(parent);

	return strncmp(path, parent, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

static void clear(struct node *n)
{
	free(n->path);
	free(n->value);
}

static void clear_event(struct event *e)
{
	free(e->path);
	free(e->token);
}

static void drop_tx(void)
{
	while (xs.nr_tx > 0)
		clear(&xs.tx[--xs.nr_tx]);
	xs.in_tx = false;
}

void fake_xs_disconnect(void)
{
	drop_tx();
	while (xs.nr_watches > 0)
		clear_event(&xs.watch[--xs.nr_watches]);
	while (xs.nr_events > 0)
		clear_event(&xs.event[--xs.nr_events]);
}

void fake_xs_reset(void)
{
	fake_xs_disconnect();
	while (xs.nr_nodes > 0)
		clear(&xs.node[--xs.nr_nodes]);
	memset(&xs, 0, sizeof(xs));
	fake_xs_fault = NULL;
	fake_xs_change = NULL;
}

static void tell(const struct event *watch, const char *path)
{
	CHECK(xs.nr_events < EVENTS_MAX);
	xs.event[xs.nr_events++] =
		(struct event){ .path = strdup(path), .token = strdup(watch->token) };
}

/* @exact: a node that went with its parent. */
static void fire(const char *path, bool exact)
{
	for (unsigned int i = 0; i < xs.nr_watches; i++)
		if (strcmp(xs.watch[i].path, path) == 0 ||
		    (!exact && is_below(path, xs.watch[i].path)))
			tell(&xs.watch[i], path);
}

static struct node *find(const char *path)
{
	for (unsigned int i = 0; i < xs.nr_nodes; i++)
		if (strcmp(xs.node[i].path, path) == 0)
			return &xs.node[i];
	return NULL;
}

static void fill(struct node *n, const void *value, size_t len)
{
	free(n->value);
	n->value = calloc(1, len + 1);
	if (len > 0)
		memcpy(n->value, value, len);
	n->len = len;
}

static struct node *make(const char *path)
{
	char parent[600];
	char *slash;

	CHECK(xs.nr_nodes < NODES_MAX && strlen(path) < sizeof(parent));
	strcpy(parent, path);
	slash = strrchr(parent, '/');
	if (slash && slash != parent) {
		*slash = '\0';
		if (!find(parent))
			fill(make(parent), "", 0);
	}
	xs.node[xs.nr_nodes] = (struct node){ .path = strdup(path) };
	return &xs.node[xs.nr_nodes++];
}

static void put(const char *path, const void *value, size_t len)
{
	struct node *n = find(path);

	fill(n ? n : make(path), value, len);
	fire(path, false);
}

static bool take_away(const char *path)
{
	if (!find(path))
		return false;
	for (unsigned int i = 0; i < xs.nr_nodes;) {
		struct node *n = &xs.node[i];

		if (!is_below(n->path, path)) {
			i++;
			continue;
		}
		fire(n->path, strcmp(n->path, path) != 0);
		clear(n);
		*n = xs.node[--xs.nr_nodes];
	}
	return true;
}

void fake_xs_set(const char *path, const void *value, size_t len)
{
	xs.changes++;
	log_debug("others", "write %s %.*s", path, (int)len, (const char *)value);
	put(path, value, len);
}

void fake_xs_set_text(const char *path, const char *value)
{
	fake_xs_set(path, value, strlen(value));
}

void fake_xs_remove(const char *path)
{
	xs.changes++;
	log_debug("others", "remove %s", path);
	take_away(path);
}

void fake_xs_domain(uint16_t domid, bool alive)
{
	bool was = xs.alive[domid];

	log_debug("others", "domain %u %s", domid, alive ? "lives" : "dies");
	xs.alive[domid] = alive;
	if (was != alive)
		fire(alive ? "@introduceDomain" : "@releaseDomain", true);
}

const char *fake_xs_get(const char *path)
{
	struct node *n = find(path);

	return n ? n->value : NULL;
}

unsigned int fake_xs_count(const char *prefix)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < xs.nr_nodes; i++)
		nr += strncmp(xs.node[i].path, prefix, strlen(prefix)) == 0;
	return nr;
}

unsigned int fake_xs_watches(void)
{
	return xs.nr_watches;
}

bool fake_xs_pending(void)
{
	return xs.nr_events > 0;
}

/* The library. */

static bool faulty(enum fake_xs_op op)
{
	errno = fake_xs_fault ? fake_xs_fault(op) : 0;
	return errno != 0;
}

struct xs_handle *xs_open(unsigned long flags)
{
	return (struct xs_handle *)&xs;
}

void xs_close(struct xs_handle *h)
{
}

int xs_fileno(struct xs_handle *h)
{
	return -1;
}

static const struct node *visible(xs_transaction_t t, const char *path)
{
	CHECK((t != XBT_NULL) == xs.in_tx);
	for (unsigned int i = xs.nr_tx; i > 0; i--)
		if (strcmp(xs.tx[i - 1].path, path) == 0)
			return &xs.tx[i - 1];
	return find(path);
}

void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *len)
{
	const struct node *n = visible(t, path);
	char *copy;

	if (faulty(FAKE_XS_READ))
		return NULL;
	if (!n) {
		errno = ENOENT;
		return NULL;
	}
	copy = malloc(n->len + 1);
	memcpy(copy, n->value, n->len + 1);
	if (len)
		*len = (unsigned int)n->len;
	return copy;
}

bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *path, const void *data,
	      unsigned int len)
{
	CHECK((t != XBT_NULL) == xs.in_tx);
	if (faulty(FAKE_XS_WRITE))
		return false;
	if (t != XBT_NULL) {
		CHECK(xs.nr_tx < TX_MAX);
		xs.tx[xs.nr_tx] = (struct node){ .path = strdup(path) };
		fill(&xs.tx[xs.nr_tx++], data, len);
		return true;
	}
	log_debug("backend", "write %s %s", path, (const char *)data);
	if (fake_xs_change)
		fake_xs_change(path, data);
	put(path, data, len);
	return true;
}

bool xs_rm(struct xs_handle *h, xs_transaction_t t, const char *path)
{
	CHECK(t == XBT_NULL && !xs.in_tx);
	if (faulty(FAKE_XS_RM))
		return false;
	if (fake_xs_change)
		fake_xs_change(path, NULL);
	errno = ENOENT;
	return take_away(path);
}

/* The name of a direct child, or NULL. */
static const char *child_of(const char *path, const char *parent)
{
	size_t len = strlen(parent);

	if (strncmp(path, parent, len) != 0 || path[len] != '/' || strchr(path + len + 1, '/'))
		return NULL;
	return path + len + 1;
}

char **xs_directory(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *num)
{
	char **names, *at;
	size_t bytes = 0;
	unsigned int nr = 0;

	CHECK(t == XBT_NULL && !xs.in_tx);
	if (faulty(FAKE_XS_READ))
		return NULL;
	errno = ENOENT;
	if (!find(path))
		return NULL;
	for (unsigned int i = 0; i < xs.nr_nodes; i++)
		if (child_of(xs.node[i].path, path))
			bytes += sizeof(*names) + strlen(xs.node[i].path) + 1;
	names = malloc(bytes + sizeof(*names));
	for (unsigned int i = 0; i < xs.nr_nodes; i++)
		nr += child_of(xs.node[i].path, path) != NULL;
	at = (char *)(names + nr);
	*num = nr;
	nr = 0;
	for (unsigned int i = 0; i < xs.nr_nodes; i++) {
		const char *name = child_of(xs.node[i].path, path);

		if (!name)
			continue;
		names[nr++] = strcpy(at, name);
		at += strlen(name) + 1;
	}
	return names;
}

xs_transaction_t xs_transaction_start(struct xs_handle *h)
{
	CHECK(!xs.in_tx);
	if (faulty(FAKE_XS_BEGIN))
		return XBT_NULL;
	xs.in_tx = true;
	xs.tx_changes = xs.changes;
	return 1;
}

bool xs_transaction_end(struct xs_handle *h, xs_transaction_t t, bool abort_it)
{
	CHECK(t != XBT_NULL && xs.in_tx);
	errno = abort_it ? 0 : fake_xs_fault ? fake_xs_fault(FAKE_XS_END) : 0;
	if (!abort_it && xs.changes != xs.tx_changes)
		errno = EAGAIN;
	if (abort_it || errno != 0) {
		int err = errno;

		drop_tx();
		errno = err;
		return abort_it;
	}
	for (unsigned int i = 0; i < xs.nr_tx; i++) {
		log_debug("backend", "write %s %s", xs.tx[i].path, xs.tx[i].value);
		if (fake_xs_change)
			fake_xs_change(xs.tx[i].path, xs.tx[i].value);
		put(xs.tx[i].path, xs.tx[i].value, xs.tx[i].len);
	}
	drop_tx();
	return true;
}

bool xs_watch(struct xs_handle *h, const char *path, const char *token)
{
	if (faulty(FAKE_XS_WATCH))
		return false;
	for (unsigned int i = 0; i < xs.nr_watches; i++) {
		errno = EEXIST;
		if (strcmp(xs.watch[i].path, path) == 0 && strcmp(xs.watch[i].token, token) == 0)
			return false;
	}
	CHECK(xs.nr_watches < WATCHES_MAX);
	xs.watch[xs.nr_watches] = (struct event){ .path = strdup(path), .token = strdup(token) };
	tell(&xs.watch[xs.nr_watches++], path);
	return true;
}

bool xs_unwatch(struct xs_handle *h, const char *path, const char *token)
{
	for (unsigned int i = 0; i < xs.nr_watches; i++) {
		struct event *w = &xs.watch[i];

		if (strcmp(w->path, path) == 0 && strcmp(w->token, token) == 0) {
			clear_event(w);
			*w = xs.watch[--xs.nr_watches];
			return true;
		}
	}
	CHECK(!"a watch that is taken back was set before");
	return false;
}

char **xs_check_watch(struct xs_handle *h)
{
	struct event e = xs.event[0];
	size_t path_len, token_len;
	char **vec;

	if (xs.nr_events == 0) {
		errno = EAGAIN;
		return NULL;
	}
	path_len = strlen(e.path) + 1;
	token_len = strlen(e.token) + 1;
	vec = malloc(2 * sizeof(*vec) + path_len + token_len);
	vec[XS_WATCH_PATH] = strcpy((char *)(vec + 2), e.path);
	vec[XS_WATCH_TOKEN] = strcpy((char *)(vec + 2) + path_len, e.token);
	clear_event(&e);
	memmove(xs.event, xs.event + 1, --xs.nr_events * sizeof(e));
	return vec;
}

bool xs_is_domain_introduced(struct xs_handle *h, unsigned int domid)
{
	return domid < DOMAINS_MAX && xs.alive[domid];
}
