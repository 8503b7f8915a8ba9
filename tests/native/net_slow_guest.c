// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What comes for a guest that takes a tenth of it is dropped, and counted, before it is
 * old; large frames, as the tap counts frames and not bytes.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "net_case.h"

#define LEN 60000u
#define TAKE_MS 15 /* a frame */
/* Without a bound the last ones of the flood were nearly as old as it is long. */
#define FLOOD_MS 800
#define OLD_MS 500

static atomic_bool over;

/* Ten frames for each that is taken; the mark says when it was sent. */
static void *talk(void *arg)
{
	static uint8_t buf[FRAME_MAX];
	struct frame_how how = { .kind = FRAME_OURS, .from = frame_wire_mac, .payload = LEN - 14 };

	while (!atomic_load(&over)) {
		for (unsigned int i = 0; i < 10; i++) {
			how.mark = (uint32_t)netfront_now_ms();
			frame_make(buf, &how);
			must(wire_send(&net_wire, NULL, buf, LEN));
		}
		sleep_ms(TAKE_MS);
	}
	return arg;
}

static void run(void)
{
	struct netfront_conf conf = netfront_all;
	static uint8_t buf[FRAME_MAX];
	uint32_t oldest = 0, nr = 0;
	struct netfront_packet pkt;
	struct net_guest g;
	pthread_t talker;
	int64_t end;

	conf.rx_buffers = 34; /* two frames */
	net_guest_new(&g, "slow", &conf);
	check(!pthread_create(&talker, NULL, talk, NULL), "no thread");
	end = netfront_now_ms() + FLOOD_MS;
	while (netfront_now_ms() < end) {
		uint32_t mark, age;

		if (!net_guest_receive(&g, &pkt, 20))
			continue;
		netfront_linear(&pkt, buf, sizeof(buf));
		if (frame_mark(buf, pkt.len, &mark)) {
			age = (uint32_t)netfront_now_ms() - mark;
			oldest = age > oldest ? age : oldest;
			nr++;
		}
		sleep_ms(TAKE_MS);
		netfront_rx_post(g.nf);
	}
	atomic_store(&over, true);
	pthread_join(talker, NULL);
	printf("%u frames, up to %u ms old\n", nr, oldest);
	check(nr > FLOOD_MS / TAKE_MS / 4, "only %u frames came", nr);
	check(oldest < OLD_MS, "a frame was %u ms old", oldest);
	g.nf->rx.target = NETFRONT_SLOTS;
	net_guest_works(&g);
	net_guest_disconnect(&g);
	check(net_guest_counter(&g, "rx", "too_slow") > 0, "what was dropped is not counted");
	net_guest_destroy(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
