// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest that takes nothing for the time of --rx-stall loses its card's carrier, and gets
 * it back with as many slots as a packet needs, and not with fewer; one for which nothing
 * comes keeps it, and so does one that does not tell of its slots. What waits
 * longer than --rx-drain is dropped and counted.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "net_case.h"

#define STALL_MS 250

static const char *const options[] = { "--rx-drain", "60", "--rx-stall", "250", NULL };

static bool carrier(const struct net_guest *g)
{
	char path[96], value = '?';
	int fd;

	snprintf(path, sizeof(path), "/sys/class/net/%s/carrier", g->tap);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	check(fd >= 0 && read(fd, &value, 1) == 1, "%s", path);
	close(fd);
	return value == '1';
}

static bool has_carrier(void *ctx)
{
	return carrier(ctx);
}

static bool has_none(void *ctx)
{
	return !carrier(ctx);
}

/* A frame of two slots for the guest. */
static void call(void)
{
	static uint8_t buf[FRAME_MAX];
	struct frame_how how = { .kind = FRAME_OURS, .from = frame_wire_mac, .payload = 6000 };

	frame_make(buf, &how);
	must(wire_send(&net_wire, NULL, buf, 6014));
}

static void post(struct net_guest *g, unsigned int buffers)
{
	g->nf->rx.target = buffers;
	netfront_rx_post(g->nf);
}

static void gives_up(struct net_guest *g)
{
	int64_t start = netfront_now_ms();

	post(g, 1); /* which is not enough */
	while (carrier(g)) {
		check(netfront_now_ms() - start < PATIENCE_MS, "it keeps its carrier");
		call();
		sleep_ms(10);
	}
	check(netfront_now_ms() - start >= STALL_MS, "no carrier after %lld ms",
	      (long long)(netfront_now_ms() - start));
	sleep_ms(50);
	check(!carrier(g), "the carrier is back without slots");
}

static void comes_back(struct net_guest *g)
{
	post(g, 2);
	check(wait_for(has_carrier, g, PATIENCE_MS), "no carrier with slots enough");
	post(g, NETFRONT_SLOTS);
	net_wait_forwarding(g->tap);
	net_guest_hears(g, 1514);
}

static void run(void)
{
	struct netfront_conf conf = netfront_all;
	struct net_guest g, silent;

	conf.rx_none = true;
	net_guest_new(&g, "deaf", &conf);
	sleep_ms(STALL_MS + 100);
	check(carrier(&g), "nothing came, and its carrier is gone");
	gives_up(&g);
	comes_back(&g);
	/* As often as it likes, also until the next worker comes. */
	netfront_rx_post(g.nf);
	net_guest_disconnect(&g);
	check(net_guest_counter(&g, "rx", "stalls") == 1, "stalls are not counted");
	check(net_guest_counter(&g, "rx", "expired") > 1, "what waited is not counted");
	net_guest_connect(&g, &conf);
	gives_up(&g);
	netfront_rx_post(g.nf);
	net_guest_destroy(&g);

	conf.rx_notify = false;
	net_guest_new(&silent, "silent", &conf);
	for (unsigned int i = 0; i < STALL_MS / 10 + 10; i++) {
		call();
		sleep_ms(10);
	}
	check(!has_none(&silent), "it does not tell of its slots, and its carrier is gone");
	net_guest_destroy(&silent);
}

int main(int argc, char **argv)
{
	netbackd_options = options;
	return net_main(argc, argv, run);
}
