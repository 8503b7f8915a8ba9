// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sizes that do not add up, or reach over the end of a page: an error for each
 * slot of the chain, nothing on the wire, and the card goes on. Good chains in the same
 * batch are not touched.
 */
#include "net_case.h"

struct slot {
	uint16_t offset, size;
};

static unsigned int nr_bad;

/* A chain of these slots as they are; the ids it used. */
static void put_raw(struct net_guest *g, const struct slot *slots, unsigned int nr, uint16_t *ids)
{
	for (unsigned int i = 0; i < nr; i++) {
		union netfront_tx_slot s;

		must(netfront_tx_id(g->nf, &ids[i]));
		s.req = (struct netif_tx_request){ .gref = g->nf->tx.grefs[ids[i]],
						   .offset = slots[i].offset,
						   .size = slots[i].size,
						   .id = ids[i],
						   .flags = i + 1 < nr ? NETTXF_more_data : 0 };
		netfront_tx_put(g->nf, &s, false);
	}
}

static void put_good(struct net_guest *g, uint32_t *mark, uint16_t *id)
{
	static uint8_t buf[FRAME_MAX];
	struct netfront_frame f = { .data = buf, .len = net_ours(buf, 5000, mark) };

	must(netfront_send(g->nf, &f, id));
}

/* The bad chain between two good ones, in one batch. */
static void refuse(struct net_guest *g, const struct slot *slots, unsigned int nr)
{
	uint16_t ids[32], good_id[2];
	uint32_t mark[2];

	put_good(g, &mark[0], &good_id[0]);
	put_raw(g, slots, nr, ids);
	put_good(g, &mark[1], &good_id[1]);
	net_guest_flush(g);
	for (unsigned int i = 0; i < nr; i++)
		net_guest_answered(g, ids[i], NETIF_RSP_ERROR);
	for (unsigned int i = 0; i < 2; i++) {
		net_guest_answered(g, good_id[i], NETIF_RSP_OKAY);
		net_wire_expect(mark[i], 5000);
	}
	nr_bad++;
}

/* @bad in place @at of a chain of @nr whose other slots hold 100 bytes each. */
static void refuse_at(struct net_guest *g, struct slot bad, unsigned int at, unsigned int nr)
{
	struct slot slots[32];
	uint32_t sum = 0;

	for (unsigned int i = 0; i < nr; i++) {
		slots[i] = i == at ? bad : (struct slot){ 0, 100 };
		sum += slots[i].size;
	}
	slots[0].size = (uint16_t)sum;
	slots[0].offset = at ? 0 : bad.offset;
	if (sum <= 65535)
		refuse(g, slots, nr);
}

static void cross_page(struct net_guest *g)
{
	static const struct slot bad[] = {
		{ 4096, 1 },	{ 4095, 2 },  { 4000, 97 },    { 1, 4096 },
		{ 0, 4097 },	{ 65535, 1 }, { 65535, 4000 }, { 65500, 36 },
		{ 32768, 100 }, { 0, 65000 }, { 61440, 4096 },
	};
	static const unsigned int lengths[] = { 1, 2, 3, 18 };

	for (size_t b = 0; b < sizeof(bad) / sizeof(bad[0]); b++)
		for (size_t n = 0; n < sizeof(lengths) / sizeof(lengths[0]); n++)
			for (unsigned int at = 0; at < lengths[n]; at += at < 2 ? 1 : 5)
				if (lengths[n] > 1 || bad[b].size >= 14)
					refuse_at(g, bad[b], at, lengths[n]);
}

static void wrong_sums(struct net_guest *g)
{
	/* The parts are more than the whole, by one or because 16 bits wrapped. */
	refuse(g, (struct slot[]){ { 0, 99 }, { 0, 100 } }, 2);
	refuse(g, (struct slot[]){ { 0, 200 }, { 0, 100 }, { 0, 101 } }, 3);
	refuse(g, (struct slot[]){ { 0, 14 }, { 0, 4096 } }, 2);
	refuse(g, (struct slot[]){ { 0, 100 }, { 0, 65535 }, { 0, 101 } }, 3);
	refuse(g, (struct slot[]){ { 0, 60000 }, { 0, 4096 } }, 2);
	refuse(g, (struct slot[]){ { 0, 13 }, { 0, 7 } }, 2);
}

/* Fewer bytes than an Ethernet header, spread over 1 to 20 slots (XSA-432). */
static void too_short(struct net_guest *g, unsigned int nr)
{
	for (uint16_t total = 0; total < 14; total++) {
		struct slot slots[20];
		uint16_t ids[20];

		for (unsigned int i = 0; i < nr; i++)
			slots[i] = (struct slot){ 0, (uint16_t)(total / nr + (i < total % nr)) };
		slots[0].size = total;
		put_raw(g, slots, nr, ids);
		net_guest_flush(g);
		for (unsigned int i = 0; i < nr; i++)
			net_guest_answered(g, ids[i], NETIF_RSP_ERROR);
		nr_bad++;
	}
}

static void run(void)
{
	struct net_guest g;
	uint64_t counted;

	net_guest_new(&g, "sizes", &netfront_all);
	cross_page(&g);
	wrong_sums(&g);
	for (unsigned int nr = 1; nr <= 20; nr++)
		too_short(&g, nr);
	net_guest_works(&g);
	net_guest_disconnect(&g);
	counted = net_guest_counter(&g, "tx", "bad_chain");
	check(counted == nr_bad, "%u bad chains, %llu counted", nr_bad,
	      (unsigned long long)counted);
	net_guest_destroy(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
