// SPDX-License-Identifier: GPL-2.0-or-later
/* All domains' consoles, see domains.h. */
#include "domains.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/num.h"
#include "base/util.h"

#define DOMID_MAX 0x7fef

/* A console may be another daemon's still; libxl waits ten seconds for us. */
#define RETRY_NS (1 * NS_PER_SEC)

#define WALK_TOKEN "domains"
#define CON_TOKEN "console/" /* and the domid */

static struct {
	struct store *store;
	struct loop_source *retry;
	struct con *cons;
	bool walk; /* domains have come or gone */
} state;

static void watch_path(char path[STORE_PATH_MAX], char token[64], uint16_t domid)
{
	snprintf(path, STORE_PATH_MAX, "/local/domain/%u/console", domid);
	snprintf(token, 64, CON_TOKEN "%u", domid);
}

static struct con *find_domid(uint32_t domid)
{
	for (struct con *con = state.cons; con; con = con->next)
		if (con->domid == domid)
			return con;
	return NULL;
}

/*
 * The domain is there before its console's keys are: the watch tells of them,
 * and fires at once for those that are there already.
 */
static void adopt(uint16_t domid)
{
	char path[STORE_PATH_MAX], token[64];
	struct con *con;
	int err = con_new(domid, &con);

	if (!err) {
		watch_path(path, token, domid);
		err = store_watch(state.store, path, token);
		if (err)
			con_free(con);
	}
	if (err) {
		log_err(NULL, "console/%u: cannot watch: %s", domid, strerror(-err));
		return;
	}
	con->seen = true;
	con->next = state.cons;
	state.cons = con;
}

static void forget(struct con **at)
{
	char path[STORE_PATH_MAX], token[64];
	struct con *con = *at;

	*at = con->next;
	watch_path(path, token, con->domid);
	store_unwatch(state.store, path, token);
	con_free(con);
}

static void see(const char *name)
{
	struct con *con;
	uint32_t domid;

	/* Domain 0 has no console ring, and our own is another domain's. */
	if (num_u32(name, 1, DOMID_MAX, &domid) < 0 || domid == store_own_domid(state.store))
		return;
	con = find_domid(domid);
	if (con)
		con->seen = true;
	else if (store_domain_alive(state.store, (uint16_t)domid))
		adopt((uint16_t)domid);
}

static void walk(void)
{
	unsigned int nr = 0;
	char **names = NULL;
	int err = store_list(state.store, &names, &nr, "/local/domain");

	if (err && err != -ENOENT) {
		log_err(NULL, "cannot list domains: %s", strerror(-err));
		return;
	}
	for (struct con *con = state.cons; con; con = con->next)
		con->seen = false;
	for (unsigned int i = 0; i < nr; i++)
		see(names[i]);
	free(names);
	for (struct con **at = &state.cons; *at;) {
		/* Killed without a toolstack: the directory outlives it. */
		if (!(*at)->seen || !store_domain_alive(state.store, (*at)->domid))
			forget(at);
		else
			at = &(*at)->next;
	}
}

static void on_retry(void *ctx, uint32_t events)
{
	for (struct con *con = state.cons; con; con = con->next)
		if (con->state == CON_FAILED)
			con->dirty = true;
	domains_settle();
}

int domains_start(struct loop *loop, struct store *store)
{
	int err = loop_add_timer(loop, on_retry, NULL, &state.retry);

	state.store = store;
	if (!err)
		err = store_watch(store, "@introduceDomain", WALK_TOKEN);
	if (!err)
		err = store_watch(store, "@releaseDomain", WALK_TOKEN);
	if (!err)
		walk();
	return err;
}

static bool is_port(const char *path)
{
	const char *key = strrchr(path, '/');

	return key && strcmp(key, "/port") == 0;
}

void domains_event(const struct store_event *ev)
{
	struct con *con;
	uint32_t domid;

	if (strcmp(ev->token, WALK_TOKEN) == 0) {
		state.walk = true;
		return;
	}
	if (strncmp(ev->token, CON_TOKEN, strlen(CON_TOKEN)) != 0 ||
	    num_u32(ev->token + strlen(CON_TOKEN), 1, DOMID_MAX, &domid) < 0)
		return;
	con = find_domid(domid);
	if (!con)
		return;
	con->dirty = true;
	if (is_port(ev->path))
		con->port_told = true;
}

void domains_settle(void)
{
	if (state.walk)
		walk();
	state.walk = false;
	for (struct con *con = state.cons; con; con = con->next) {
		if (!con->dirty)
			continue;
		con->dirty = false;
		con_look(con);
		if (con->state == CON_FAILED)
			domains_retry_later();
	}
}

void domains_look_all(void)
{
	for (struct con *con = state.cons; con; con = con->next)
		con->dirty = true;
	domains_settle();
}

void domains_each(void (*fn)(struct con *con))
{
	for (struct con *con = state.cons; con; con = con->next)
		fn(con);
}

struct con *domains_find(uint32_t id)
{
	for (struct con *con = state.cons; con; con = con->next)
		if (con->id == id)
			return con;
	return NULL;
}

void domains_retry_later(void)
{
	loop_arm_timer(state.retry, RETRY_NS);
}
