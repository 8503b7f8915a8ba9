// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A slot is read once (XSA-155): a guest that changes its slots while they are
 * judged gets nothing on the wire but frames that one reading of them could mean, and
 * no byte that it did not write.
 *
 * Another thread of the guest rewrites slots of the tx ring without a pause. It
 * leaves the first four bytes of each alone, where the answer will stand.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "net_case.h"

#define ROUNDS 400u
#define SMALL 100u
#define LARGE 200u
#define TOTAL 300u

static struct netfront *nf;
static atomic_bool over;

static volatile struct netif_tx_request *slot(unsigned int place)
{
	return &nf->tx.sring->ring[place].req;
}

/* --- sizes of second slots, which move the end of the first --- */

static void *flip_sizes(void *arg)
{
	for (unsigned int n = 0; !atomic_load_explicit(&over, memory_order_relaxed); n++)
		for (unsigned int place = 1; place < NETFRONT_SLOTS; place += 2)
			slot(place)->size = n & 1 ? SMALL : LARGE;
	return arg;
}

/* Every page holds one byte all over, first and second slots another each. */
static void fill(uint8_t first, uint8_t second)
{
	for (unsigned int i = 0; i < NETFRONT_SLOTS; i++)
		memset(nf->tx.pages + i * GUEST_PAGE_SIZE, i & 1 ? second : first, GUEST_PAGE_SIZE);
}

static void put_pairs(void)
{
	for (uint16_t i = 0; i < NETFRONT_SLOTS; i++) {
		union netfront_tx_slot s = {
			.req = { .gref = nf->tx.grefs[i],
				 .id = i,
				 .size = i & 1 ? SMALL : TOTAL,
				 .flags = i & 1 ? 0 : NETTXF_more_data },
		};

		netfront_tx_put(nf, &s, false);
	}
}

/* First slots' bytes, then as many of the second's as one of the sizes says. */
static void judge_pair(const uint8_t *data, int len, uint8_t first, uint8_t second)
{
	unsigned int cut = 0;

	check(len == TOTAL, "a frame of %d bytes", len);
	while (cut < TOTAL && data[cut] == first)
		cut++;
	check(cut == TOTAL - SMALL || cut == TOTAL - LARGE, "the first slot's bytes end at %u",
	      cut);
	for (unsigned int i = cut; i < TOTAL; i++)
		check(data[i] == second,
		      "byte %u after %u of the first slot is %#x, not the guest's", i, cut,
		      data[i]);
}

static unsigned int judge_all(uint8_t first, uint8_t second)
{
	static uint8_t buf[FRAME_MAX];
	uint8_t mac[6];
	unsigned int nr = 0;
	int len;

	memset(mac, first, sizeof(mac));
	while ((len = wire_receive(&net_wire, mac, buf, sizeof(buf), NULL, 0)) > 0) {
		judge_pair(buf, len, first, second);
		nr++;
	}
	return nr;
}

static void sizes(struct net_guest *g)
{
	pthread_t thread;
	unsigned int nr = 0;

	nf->tx.nr_free = 0; /* the ids are ours */
	check(!pthread_create(&thread, NULL, flip_sizes, NULL), "no thread");
	for (unsigned int round = 0; round < ROUNDS; round++) {
		/* Bytes change from round to round, so that old ones show. */
		uint8_t first = (uint8_t)(2 + 4 * (round % 16)), second = (uint8_t)(first + 130);

		fill(first, second);
		put_pairs();
		net_guest_flush(g);
		nr += judge_all(first, second);
	}
	atomic_store(&over, true);
	pthread_join(thread, NULL);
	check(nr == ROUNDS * NETFRONT_SLOTS / 2, "%u frames of %u came", nr,
	      ROUNDS * NETFRONT_SLOTS / 2);
}

/* --- everything at once --- */

/* Chains end here whatever the thread does, or the card would stop for good reason. */
static bool ends_here(unsigned int place)
{
	return place % 16 == 15;
}

static void *storm(void *arg)
{
	static const uint16_t sizes[] = { 0, 1, 14, 60, 1000, 4096, 4097, 20000, 65535 };
	static const uint16_t offsets[] = { 0, 1, 96, 3000, 4095, 4096, 65535 };
	uint32_t x = 12345;

	while (!atomic_load_explicit(&over, memory_order_relaxed)) {
		unsigned int place;

		x = x * 1664525 + 1013904223;
		place = x >> 24;
		switch (x >> 8 & 3) {
		case 0:
			slot(place)->size = sizes[(x >> 12) % (sizeof(sizes) / 2)];
			break;
		case 1:
			slot(place)->offset = offsets[(x >> 12) % (sizeof(offsets) / 2)];
			break;
		case 2:
			if (!ends_here(place))
				slot(place)->flags =
					x >> 12 & (NETTXF_csum_blank | NETTXF_more_data |
						   NETTXF_data_validated);
			break;
		default:
			slot(place)->id = (uint16_t)(x >> 10);
		}
	}
	return arg;
}

static void put_anything(void)
{
	for (uint16_t i = 0; i < NETFRONT_SLOTS; i++) {
		nf->tx.sring->ring[nf->tx.req_prod++ % NETFRONT_SLOTS].req =
			(struct netif_tx_request){ .gref = nf->tx.grefs[i],
						   .id = i,
						   .size = 1000,
						   .flags = i % 16 < 15 && i & 1 ? NETTXF_more_data
										 : 0 };
		nf->tx.submitted++;
	}
}

/* The thread changes ids too, so answers are only counted. */
static void wait_answers(struct net_guest *g)
{
	int64_t end = netfront_now_ms() + PATIENCE_MS;

	netfront_tx_push(nf);
	while (__atomic_load_n(&nf->tx.sring->rsp_prod, __ATOMIC_ACQUIRE) != nf->tx.req_prod) {
		check(netfront_now_ms() < end, "%s: not all is answered", g->dev);
		netfront_wait(nf, 1);
	}
	nf->tx.answered += nf->tx.req_prod - nf->tx.rsp_cons;
	nf->tx.rsp_cons = nf->tx.req_prod;
}

static void judge_bytes(uint8_t byte)
{
	static uint8_t buf[FRAME_MAX];
	uint8_t mac[6];
	int len;

	memset(mac, byte, sizeof(mac));
	while ((len = wire_receive(&net_wire, NULL, buf, sizeof(buf), NULL, 0)) > 0) {
		/* The kernel's own apart, all frames are the guest's. */
		for (int i = 0; i < len; i++)
			check(buf[i] == byte,
			      "byte %d of %d on the wire is %#x, not the guest's %#x", i, len,
			      buf[i], byte);
	}
}

static void everything(struct net_guest *g)
{
	pthread_t thread;

	atomic_store(&over, false);
	check(!pthread_create(&thread, NULL, storm, NULL), "no thread");
	for (unsigned int round = 0; round < ROUNDS; round++) {
		uint8_t byte = (uint8_t)(2 + 4 * (round % 60));

		fill(byte, byte);
		put_anything();
		wait_answers(g);
		judge_bytes(byte);
	}
	atomic_store(&over, true);
	pthread_join(thread, NULL);
}

static void run(void)
{
	struct net_guest g;

	net_guest_new(&g, "twice", &netfront_all);
	nf = g.nf;
	sizes(&g);
	everything(&g);
	for (uint16_t i = 0; i < NETFRONT_SLOTS; i++)
		nf->tx.free_ids[i] = i;
	nf->tx.nr_free = NETFRONT_SLOTS;
	net_guest_works(&g);
	net_guest_end(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
