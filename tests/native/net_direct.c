// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two cards of a group: frames of all sizes, also such as are to be segmented, get from one
 * guest to the other past the taps, byte for byte and in order, both ways; neither the bridge
 * nor a card outside the group sees them. Broadcasts, and what is for others, go
 * through the tap. Several queues send to one.
 */
#include "net_direct_case.h"

static uint8_t sent[FRAME_MAX], got[FRAME_MAX];

static void all_sizes(struct net_guest *a, struct net_guest *b)
{
	static const uint32_t lens[] = { 18,   60,   61,   1514,  1984,	 1985,
					 4096, 4097, 9014, 30000, 65521, 65535 };

	for (uint32_t i = 0; i < 12; i++)
		direct_says(a, b, i, lens[i]);
}

/* More than the area has, so that it wraps; a ring of them at a time. */
static void many(struct net_guest *a, struct net_guest *b)
{
	uint32_t put = 0, taken = 0;

	while (taken < 600) {
		while (put < 600 && put - taken < 100 &&
		       netfront_tx_room(a->nf) > NETFRONT_TX_SLOTS) {
			direct_put(a, b, put, 60 + put * 97 % 50000);
			put++;
		}
		net_guest_flush(a);
		while (taken < put) {
			direct_get(b, taken, 60 + taken * 97 % 50000);
			taken++;
		}
	}
}

/* One that is to be segmented comes as it is, its checksum open still. */
static void large(struct net_guest *a, struct net_guest *b, enum frame_kind kind, uint32_t payload)
{
	uint8_t from[6], to[6];
	const struct frame_how how = { .kind = kind,
				       .payload = payload,
				       .mark = payload,
				       .to = to,
				       .from = from,
				       .tcp_opts = 12,
				       .blank = true };
	struct netfront_frame f = { .data = sent,
				    .flags = NETTXF_csum_blank | NETTXF_data_validated,
				    .gso_type = kind == FRAME_TCP6 ? XEN_NETIF_GSO_TYPE_TCPV6
								   : XEN_NETIF_GSO_TYPE_TCPV4,
				    .gso_size = 1400 };
	struct netfront_packet pkt;

	direct_mac(a, from);
	direct_mac(b, to);
	f.len = frame_make(sent, &how);
	must(netfront_send(a->nf, &f, NULL));
	net_guest_flush(a);
	check(net_guest_receive(b, &pkt, PATIENCE_MS), "a large frame did not come");
	check(netfront_linear(&pkt, got, sizeof(got)) == f.len && !memcmp(sent, got, f.len),
	      "other bytes came");
	check(pkt.gso_size == 1400 && pkt.flags & NETRXF_csum_blank, "not as it was sent");
	netfront_rx_post(b->nf);
}

static void through_the_tap(struct net_guest *a)
{
	static const uint8_t elsewhere[6] = { 2, 0, 0, 0, 0, 99 };
	uint64_t before = direct_count(a, true, "direct_packets");
	uint8_t from[6];

	direct_mac(a, from);
	for (unsigned int i = 0; i < 2; i++) {
		struct frame_how how = { .kind = FRAME_OURS,
					 .mark = 0x700 + i,
					 .payload = 100,
					 .to = i ? elsewhere : NULL,
					 .from = from };
		struct netfront_frame f = { .data = sent };
		uint32_t is;
		int len;

		f.len = frame_make(sent, &how);
		must(netfront_send(a->nf, &f, NULL));
		net_guest_flush(a);
		/* This bridge is a hub, so the wire hears what is to keep a bridge's memory, too. */
		do {
			len = wire_receive(&net_wire, from, got, sizeof(got), NULL, PATIENCE_MS);
		} while (len > 0 && frame_get16(got + 12) == 0x9000);
		check(len > 0 && frame_mark(got, (size_t)len, &is) && is == 0x700 + i,
		      "the wire did not get it");
	}
	check(direct_count(a, true, "direct_packets") == before, "they went past the tap");
}

#define EACH 300u

static void send_from_both(struct net_guest *a, const struct net_guest *b, uint32_t nr)
{
	uint8_t from[6], to[6];

	direct_mac(a, from);
	direct_mac(b, to);
	for (uint32_t i = 0; i < 2; i++) {
		const struct frame_how how = { .kind = FRAME_OURS,
					       .mark = 2 * nr + i,
					       .payload = 1000,
					       .to = to,
					       .from = from };
		struct netfront_frame f = { .data = sent };

		f.len = frame_make(sent, &how);
		must(netfront_send(netfront_queue(a->nf, i), &f, NULL));
	}
}

/* Of each queue that sends they come in order, in one queue. */
static void queues(struct net_guest *a, struct net_guest *b)
{
	uint32_t next[2] = { 0, 0 }, put = 0;

	while (next[0] + next[1] < 2 * EACH) {
		struct netfront_packet pkt;
		uint32_t mark;

		for (; put < EACH && put < next[0] + 50 && put < next[1] + 50; put++)
			send_from_both(a, b, put);
		for (uint32_t i = 0; i < 2; i++) {
			netfront_tx_push(netfront_queue(a->nf, i));
			netfront_tx_reap(netfront_queue(a->nf, i));
		}
		check(net_guest_receive(b, &pkt, PATIENCE_MS), "%u and %u came", next[0], next[1]);
		check(frame_mark(got, netfront_linear(&pkt, got, sizeof(got)), &mark) &&
			      mark / 2 == next[mark & 1],
		      "frame %u of queue %u, not %u", mark / 2, mark & 1, next[mark & 1]);
		next[mark & 1]++;
		netfront_rx_post(b->nf);
	}
}

static void several_queues(void)
{
	struct netfront_conf conf = netfront_all;
	struct net_guest a, b;

	conf.queues = 2;
	direct_new(&a, "two-queues", "queues", &conf);
	direct_new(&b, "two-as-well", "queues", &conf);
	direct_wait(&a, &b, 1);
	queues(&a, &b);
	direct_expect(&a, true, "direct_packets", 2 * EACH);
	net_guest_destroy(&a);
	net_guest_destroy(&b);
}

static void run(void)
{
	struct net_guest a, b, other;
	struct netfront_packet pkt;

	direct_new(&a, "one", "group", &netfront_all);
	direct_new(&b, "two", "group", &netfront_all);
	direct_new(&other, "three", "other", &netfront_all);
	direct_wait(&a, &b, 1);
	all_sizes(&a, &b);
	all_sizes(&b, &a);
	large(&a, &b, FRAME_TCP4, 60000);
	large(&b, &a, FRAME_TCP6, 3000);
	many(&a, &b);
	many(&b, &a);
	/* A frame each second is ours, so that the bridge does not forget the guest. */
	direct_expect(&a, true, "direct_packets", 613);
	direct_expect(&b, false, "direct_packets", 613);
	check(direct_count(&a, true, "direct_marks") >= 1, "the bridge is told nothing");
	check(net_guest_tap_count(&a, "rx_packets") <= direct_count(&a, true, "direct_marks") + 1,
	      "the tap of %s has seen %llu frames", a.dev,
	      (unsigned long long)net_guest_tap_count(&a, "rx_packets"));
	through_the_tap(&a);
	check(!direct_pairs(&a, &other) && !direct_pairs(&other, &a), "a pair of two groups");
	check(!net_guest_receive(&other, &pkt, 20), "the other group got something");
	net_guest_end(&a);
	net_guest_end(&b);
	net_guest_end(&other);
	several_queues();
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
