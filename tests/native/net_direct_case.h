/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of cards with key "direct" share. Taps of guests are isolated from each other
 * (net_case.c): what comes from one guest to another has come past them.
 */
#ifndef NATIVE_NET_DIRECT_CASE_H
#define NATIVE_NET_DIRECT_CASE_H

#include <stdio.h>
#include <sys/mman.h>

#include "net_case.h"
#include "toolstack.h"

static inline void direct_mac(const struct net_guest *g, uint8_t mac[6])
{
	const uint8_t all[6] = { 0, 0x16, 0x3e, (uint8_t)(g->domid >> 8), (uint8_t)g->domid, 0 };

	memcpy(mac, all, sizeof(all));
}

static inline void direct_key(const struct net_guest *g, const char *key, const char *value)
{
	char path[96];

	snprintf(path, sizeof(path), "/local/domain/0/backend/vif/%u/0/%s", g->domid, key);
	must(toolstack_write(path, value));
}

static inline void direct_new(struct net_guest *g, const char *name, const char *group,
			      const struct netfront_conf *conf)
{
	net_guest_create(g, name);
	direct_key(g, "direct", group);
	net_guest_connect(g, conf);
}

/* Lines that say that @a sends to @b past the tap. */
static inline unsigned int direct_pairs(const struct net_guest *a, const struct net_guest *b)
{
	char what[64], who[40];

	snprintf(what, sizeof(what), "frames for %s go past the tap", b->dev);
	snprintf(who, sizeof(who), "%s: ", a->dev);
	return netbackd_lines(who, what);
}

/* Both ways, for the @nr-th time. */
static inline void direct_wait(const struct net_guest *a, const struct net_guest *b,
			       unsigned int nr)
{
	int64_t end = netfront_now_ms() + PATIENCE_MS;

	while (direct_pairs(a, b) < nr || direct_pairs(b, a) < nr) {
		check(netfront_now_ms() < end, "%s and %s are no pair", a->dev, b->dev);
		sleep_ms(1);
	}
}

/* Of the page of counters; all queues. */
static inline uint64_t direct_count(const struct net_guest *g, bool tx, const char *name)
{
	const struct net_stats *stats = net_guest_map_stats(g);
	uint64_t sum = net_stats_sum(stats, tx, name);

	munmap((void *)(uintptr_t)stats, sizeof(*stats));
	return sum;
}

/* Until it is @value: a worker writes it at the end of a turn. */
static inline void direct_expect(const struct net_guest *g, bool tx, const char *name,
				 uint64_t value)
{
	int64_t end = netfront_now_ms() + PATIENCE_MS;

	while (direct_count(g, tx, name) != value) {
		check(netfront_now_ms() < end, "%s: %s is %llu, not %llu", g->dev, name,
		      (unsigned long long)direct_count(g, tx, name), (unsigned long long)value);
		sleep_ms(1);
	}
}

/* Put a frame of @len bytes of @mark on its way from @a to @b. */
static inline void direct_put(struct net_guest *a, const struct net_guest *b, uint32_t mark,
			      uint32_t len)
{
	static uint8_t buf[FRAME_MAX];
	uint8_t from[6], to[6];
	struct frame_how how = {
		.kind = FRAME_OURS, .mark = mark, .payload = len - 14, .to = to, .from = from
	};
	struct netfront_frame f = { .data = buf };

	direct_mac(a, from);
	direct_mac(b, to);
	f.len = frame_make(buf, &how);
	must(netfront_send(a->nf, &f, NULL));
}

/* The next that @b gets is this one, whole. */
static inline void direct_get(struct net_guest *b, uint32_t mark, uint32_t len)
{
	static uint8_t buf[FRAME_MAX];
	struct netfront_packet pkt;
	uint32_t got = 0;

	check(net_guest_receive(b, &pkt, PATIENCE_MS), "%s: frame %#x of %u bytes did not come",
	      b->dev, mark, len);
	netfront_linear(&pkt, buf, sizeof(buf));
	netfront_rx_post(b->nf);
	check(pkt.len == len, "%s: %u bytes came instead of %u", b->dev, pkt.len, len);
	check(frame_mark(buf, pkt.len, &got) && got == mark, "%s: frame %#x came instead of %#x",
	      b->dev, got, mark);
}

static inline void direct_says(struct net_guest *a, struct net_guest *b, uint32_t mark,
			       uint32_t len)
{
	direct_put(a, b, mark, len);
	net_guest_flush(a);
	direct_get(b, mark, len);
}

#endif
