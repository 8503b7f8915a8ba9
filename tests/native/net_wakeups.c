// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 100000 frames each way, at once, and no event is lost: whoever waits for
 * one is woken. With a channel for each direction, and with one for both.
 *
 * The guest sleeps only in poll(), and only when its rings say that there is nothing
 * to do; a second without progress is a lost event. Bursts are of all sizes, so
 * that both sides fall asleep and wake all the time.
 */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>

#include "net_case.h"

#define FRAMES 100000u
#define STALL_MS 5000
#define WIRE_WINDOW 10000u
#define WINDOW 200u /* frames on the way to the guest; the tap keeps 256 */

static atomic_uint wire_got, wire_sent, guest_got;
static atomic_bool failed;

static void make(uint8_t *buf, const uint8_t *from)
{
	const struct frame_how how = { .kind = FRAME_OURS, .from = from, .payload = 46 };

	frame_make(buf, &how);
}

static void *wire_receives(void *arg)
{
	static uint8_t buf[FRAME_MAX];

	while (atomic_load(&wire_got) < FRAMES && !atomic_load(&failed)) {
		int len =
			wire_receive(&net_wire, frame_guest_mac, buf, sizeof(buf), NULL, STALL_MS);

		if (len <= 0)
			atomic_store(&failed, true);
		else
			atomic_fetch_add(&wire_got, 1);
	}
	return arg;
}

static void *wire_sends(void *arg)
{
	unsigned int burst = 1, at = 0;
	uint8_t buf[64];

	make(buf, frame_wire_mac);
	while (atomic_load(&wire_sent) < FRAMES && !atomic_load(&failed)) {
		if (atomic_load(&wire_sent) - atomic_load(&guest_got) + burst > WINDOW) {
			sched_yield();
			continue;
		}
		for (unsigned int i = 0; i < burst && atomic_load(&wire_sent) < FRAMES; i++) {
			if (wire_send(&net_wire, NULL, buf, 60))
				atomic_store(&failed, true);
			atomic_fetch_add(&wire_sent, 1);
		}
		at++;
		burst = at % 7 ? 1 + at % 5 : 1 + at % WINDOW;
	}
	return arg;
}

/* The wire's queue is long, but its thread may be away for long, too. */
static bool wire_keeps_up(unsigned int left)
{
	return FRAMES - left - atomic_load(&wire_got) < WIRE_WINDOW;
}

/* As many as there is room for, in bursts of all sizes. */
static bool send_burst(struct netfront *nf, unsigned int *left)
{
	static unsigned int at;
	static uint8_t buf[64];
	struct netfront_frame f = { .data = buf, .len = 60 };
	unsigned int burst = 1 + at++ % 97, sent = 0;

	if (!buf[0])
		make(buf, NULL);
	netfront_tx_reap(nf);
	while (sent < burst && *left && wire_keeps_up(*left) && !netfront_send(nf, &f, NULL)) {
		sent++;
		(*left)--;
	}
	netfront_tx_push(nf);
	return sent > 0;
}

static bool receive_burst(struct netfront *nf)
{
	struct netfront_packet pkt;
	unsigned int nr = 0;

	while (netfront_rx_next(nf, &pkt)) {
		nr += frame_get16(pkt.parts[0].data + 12) == FRAME_TYPE_OURS;
	}
	netfront_rx_post(nf);
	atomic_fetch_add(&guest_got, nr);
	return nr > 0;
}

static void check_progress(const struct net_guest *g, unsigned int left)
{
	check(!netfront_fault(g->nf), "the backend: %s", netfront_fault(g->nf));
	check(!atomic_load(&failed), "a frame was lost: guest got %u of %u, wire %u of %u",
	      atomic_load(&guest_got), atomic_load(&wire_sent), atomic_load(&wire_got),
	      FRAMES - left);
}

static void carry(struct net_guest *g)
{
	struct netfront *nf = g->nf;
	unsigned int left = FRAMES;

	while (left || atomic_load(&guest_got) < FRAMES || atomic_load(&wire_got) < FRAMES) {
		struct pollfd pfd = { .fd = guest_events_fd(nf->events), .events = POLLIN };
		bool sent = send_burst(nf, &left), got = receive_burst(nf);
		int ready;

		check_progress(g, left);
		if (sent || got || netfront_arm(nf, left > 0))
			continue;
		if (left && !wire_keeps_up(left)) {
			sched_yield();
			continue;
		}
		/* The end may come without an event: the wire got the last. */
		ready = poll(&pfd, 1, left || atomic_load(&guest_got) < FRAMES ? STALL_MS : 1);
		check(ready || !(left || atomic_load(&guest_got) < FRAMES),
		      "no event: %u frames to send, %u of %u received", left,
		      atomic_load(&guest_got), atomic_load(&wire_sent));
		netfront_woken(nf);
	}
}

static void both_ways(const char *name, bool one_channel)
{
	struct netfront_conf conf = netfront_all;
	pthread_t threads[2];
	struct net_guest g;

	atomic_store(&wire_got, 0);
	atomic_store(&wire_sent, 0);
	atomic_store(&guest_got, 0);
	conf.one_channel = one_channel;
	net_guest_new(&g, name, &conf);
	check(!pthread_create(&threads[0], NULL, wire_receives, NULL), "no thread");
	check(!pthread_create(&threads[1], NULL, wire_sends, NULL), "no thread");
	carry(&g);
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	check_progress(&g, 0);
	net_guest_end(&g);
}

static void run(void)
{
	both_ways("split", false);
	both_ways("one", true);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
