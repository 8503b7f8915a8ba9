// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net_tx_parse() over any slots: the chain's length is what a slow walk says,
 * a good packet's parts lie in their pages and add up to its size, and a
 * verdict has its reason in the slots.
 */
#include "net_chain.h"

#define SLOTS_MAX 64u

static void check_good(const union net_tx_slot *slots, const struct net_tx_pkt *pkt,
		       const struct chain *c)
{
	uint64_t sum = 0;

	CHECK(chain_is_packet(c));
	for (unsigned int i = 0; i < pkt->nr_slots; i++) {
		uint32_t len = net_tx_slot_len(slots, pkt, i);

		CHECK(len <= 4096);
		CHECK(!(i > 0 && i <= c->nr_extras) || len == 0);
		CHECK(len == 0 || slots[i].req.offset + len <= 4096);
		sum += len;
	}
	CHECK(sum == pkt->size && pkt->size == slots[0].req.size && pkt->size >= 14);
	CHECK(pkt->gso_size == c->gso_size);
	CHECK(pkt->gso_size == 0 || pkt->gso_type == c->gso_type);
	CHECK(pkt->csum_blank == ((slots[0].req.flags & NETTXF_csum_blank) != 0));
}

static void check(const union net_tx_slot *slots, unsigned int nr)
{
	struct chain c = chain_walk(slots, nr);
	struct net_tx_pkt pkt;

	memset(&pkt, 0xa5, sizeof(pkt));
	net_tx_parse(slots, nr, &pkt);
	CHECK((pkt.verdict == NET_TX_INCOMPLETE) == c.open);
	CHECK(strcmp(net_tx_verdict_text(pkt.verdict), "?") != 0);
	if (c.open)
		return;
	CHECK(pkt.nr_slots == c.nr_slots && pkt.nr_extras == c.nr_extras);
	CHECK(pkt.nr_slots <= nr && pkt.nr_extras < pkt.nr_slots);
	switch (pkt.verdict) {
	case NET_TX_OK:
		check_good(slots, &pkt, &c);
		break;
	case NET_TX_DUMMY:
		CHECK(c.multicast && !c.bad_extra);
		break;
	case NET_TX_CROSS_PAGE:
		CHECK(c.cross);
		break;
	case NET_TX_BAD_SIZE:
		CHECK(c.bad_size);
		break;
	case NET_TX_BAD_EXTRA:
		CHECK(c.bad_extra);
		break;
	case NET_TX_INCOMPLETE:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int nr = (unsigned int)(size / sizeof(union net_tx_slot));
	union net_tx_slot *slots;

	if (nr == 0)
		return 0;
	if (nr > SLOTS_MAX)
		nr = SLOTS_MAX;
	/* Ends where the slots do, so that looking further is seen. */
	slots = malloc(nr * sizeof(*slots));
	memcpy(slots, data, nr * sizeof(*slots));
	check(slots, nr);
	free(slots);
	return 0;
}
