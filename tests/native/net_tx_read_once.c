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
#define APART 16u

/* What the guest does to its slots is a race on purpose. */
#define RACES __attribute__((no_sanitize("thread")))

static struct netfront *nf;
static atomic_bool over;
static pthread_mutex_t calm = PTHREAD_MUTEX_INITIALIZER;

static volatile struct netif_tx_request *slot(unsigned int place)
{
	return &nf->tx.sring->ring[place].req;
}

/* --- sizes of second slots, which move the end of the first --- */

RACES static void *flip_sizes(void *arg)
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

static void judge_all(uint8_t first, uint8_t second)
{
	static uint8_t buf[FRAME_MAX];
	uint8_t mac[6];
	unsigned int nr = 0;
	int len;

	memset(mac, first, sizeof(mac));
	/* Either size is right, so each of them has to come. */
	for (; nr < NETFRONT_SLOTS / 2; nr++) {
		len = wire_receive(&net_wire, mac, buf, sizeof(buf), NULL, PATIENCE_MS);
		check(len > 0, "%u frames of %u came", nr, NETFRONT_SLOTS / 2);
		judge_pair(buf, len, first, second);
	}
}

static void sizes(struct net_guest *g)
{
	pthread_t thread;

	nf->tx.nr_free = 0; /* the ids are ours */
	check(!pthread_create(&thread, NULL, flip_sizes, NULL), "no thread");
	for (unsigned int round = 0; round < ROUNDS; round++) {
		/* Bytes change from round to round, so that old ones show. */
		uint8_t first = (uint8_t)(2 + 4 * (round % 16)), second = (uint8_t)(first + 130);

		fill(first, second);
		put_pairs();
		net_guest_flush(g);
		judge_all(first, second);
	}
	atomic_store(&over, true);
	pthread_join(thread, NULL);
}

/* --- everything at once --- */

/* Chains end here whatever the thread does, or the card would stop for good reason. */
static bool ends_here(unsigned int place)
{
	return place % APART == APART - 1;
}

RACES static void change_one(uint32_t x)
{
	static const uint16_t sizes[] = { 0, 1, 14, 60, 1000, 4096, 4097, 20000, 65535 };
	static const uint16_t offsets[] = { 0, 1, 96, 3000, 4095, 4096, 65535 };
	const uint16_t flags = NETTXF_csum_blank | NETTXF_more_data | NETTXF_data_validated;
	unsigned int place = x >> 24;

	switch (x >> 8 & 3) {
	case 0:
		slot(place)->size = sizes[(x >> 12) % (sizeof(sizes) / sizeof(sizes[0]))];
		break;
	case 1:
		slot(place)->offset = offsets[(x >> 12) % (sizeof(offsets) / sizeof(offsets[0]))];
		break;
	case 2:
		if (!ends_here(place))
			slot(place)->flags = x >> 12 & flags;
		break;
	default:
		slot(place)->id = (uint16_t)(x >> 10);
	}
}

static void *storm(void *arg)
{
	uint32_t x = 12345;

	while (!atomic_load_explicit(&over, memory_order_relaxed)) {
		pthread_mutex_lock(&calm);
		for (unsigned int i = 0; i < 100; i++) {
			x = x * 1664525 + 1013904223;
			change_one(x);
		}
		pthread_mutex_unlock(&calm);
	}
	return arg;
}

static void put_plain(uint16_t id, uint16_t size, uint16_t flags)
{
	struct netfront_tx *tx = &nf->tx;

	tx->sring->ring[tx->req_prod++ % NETFRONT_SLOTS].req = (struct netif_tx_request){
		.gref = tx->grefs[id], .id = id, .size = size, .flags = flags
	};
	tx->submitted++;
}

/* The thread changes ids too, so answers are only counted. */
static void wait_answers(const struct net_guest *g)
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

/* A known frame behind all others; as often as the places of chains' ends are apart. */
static void put_mark(const struct net_guest *g, uint32_t *ret_mark)
{
	uint32_t len;

	pthread_mutex_lock(&calm);
	len = net_ours(nf->tx.pages, 64, ret_mark);
	for (unsigned int i = 0; i < APART; i++)
		put_plain(0, (uint16_t)len, 0);
	wait_answers(g);
	pthread_mutex_unlock(&calm);
}

/* All that was on the wire before the known frame: how many. */
static unsigned int judge_bytes(uint8_t byte, uint32_t mark)
{
	static uint8_t buf[FRAME_MAX];
	unsigned int nr = 0, marks = 0;
	uint32_t got;

	while (marks < APART) {
		int len = wire_receive(&net_wire, NULL, buf, sizeof(buf), NULL, PATIENCE_MS);

		check(len > 0, "the wire fell silent");
		if (frame_mark(buf, (size_t)len, &got) && got == mark) {
			marks++;
			continue;
		}
		for (int i = 0; i < len; i++)
			check(buf[i] == byte,
			      "byte %d of %d on the wire is %#x, not the guest's %#x", i, len,
			      buf[i], byte);
		nr++;
	}
	return nr;
}

static void everything(const struct net_guest *g)
{
	unsigned int frames = 0;
	pthread_t thread;

	atomic_store(&over, false);
	check(!pthread_create(&thread, NULL, storm, NULL), "no thread");
	for (unsigned int round = 0; round < ROUNDS; round++) {
		uint8_t byte = (uint8_t)(2 + 4 * (round % 60));
		uint32_t mark;

		fill(byte, byte);
		for (uint16_t i = 0; i < NETFRONT_SLOTS; i++)
			put_plain(i, 1000,
				  i & 1 && !ends_here(nf->tx.req_prod) ? NETTXF_more_data : 0);
		wait_answers(g);
		put_mark(g, &mark);
		frames += judge_bytes(byte, mark);
	}
	atomic_store(&over, true);
	pthread_join(thread, NULL);
	check(frames > ROUNDS, "only %u frames came", frames);
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
