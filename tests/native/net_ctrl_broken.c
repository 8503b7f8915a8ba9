// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A control ring with impossible indices stops its card, and no other; keys of which one
 * is missing, or a grant that is none, are refused with a reason. A full ring of requests
 * is answered one by one.
 */
#include <errno.h>

#include "net_ctrl_case.h"

static void full_ring(struct net_guest *g)
{
	struct netfront_ctrl *c = &g->nf->ctrl;
	const uint32_t slots = __CONST_RING_SIZE(xen_netif_ctrl, GUEST_PAGE_SIZE);
	int64_t end = netfront_now_ms() + PATIENCE_MS;

	for (uint32_t i = 0; i < slots; i++)
		c->sring->ring[(c->req_prod + i) % slots].req = (struct xen_netif_ctrl_request){
			.id = (uint16_t)(i * 3), .type = XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE
		};
	c->req_prod += slots;
	__atomic_store_n(&c->sring->req_prod, c->req_prod, __ATOMIC_RELEASE);
	guest_notify(g->nf->events, c->port);
	while (__atomic_load_n(&c->sring->rsp_prod, __ATOMIC_ACQUIRE) != c->req_prod) {
		check(netfront_now_ms() < end, "a full ring is not answered");
		sleep_ms(1);
	}
	for (uint32_t i = 0; i < slots; i++, c->rsp_cons++) {
		struct xen_netif_ctrl_response rsp = c->sring->ring[c->rsp_cons % slots].rsp;

		check(rsp.id == (uint16_t)(i * 3) && rsp.data == 128, "response %u is another's",
		      i);
	}
}

static void indices(struct net_guest *neighbour)
{
	struct net_guest g;

	net_guest_create(&g, "broken");
	ctrl_connect(&g, 1);
	full_ring(&g);
	__atomic_store_n(&g.nf->ctrl.sring->req_prod, g.nf->ctrl.req_prod + 1000, __ATOMIC_RELEASE);
	guest_notify(g.nf->events, g.nf->ctrl.port);
	net_guest_wait_broken(&g);
	check(netbackd_lines("control ring", g.dev) > 0, "the reason does not name the ring");
	net_guest_works(neighbour);
	must(netfront_disconnect(g.nf));
	netfront_free(g.nf);
	g.nf = NULL;
	ctrl_connect(&g, 1); /* the guest's driver begins anew */
	full_ring(&g);
	net_guest_works(&g);
	net_guest_disconnect(&g);
	net_guest_destroy(&g);
}

static void refused(const char *name, const char *key, const char *value, const char *text)
{
	struct netfront_conf conf = netfront_all;
	struct net_guest g;

	conf.ctrl = true;
	net_guest_create(&g, name);
	must(netfront_open(g.domid, 0, &conf, &g.nf));
	must(front_wait_backend(g.nf->front, FRONT_STATE(XenbusStateInitWait), PATIENCE_MS));
	must(netfront_publish(g.nf));
	if (value)
		must(front_write(g.nf->front, key, "%s", value));
	else
		must(front_rm(g.nf->front, key));
	check(netfront_go(g.nf) == -ECONNREFUSED, "it is served without %s", key);
	check(netbackd_lines(text, g.dev) > 0, "no reason is given for %s", key);
	net_guest_destroy(&g);
}

static void run(void)
{
	struct net_guest neighbour;

	net_guest_new(&neighbour, "neighbour", &netfront_all);
	indices(&neighbour);
	refused("no-port", "event-channel-ctrl", NULL, "one is missing");
	refused("no-ref", "ctrl-ring-ref", NULL, "one is missing");
	refused("bad-ref", "ctrl-ring-ref", "123456", "cannot map the control ring");
	net_guest_works(&neighbour);
	net_guest_end(&neighbour);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
