// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What comes for a guest with a limit (rate-rx) in excess of it is dropped, and counted: what
 * gets through is not old, be the frames small or large, and the worker's memory is
 * bounded.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "net_case.h"
#include "toolstack.h"

#define RATE 1000000u /* bytes a second */
#define RATE_TEXT "50000,50000"
/* Without a bound the last ones of the flood were nearly as old as it is long. */
#define FLOOD_MS 700
#define OLD_MS 500
#define BOUND_KIB 12288 /* a stage of 2 MiB, with what a sanitizer notes of it */

static atomic_bool over;

/* Ten times what is let through; the mark says when it was sent. */
static void *talk(void *arg)
{
	static uint8_t buf[FRAME_MAX];
	const uint32_t *len = arg;
	struct frame_how how = { .kind = FRAME_OURS, .from = frame_wire_mac, .payload = *len - 14 };

	while (!atomic_load(&over)) {
		for (uint32_t sent = 0; sent < RATE / 10; sent += *len) {
			how.mark = (uint32_t)netfront_now_ms();
			frame_make(buf, &how);
			must(wire_send(&net_wire, NULL, buf, *len));
		}
		sleep_ms(10);
	}
	return NULL;
}

static void flood(struct net_guest *g, uint32_t len, int ms)
{
	static uint8_t buf[FRAME_MAX];
	int64_t end = netfront_now_ms() + ms;
	struct netfront_packet pkt;
	uint32_t oldest = 0;
	pthread_t talker;

	atomic_store(&over, false);
	check(!pthread_create(&talker, NULL, talk, &len), "no thread");
	while (netfront_now_ms() < end) {
		uint32_t mark, age;

		if (!net_guest_receive(g, &pkt, 20))
			continue;
		netfront_linear(&pkt, buf, sizeof(buf));
		netfront_rx_post(g->nf);
		if (!frame_mark(buf, pkt.len, &mark))
			continue;
		age = (uint32_t)netfront_now_ms() - mark;
		oldest = age > oldest ? age : oldest;
	}
	atomic_store(&over, true);
	pthread_join(talker, NULL);
	printf("frames of %u bytes: up to %u ms old\n", len, oldest);
	check(oldest < OLD_MS, "a frame of %u bytes was %u ms old", len, oldest);
}

static void run(void)
{
	struct net_guest g;
	char path[96];
	long before;

	net_guest_create(&g, "limited");
	snprintf(path, sizeof(path), "/local/domain/0/backend/vif/%u/0/rate-rx", g.domid);
	must(toolstack_write(path, RATE_TEXT));
	net_guest_connect(&g, &netfront_all);
	before = process_kib(net_guest_worker(&g));
	flood(&g, 60000, FLOOD_MS);
	flood(&g, 1514, FLOOD_MS / 2);
	check(process_kib(net_guest_worker(&g)) - before < BOUND_KIB, "%ld KiB more than before",
	      process_kib(net_guest_worker(&g)) - before);
	net_guest_disconnect(&g);
	check(net_guest_counter(&g, "rx", "over_rate") > 0, "what was dropped is not counted");
	net_guest_destroy(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
