// SPDX-License-Identifier: GPL-2.0-or-later
/* What the network tests share: guests and frames. See net_case.h. */
#include "net_case.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "net_priv.h"
#include "toolstack.h"

struct wire net_wire;

static uint32_t last_mark = 0x5eed0000;

/* --- guests --- */

static void set_names(struct net_guest *g)
{
	snprintf(g->dev, sizeof(g->dev), "vif/%u/0", g->domid);
	snprintf(g->tap, sizeof(g->tap), "vif%u.0", g->domid);
}

/* Frames of any size are to reach the guest; what its MTU should be is not our subject. */
#define VIF_MTU 65521u

/*
 * Guests reach the wire and not each other: what one sends would fill the queue
 * of another that nobody looks after meanwhile.
 */
static void isolate(const struct net_guest *g)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "/sys/class/net/%s/brport/isolated", g->tap);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	check(fd >= 0 && write(fd, "1", 1) == 1, "%s", path);
	close(fd);
}

void net_guest_create(struct net_guest *g, const char *name)
{
	*g = (struct net_guest){ 0 };
	must(toolstack_domain_create(name, &g->domid));
	set_names(g);
	must(toolstack_attach_vif(g->domid, 0));
	must(wire_link_mtu(g->tap, VIF_MTU));
	isolate(g);
}

static bool is_forwarding(void *ctx)
{
	char path[96], state = 0;
	int fd;

	snprintf(path, sizeof(path), "/sys/class/net/%s/brport/state", (const char *)ctx);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, &state, 1) < 0)
		state = 0;
	close(fd);
	return state == '3'; /* BR_STATE_FORWARDING */
}

void net_wait_forwarding(char *port)
{
	check(wait_for(is_forwarding, port, PATIENCE_MS), "the bridge does not forward to %s",
	      port);
}

void net_guest_connect(struct net_guest *g, const struct netfront_conf *conf)
{
	must(netfront_open(g->domid, 0, conf, &g->nf));
	must(netfront_connect(g->nf));
	net_wait_forwarding(g->tap);
}

void net_guest_new(struct net_guest *g, const char *name, const struct netfront_conf *conf)
{
	net_guest_create(g, name);
	net_guest_connect(g, conf);
}

static void check_fault(const struct net_guest *g)
{
	check(!netfront_fault(g->nf), "%s: the backend: %s", g->dev, netfront_fault(g->nf));
}

static void drain_rx(struct net_guest *g)
{
	struct netfront_packet pkt;

	while (netfront_rx_next(g->nf, &pkt))
		;
	netfront_tx_reap(g->nf);
	check_fault(g);
}

void net_guest_disconnect(struct net_guest *g)
{
	uint64_t taken;

	net_guest_flush(g);
	must(netfront_disconnect(g->nf));
	drain_rx(g);
	g->tx_before += g->nf->tx.answered;
	g->rx_before += g->nf->rx.answered;
	check(!g->nf->tx.extras_waiting, "%s: an extra was not answered", g->dev);
	netfront_free(g->nf);
	g->nf = NULL;
	taken = net_guest_counter(g, "tx", "slots");
	check(taken == g->tx_before, "%s: tx: %llu slots taken, %llu answered", g->dev,
	      (unsigned long long)taken, (unsigned long long)g->tx_before);
	taken = net_guest_counter(g, "rx", "slots");
	check(taken == g->rx_before, "%s: rx: %llu slots taken, %llu answered", g->dev,
	      (unsigned long long)taken, (unsigned long long)g->rx_before);
}

void net_guest_destroy(struct net_guest *g)
{
	if (g->nf)
		netfront_free(g->nf);
	g->nf = NULL;
	must(toolstack_destroy(g->domid));
}

void net_guest_end(struct net_guest *g)
{
	net_guest_disconnect(g);
	net_guest_destroy(g);
}

void net_guest_wait_broken(struct net_guest *g)
{
	char path[96];

	snprintf(path, sizeof(path), "/local/domain/0/backend/vif/%u/0/state", g->domid);
	must(toolstack_wait(path, "5", PATIENCE_MS));
	check(!net_guest_worker(g), "%s: it is served still", g->dev);
	snprintf(path, sizeof(path), "/local/domain/0/error/backend/vif/%u/0/error", g->domid);
	{
		char text[256];

		must(toolstack_read(path, text, sizeof(text)));
		check(strstr(text, "impossible ring indices"), "%s: error node: %s", g->dev, text);
	}
}

uint64_t net_guest_counter(const struct net_guest *g, const char *way, const char *name)
{
	char head[64], key[64];
	uint64_t sum = 0;
	char *log = netbackd_log(), *line = log, *end;

	snprintf(head, sizeof(head), "%s: %s ", g->dev, way);
	snprintf(key, sizeof(key), " %s=", name);
	for (; (end = strchr(line, '\n')); line = end + 1) {
		const char *at, *value;

		*end = '\0';
		at = strstr(line, head);
		value = at ? strstr(at, key) : NULL;
		if (value)
			sum += strtoull(value + strlen(key), NULL, 10);
	}
	free(log);
	return sum;
}

/* --- frames --- */

uint32_t net_ours(uint8_t *buf, uint32_t len, uint32_t *ret_mark)
{
	struct frame_how how = { .kind = FRAME_OURS, .mark = ++last_mark };

	check(len >= 18, "a frame of %u bytes has no room for a mark", len);
	how.payload = len - 14;
	*ret_mark = how.mark;
	return frame_make(buf, &how);
}

void net_wire_expect(uint32_t mark, uint32_t len)
{
	static uint8_t buf[FRAME_MAX];
	uint32_t got = 0;
	int ret = wire_receive(&net_wire, frame_guest_mac, buf, sizeof(buf), NULL, PATIENCE_MS);

	check(ret > 0, "the wire did not get a frame of %u bytes", len);
	check(frame_mark(buf, (size_t)ret, &got),
	      "the wire got a frame of %d bytes that is not whole", ret);
	check(got == mark, "the wire got frame %#x instead of %#x", got, mark);
	check((uint32_t)ret == len, "the wire got %d bytes instead of %u", ret, len);
}

void net_wire_silent(int ms)
{
	static uint8_t buf[FRAME_MAX];
	int ret = wire_receive(&net_wire, frame_guest_mac, buf, sizeof(buf), NULL, ms);

	check(!ret, "the wire got a frame of %d bytes that nobody sent", ret);
}

void net_guest_flush(struct net_guest *g)
{
	int ret = netfront_tx_flush(g->nf, PATIENCE_MS);

	check_fault(g);
	check(!ret, "%s: %llu slots put, %llu answered", g->dev,
	      (unsigned long long)g->nf->tx.submitted, (unsigned long long)g->nf->tx.answered);
}

void net_guest_answered(const struct net_guest *g, uint16_t id, int status)
{
	check(!g->nf->tx.waiting[id], "%s: id %u is not answered", g->dev, id);
	check(g->nf->tx.status[id] == status, "%s: id %u answered with %d instead of %d", g->dev,
	      id, g->nf->tx.status[id], status);
}

void net_guest_says(struct net_guest *g, uint32_t len)
{
	static uint8_t buf[FRAME_MAX];
	struct netfront_frame f = { .data = buf };
	uint32_t mark;
	uint16_t id;

	f.len = net_ours(buf, len, &mark);
	must(netfront_send(g->nf, &f, &id));
	net_guest_flush(g);
	net_guest_answered(g, id, NETIF_RSP_OKAY);
	net_wire_expect(mark, len);
}

bool net_guest_receive(struct net_guest *g, struct netfront_packet *pkt, int timeout_ms)
{
	int64_t end = netfront_now_ms() + timeout_ms;

	for (;;) {
		int got = netfront_rx_next(g->nf, pkt);
		int64_t left = end - netfront_now_ms();

		check_fault(g);
		if (got)
			return true;
		netfront_tx_reap(g->nf);
		netfront_rx_post(g->nf);
		if (left <= 0)
			return false;
		netfront_wait(g->nf, (int)left);
	}
}

void net_guest_hears(struct net_guest *g, uint32_t len)
{
	static uint8_t buf[FRAME_MAX];
	struct frame_how how = {
		.kind = FRAME_OURS, .mark = ++last_mark, .from = frame_wire_mac, .payload = len - 14
	};
	int64_t end = netfront_now_ms() + PATIENCE_MS;
	struct netfront_packet pkt;
	uint32_t mark = 0;

	frame_make(buf, &how);
	must(wire_send(&net_wire, NULL, buf, len));
	do {
		check(netfront_now_ms() < end && net_guest_receive(g, &pkt, PATIENCE_MS),
		      "%s: it did not come", g->dev);
		check(pkt.len <= sizeof(buf), "%s: a packet of %u bytes", g->dev, pkt.len);
		netfront_linear(&pkt, buf, sizeof(buf));
		netfront_rx_post(g->nf);
	} while (!frame_mark(buf, pkt.len, &mark) || mark != how.mark);
	check(pkt.len == len, "%s: %u bytes came instead of %u", g->dev, pkt.len, len);
}

void net_guest_works(struct net_guest *g)
{
	net_guest_says(g, 60);
	net_guest_says(g, 1514);
	net_guest_hears(g, 60);
	net_guest_hears(g, 1514);
}

const struct net_stats *net_guest_map_stats(const struct net_guest *g)
{
	const struct net_stats *stats;
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "/run/pvback/stats/vif-%u-0", g->domid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	check(fd >= 0, "%s: %s", path, strerror(errno));
	stats = mmap(NULL, sizeof(*stats), PROT_READ, MAP_SHARED, fd, 0);
	check(stats != MAP_FAILED, "cannot map %s", path);
	close(fd);
	check(!memcmp(stats->magic, NET_STATS_MAGIC, 8) && !strcmp(stats->device, g->dev),
	      "the page of another?");
	return stats;
}

uint64_t net_stats_sum(const struct net_stats *stats, bool tx, const char *name)
{
	uint64_t all = 0;

	for (unsigned int i = 0; i < (tx ? stats->max_tx : stats->max_rx); i++) {
		if (strcmp(tx ? stats->tx_name[i] : stats->rx_name[i], name) != 0)
			continue;
		for (unsigned int q = 0; q < stats->nr_slots; q++)
			all += tx ? stats->slot[q].tx[i] : stats->slot[q].rx[i];
		return all;
	}
	check(false, "no counter %s of %s", name, tx ? "tx" : "rx");
	return 0;
}

uint64_t net_guest_tap_count(const struct net_guest *g, const char *name)
{
	char path[128], text[32] = "";
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/%s", g->tap, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	check(fd >= 0, "%s is not there", path);
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	check(got > 0, "%s is empty", path);
	return strtoull(text, NULL, 10);
}
