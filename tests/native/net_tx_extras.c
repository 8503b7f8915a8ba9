// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Extras: each takes a slot and gets a response of its own, good or bad (the
 * ring wedges otherwise). Unknown ones and impossible GSO are errors, multicast
 * requests carry no frame, a hash is a hint; an extra is never taken for data.
 */
#include "net_case.h"

static uint8_t buf[FRAME_MAX];
static uint64_t ok_before;

static struct netif_extra_info extra(uint8_t type, bool more)
{
	return (struct netif_extra_info){ .type = type,
					  .flags = more ? XEN_NETIF_EXTRA_FLAG_MORE : 0 };
}

static struct netif_extra_info gso(uint8_t type, uint16_t size, bool more)
{
	struct netif_extra_info x = extra(XEN_NETIF_EXTRA_TYPE_GSO, more);

	x.u.gso.type = type;
	x.u.gso.size = size;
	return x;
}

/* A frame of two slots of data with @nr extras between; the answer's status. */
static int send_with(struct net_guest *g, const struct netif_extra_info *xs, unsigned int nr,
		     uint16_t flags, uint32_t len)
{
	uint64_t before = g->nf->tx.answered;
	uint16_t ids[2];
	union netfront_tx_slot s;

	for (unsigned int i = 0; i < 2; i++) {
		must(netfront_tx_id(g->nf, &ids[i]));
		memcpy(netfront_tx_page(g->nf, ids[i]), buf + (i ? len - 10 : 0),
		       i ? 10 : len - 10);
	}
	s.req = (struct netif_tx_request){
		.gref = g->nf->tx.grefs[ids[0]],
		.id = ids[0],
		.size = (uint16_t)len,
		.flags = (uint16_t)(flags | NETTXF_more_data | NETTXF_extra_info),
	};
	netfront_tx_put(g->nf, &s, false);
	for (unsigned int i = 0; i < nr; i++) {
		memset(&s, 0xff, sizeof(s));
		s.extra = xs[i];
		netfront_tx_put(g->nf, &s, true);
	}
	s.req = (struct netif_tx_request){ .gref = g->nf->tx.grefs[ids[1]],
					   .id = ids[1],
					   .size = 10 };
	netfront_tx_put(g->nf, &s, false);
	net_guest_flush(g);
	check(g->nf->tx.answered - before == nr + 2, "%u extras: %llu slots answered", nr,
	      (unsigned long long)(g->nf->tx.answered - before));
	check(!g->nf->tx.extras_waiting, "%u extras: %llu not answered", nr,
	      (unsigned long long)g->nf->tx.extras_waiting);
	check(g->nf->tx.status[ids[0]] == g->nf->tx.status[ids[1]], "slots of a chain differ");
	return g->nf->tx.status[ids[0]];
}

static void expect(struct net_guest *g, const struct netif_extra_info *xs, unsigned int nr,
		   int status, bool on_wire)
{
	uint32_t mark, len = net_ours(buf, 300, &mark);
	int got = send_with(g, xs, nr, 0, len);

	check(got == status, "extra of type %u, GSO %u of %u: answered with %d instead of %d",
	      xs[0].type, xs[0].u.gso.type, xs[0].u.gso.size, got, status);
	if (on_wire)
		net_wire_expect(mark, len);
	else
		net_guest_says(g, 100); /* and that is what the wire gets next */
}

static void single(struct net_guest *g)
{
	struct netif_extra_info x;

	x = extra(XEN_NETIF_EXTRA_TYPE_HASH, false);
	expect(g, &x, 1, NETIF_RSP_OKAY, true);
	x = extra(XEN_NETIF_EXTRA_TYPE_MCAST_ADD, false); /* of 00:00:00:00:00:00 */
	expect(g, &x, 1, NETIF_RSP_ERROR, false);
	x.u.mcast.addr[0] = 1;
	expect(g, &x, 1, NETIF_RSP_OKAY, false);
	x = extra(XEN_NETIF_EXTRA_TYPE_MCAST_DEL, false);
	expect(g, &x, 1, NETIF_RSP_OKAY, false);
	for (unsigned int type = 0; type < 256; type++) {
		if (type >= XEN_NETIF_EXTRA_TYPE_GSO && type < XEN_NETIF_EXTRA_TYPE_MAX)
			continue;
		x = extra((uint8_t)type, false);
		expect(g, &x, 1, NETIF_RSP_ERROR, false);
	}
}

static void bad_gso(struct net_guest *g)
{
	struct netif_extra_info x;

	for (unsigned int type = 0; type < 256; type += type < 4 ? 1 : 63) {
		x = gso((uint8_t)type, 0, false);
		expect(g, &x, 1, NETIF_RSP_ERROR, false);
		/* Not TCP, whatever the type says. */
		x = gso((uint8_t)type, 1448, false);
		expect(g, &x, 1, NETIF_RSP_ERROR, false);
	}
}

/* A good GSO frame in a chain of extras: the last GSO counts, the hint does not. */
static void good_gso(struct net_guest *g)
{
	const struct frame_how how = {
		.kind = FRAME_TCP4, .payload = 3000, .blank = true, .mark = 9
	};
	const struct netif_extra_info xs[] = {
		extra(XEN_NETIF_EXTRA_TYPE_HASH, true),
		gso(XEN_NETIF_GSO_TYPE_TCPV4, 1000, false),
	};
	uint32_t len = frame_make(buf, &how);
	int status = send_with(g, xs, 2, NETTXF_csum_blank | NETTXF_data_validated, len);
	uint8_t got[2048];

	check(status == NETIF_RSP_OKAY, "a GSO frame answered with %d", status);
	for (unsigned int i = 0; i < 3; i++) {
		int ret = wire_receive(&net_wire, frame_guest_mac, got, sizeof(got), NULL,
				       PATIENCE_MS);

		check(ret == 14 + 20 + 20 + 1000, "a segment of %d bytes", ret);
		check(frame_good(got, (size_t)ret), "segment %u has a wrong checksum", i);
	}
}

static void many(struct net_guest *g)
{
	struct netif_extra_info xs[254];

	for (unsigned int nr = 1; nr <= 254; nr = nr < 20 ? nr + 1 : nr * 2 - 2) {
		for (unsigned int i = 0; i < nr; i++)
			xs[i] = extra(XEN_NETIF_EXTRA_TYPE_HASH, i + 1 < nr);
		expect(g, xs, nr, NETIF_RSP_OKAY, true);
		/* An unknown one at the end or in the middle spoils all. */
		xs[nr - 1].type = 77;
		expect(g, xs, nr, NETIF_RSP_ERROR, false);
		xs[nr - 1].type = XEN_NETIF_EXTRA_TYPE_HASH;
		xs[nr / 2].type = 0;
		expect(g, xs, nr, NETIF_RSP_ERROR, false);
	}
}

static void run(void)
{
	struct net_guest g;

	net_guest_new(&g, "extras", &netfront_all);
	single(&g);
	bad_gso(&g);
	good_gso(&g);
	many(&g);
	ok_before = g.nf->tx.ok;
	net_guest_works(&g);
	check(g.nf->tx.ok > ok_before, "nothing was sent");
	net_guest_end(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
