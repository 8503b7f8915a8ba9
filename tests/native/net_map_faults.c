// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When a ring cannot be mapped, because the hypervisor fails or the grant is
 * bad, the card stops with an error node that says so, nothing stays mapped, and
 * the guest can try again (XSA-367).
 */
#include <errno.h>
#include <stdio.h>

#include "net_case.h"
#include "toolstack.h"

static struct standin_world *world;

/* The backend refuses, and says that it was a ring. */
static void refused(struct net_guest *g, const char *what)
{
	char path[96], text[256] = "";

	check(netfront_go(g->nf) == -ECONNREFUSED, "%s: not refused", what);
	snprintf(path, sizeof(path), "/local/domain/0/error/backend/vif/%u/0/error", g->domid);
	must(toolstack_read(path, text, sizeof(text)));
	check(strstr(text, "ring"), "%s: error node: %s", what, text);
	check(!guest_grant_in_use(g->nf->guest, g->nf->tx.ring_gref) &&
		      !guest_grant_in_use(g->nf->guest, g->nf->rx.ring_gref),
	      "%s: a ring stays mapped", what);
}

/* The driver gives up and starts anew; now it is served. */
static void try_again(struct net_guest *g)
{
	must(front_set_state(g->nf->front, XenbusStateClosed));
	must(front_wait_backend(g->nf->front, FRONT_STATE(XenbusStateClosed), PATIENCE_MS));
	netfront_free(g->nf);
	net_guest_connect(g, &netfront_all);
	net_guest_works(g);
	net_guest_end(g);
}

static void begin(struct net_guest *g)
{
	net_guest_create(g, "map");
	must(netfront_open(g->domid, 0, &netfront_all, &g->nf));
	must(front_wait_backend(g->nf->front, FRONT_STATE(XenbusStateInitWait), PATIENCE_MS));
	must(netfront_publish(g->nf));
}

static void fail_map(int err)
{
	struct net_guest g;

	begin(&g);
	world->fault.map_errno = err;
	world->fault.map_times = 1;
	refused(&g, strerror(err));
	world->fault.map_errno = 0;
	try_again(&g);
}

static void bad_gref(const char *key, uint32_t gref)
{
	struct net_guest g;

	begin(&g);
	must(front_write(g.nf->front, key, "%u", gref));
	refused(&g, key);
	try_again(&g);
}

static void run(void)
{
	world = net_world();
	fail_map(ENOMEM);
	fail_map(EINVAL);
	bad_gref("tx-ring-ref", 30000);
	bad_gref("rx-ring-ref", 30000);
	bad_gref("rx-ring-ref", 32768);
	bad_gref("tx-ring-ref", 0xffffffff);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
