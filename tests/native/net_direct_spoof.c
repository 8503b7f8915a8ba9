// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cards with key "direct" are kept to their MAC, whatever "antispoof" says: what a guest sends
 * under another's gets neither past the taps nor through them. A key that makes no sense is
 * told, and such a card, as one of another bridge, works without. A
 * key that changes does so at once.
 */
#include "net_direct_case.h"

static uint8_t buf[FRAME_MAX];

static void lie(struct net_guest *a, const struct net_guest *as, const uint8_t *to)
{
	uint64_t before = direct_count(a, true, "spoofed_mac");
	uint8_t from[6];
	const struct frame_how how = { .kind = FRAME_OURS, .payload = 100, .to = to, .from = from };
	struct netfront_frame f = { .data = buf };

	direct_mac(as, from);
	f.len = frame_make(buf, &how);
	must(netfront_send(a->nf, &f, NULL));
	net_guest_flush(a);
	direct_expect(a, true, "spoofed_mac", before + 1);
}

static void works_by_tap(struct net_guest *g, const struct net_guest *peer)
{
	uint8_t from[6];
	uint32_t mark;
	int len;

	direct_mac(g, from);
	direct_put(g, peer, 0x800, 500);
	net_guest_flush(g);
	len = wire_receive(&net_wire, from, buf, sizeof(buf), NULL, PATIENCE_MS);
	check(len > 0 && frame_mark(buf, (size_t)len, &mark) && mark == 0x800,
	      "%s: the wire did not get its frame", g->dev);
	check(!direct_count(g, true, "direct_packets"), "%s: it went past the tap", g->dev);
}

/* The next frame to @peer is seen by the tap, or it is not. */
static void takes_the_tap(struct net_guest *g, struct net_guest *peer, bool want)
{
	int64_t end = netfront_now_ms() + PATIENCE_MS;
	uint64_t before;
	bool is;

	do {
		check(netfront_now_ms() < end, "%s: its frames go %s the tap", g->dev,
		      want ? "past" : "through");
		before = direct_count(g, true, "direct_packets") +
			 direct_count(g, true, "direct_full");
		direct_put(g, peer, 0x900, 100);
		net_guest_flush(g);
		sleep_ms(5);
		is = direct_count(g, true, "direct_packets") +
			     direct_count(g, true, "direct_full") ==
		     before;
	} while (is != want);
}

/* Under @as' MAC it gets out. */
static void is_free(struct net_guest *g, const struct net_guest *as)
{
	uint8_t from[6];
	const struct frame_how how = { .kind = FRAME_OURS, .payload = 100, .from = from };
	struct netfront_frame f = { .data = buf };
	int64_t end = netfront_now_ms() + PATIENCE_MS;

	direct_mac(as, from);
	do {
		check(netfront_now_ms() < end, "%s: its frames are filtered", g->dev);
		f.len = frame_make(buf, &how);
		must(netfront_send(g->nf, &f, NULL));
		net_guest_flush(g);
	} while (wire_receive(&net_wire, from, buf, sizeof(buf), NULL, 10) <= 0);
}

/* The key is taken away, and the guest is free of the filter; another group; and back. */
static void changes(struct net_guest *a, struct net_guest *b, struct net_guest *c)
{
	unsigned int nr = direct_pairs(a, b);
	char path[96];

	snprintf(path, sizeof(path), "/local/domain/0/backend/vif/%u/0/direct", a->domid);
	must(toolstack_rm(path));
	takes_the_tap(a, b, true);
	is_free(a, c);
	takes_the_tap(b, a, true);
	takes_the_tap(b, c, false);
	direct_key(a, "direct", "others");
	direct_key(b, "direct", "others");
	direct_wait(a, b, nr + 1);
	takes_the_tap(a, b, false);
	takes_the_tap(b, c, true);
	direct_key(a, "direct", "group");
	takes_the_tap(a, b, true);
	direct_wait(a, c, 2);
	takes_the_tap(a, c, false);
}

static void run(void)
{
	struct net_guest a, b, c, wrong, far;
	struct netfront_packet pkt;
	uint8_t to[6], own[6];

	direct_new(&a, "liar", "group", &netfront_all);
	direct_new(&b, "two", "group", &netfront_all);
	direct_new(&c, "three", "group", &netfront_all);
	direct_wait(&a, &b, 1);
	direct_wait(&a, &c, 1);
	direct_wait(&b, &c, 1);
	direct_mac(&b, to);
	direct_mac(&a, own);
	lie(&a, &c, to);
	lie(&a, &b, to);
	lie(&a, &c, NULL);
	direct_key(&a, "antispoof", "0");
	sleep_ms(20);
	lie(&a, &b, own); /* would tell the bridge that two is where the liar is */
	net_wire_silent(20);
	check(!net_guest_receive(&b, &pkt, 20), "two was told a lie");
	direct_says(&a, &b, 1, 1000);
	direct_says(&a, &c, 2, 1000);
	direct_says(&c, &b, 3, 1000);

	changes(&a, &b, &c);
	direct_new(&wrong, "wrong", "no such name!", &netfront_all);
	netbackd_wait_line(wrong.dev, "key direct must be a name");
	net_guest_create(&far, "far");
	direct_key(&far, "direct", "group");
	direct_key(&far, "bridge", "xenbr7");
	net_guest_connect(&far, &netfront_all);
	works_by_tap(&wrong, &b);
	works_by_tap(&far, &b);
	net_guest_end(&wrong);
	net_guest_end(&far);
	net_guest_end(&a);
	net_guest_end(&b);
	net_guest_end(&c);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
