// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Key rate holds for what a guest sends, rate-rx for what it gets: within 10 %, for
 * all queues together, as small frames and as large ones, and over a restart; both
 * change while the guest runs, and a wrong value changes nothing and is told. Who
 * waits for its limit costs no time.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "net_case.h"
#include "toolstack.h"

#define RATE 8000000u /* bytes a second */
#define RATE_TEXT "800000,100000"
#define MS 200 /* of measuring */

static atomic_bool over;
static atomic_ullong heard; /* bytes that the wire got */

static void set_key(const struct net_guest *g, const char *key, const char *value)
{
	char path[96];

	snprintf(path, sizeof(path), "/local/domain/0/backend/vif/%u/0/%s", g->domid, key);
	must(toolstack_write(path, value));
}

static void *listen(void *arg)
{
	static uint8_t buf[FRAME_MAX];

	while (!atomic_load(&over)) {
		int len = wire_receive(&net_wire, frame_guest_mac, buf, sizeof(buf), NULL, 5);

		if (len > 0)
			atomic_fetch_add(&heard, (unsigned int)len);
	}
	return NULL;
}

static void *talk(void *arg)
{
	static uint8_t buf[FRAME_MAX];
	const uint32_t *len = arg;
	struct frame_how how = { .kind = FRAME_OURS, .from = frame_wire_mac, .payload = *len - 14 };

	frame_make(buf, &how);
	while (!atomic_load(&over)) {
		/* 80 MB/s: ten times what is let through */
		for (uint32_t sent = 0; sent < 80000; sent += *len)
			must(wire_send(&net_wire, NULL, buf, *len));
		sleep_ms(1);
	}
	return NULL;
}

/* Queues are all full all the time; how many bytes have been sent or received when @ms are over. */
static void keep_going(struct net_guest *g, uint32_t len, int64_t ms, bool send)
{
	static uint8_t buf[FRAME_MAX];
	struct netfront_frame f = { .data = buf, .len = len };
	struct frame_how how = { .kind = FRAME_OURS, .payload = len - 14 };
	int64_t end = netfront_now_ms() + ms;

	frame_make(buf, &how);
	while (netfront_now_ms() < end) {
		for (unsigned int i = 0; i < g->nf->conf.queues; i++) {
			struct netfront *queue = netfront_queue(g->nf, i);
			struct netfront_packet pkt;

			netfront_tx_reap(queue);
			while (send && !netfront_send(queue, &f, NULL))
				;
			netfront_tx_push(queue);
			while (netfront_rx_next(queue, &pkt))
				;
			netfront_rx_post(queue);
			check(!netfront_fault(queue), "%s", netfront_fault(queue));
		}
		sleep_ms(1);
	}
}

static uint64_t got(const struct net_guest *g)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < g->nf->conf.queues; i++)
		sum += netfront_queue(g->nf, i)->rx.bytes;
	return sum;
}

/* On a machine that is busy with other things a measurement may go wrong; not several. */
#define ATTEMPTS 5

static bool is_right(const char *what, uint32_t len, uint64_t bytes, int64_t ms)
{
	double rate = (double)bytes * 1000 / (double)ms;

	printf("%s, frames of %u bytes: %.0f bytes a second, the limit is %u\n", what, len, rate,
	       RATE);
	return rate > RATE * 0.9 && rate < RATE * 1.1;
}

static long worker_ticks(const struct net_guest *g)
{
	char path[64], line[512];
	long user = 0, kernel = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", net_guest_worker(g));
	f = fopen(path, "re");
	check(f && fgets(line, sizeof(line), f), "%s", path);
	fclose(f);
	check(sscanf(strrchr(line, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld",
		     &user, &kernel) == 2,
	      "%s: %s", path, line);
	return user + kernel;
}

static bool sends_once(struct net_guest *g, uint32_t len)
{
	uint64_t before;
	int64_t start;

	keep_going(g, len, 40, true); /* the burst is used up */
	before = atomic_load(&heard);
	start = netfront_now_ms();
	keep_going(g, len, MS, true);
	return is_right("from the guest", len, atomic_load(&heard) - before,
			netfront_now_ms() - start);
}

static bool receives_once(struct net_guest *g, uint32_t len)
{
	uint64_t before;
	pthread_t talker;
	int64_t start;
	bool right;

	atomic_store(&over, false);
	check(!pthread_create(&talker, NULL, talk, &len), "no thread");
	keep_going(g, 60, 60, false);
	before = got(g);
	start = netfront_now_ms();
	keep_going(g, 60, MS, false);
	right = is_right("to the guest", len, got(g) - before, netfront_now_ms() - start);
	atomic_store(&over, true);
	pthread_join(talker, NULL);
	return right;
}

static void limited(struct net_guest *g, uint32_t len, bool (*once)(struct net_guest *, uint32_t))
{
	for (unsigned int i = 0; i < ATTEMPTS; i++)
		if (once(g, len))
			return;
	check(false, "the limit does not hold for frames of %u bytes", len);
}

static void run(void)
{
	struct netfront_conf conf = netfront_all;
	struct net_guest g;
	pthread_t listener;
	long ticks;

	conf.queues = 2;
	net_guest_create(&g, "limited");
	set_key(&g, "rate", RATE_TEXT);
	net_guest_connect(&g, &conf);
	check(!pthread_create(&listener, NULL, listen, NULL), "no thread");
	limited(&g, 1514, sends_once);
	limited(&g, 60000, sends_once);
	netbackd_stop();
	netbackd_start();
	set_key(&g, "rate", "10MB");
	netbackd_wait_line(g.dev, "key rate is \"10MB\"");
	limited(&g, 9000, sends_once);
	/* It sleeps nearly all of the time; a tick is 10 ms. */
	ticks = worker_ticks(&g);
	keep_going(&g, 1514, MS, true);
	ticks = worker_ticks(&g) - ticks;
	check(ticks * 10 < MS / 2, "%ld ms of computing while it had to wait", ticks * 10);
	atomic_store(&over, true);
	pthread_join(listener, NULL);

	set_key(&g, "rate", "");
	set_key(&g, "rate-rx", RATE_TEXT);
	sleep_ms(20);
	limited(&g, 1514, receives_once);
	limited(&g, 30000, receives_once);
	net_guest_destroy(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
