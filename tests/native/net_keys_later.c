// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a guest writes into its keys while its card is connected changes nothing
 * and says nothing: neither nonsense nor other rings, channels and features. A
 * netbackd that is restarted finds them, though, and judges them as at the start.
 */
#include <stdio.h>

#include "net_case.h"
#include "toolstack.h"

static const char *const keys[] = {
	"tx-ring-ref",
	"rx-ring-ref",
	"event-channel-tx",
	"event-channel-rx",
	"event-channel",
	"request-rx-copy",
	"feature-sg",
	"feature-gso-tcpv4",
	"feature-rx-notify",
	"mac",
	"handle",
	"multi-queue-num-queues",
};
#define NR (sizeof(keys) / sizeof(keys[0]))

static const char *const values[] = { "0", "1", "77", "4294967295", "-1", "some text", "" };

static void works(struct net_guest *g)
{
	net_guest_says(g, 9000);
	net_guest_hears(g, 9000);
}

/* Its own state, written last, proves that all of it has been seen. */
static void rewrite(struct net_guest *g, const char *key)
{
	char before[64] = "";
	bool was = !front_read(g->nf->front, key, before, sizeof(before));

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		must(front_write(g->nf->front, key, "%s", values[i]));
	must(front_set_state(g->nf->front, XenbusStateConnected));
	works(g);
	if (was)
		must(front_write(g->nf->front, key, "%s", before));
	else
		must(front_rm(g->nf->front, key));
}

static void restarted(struct net_guest *g)
{
	char path[96], text[256];

	must(front_write(g->nf->front, "tx-ring-ref", "some text"));
	netbackd_stop();
	netbackd_start();
	snprintf(path, sizeof(path), "/local/domain/0/backend/vif/%u/0/state", g->domid);
	must(toolstack_wait(path, "5", PATIENCE_MS));
	snprintf(path, sizeof(path), "/local/domain/0/error/backend/vif/%u/0/error", g->domid);
	must(toolstack_read(path, text, sizeof(text)));
	check(strstr(text, "tx-ring-ref"), "error node: %s", text);
}

static void run(void)
{
	struct net_guest g;

	net_guest_new(&g, "later", &netfront_all);
	works(&g);
	for (size_t i = 0; i < NR; i++)
		rewrite(&g, keys[i]);
	check(netbackd_lines(g.dev, NULL) == 1, "%u lines about it instead of one",
	      netbackd_lines(g.dev, NULL));
	netbackd_stop();
	netbackd_start();
	works(&g); /* all is as it was */
	restarted(&g);
	net_guest_destroy(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
