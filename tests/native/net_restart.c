// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netbackd stops under traffic: its worker finishes what it has taken and
 * leaves the ring quiet; the next one goes on where it ended. The guest sees a pause:
 * each slot is answered once, each frame is on the wire once. When both are
 * killed instead, the guest's slots are answered once all the same, and a
 * frame may be on the wire twice.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "net_case.h"
#include "toolstack.h"

#define MARKS 1000000u

static atomic_bool over;
static uint8_t seen[MARKS]; /* how often the wire got frame n */
static atomic_uint nr_put;

static void *send_all_the_time(void *arg)
{
	struct net_guest *g = arg;
	static uint8_t buf[FRAME_MAX];
	struct frame_how how = { .kind = FRAME_OURS, .payload = 5000 };
	struct netfront_frame f = { .data = buf, .len = 5014 };

	while (!atomic_load(&over) && !netfront_fault(g->nf)) {
		struct netfront_packet pkt;

		netfront_tx_reap(g->nf);
		while (netfront_tx_room(g->nf) >= 2 && how.mark < MARKS) {
			frame_make(buf, &how);
			if (netfront_send(g->nf, &f, NULL))
				break;
			how.mark++;
			atomic_store(&nr_put, how.mark);
		}
		netfront_tx_push(g->nf);
		while (netfront_rx_next(g->nf, &pkt))
			;
		netfront_rx_post(g->nf);
		netfront_wait(g->nf, 5);
	}
	return NULL;
}

/* Counts marks until nothing has come for @quiet_ms. */
static void listen(int quiet_ms)
{
	static uint8_t buf[FRAME_MAX];
	int len;

	while ((len = wire_receive(&net_wire, frame_guest_mac, buf, sizeof(buf), NULL, quiet_ms)) >
	       0) {
		uint32_t mark;

		check(frame_mark(buf, (size_t)len, &mark), "a frame that is not whole");
		check(mark < MARKS && seen[mark] < 255, "a frame nobody sent");
		seen[mark]++;
	}
}

static void *listen_all_the_time(void *arg)
{
	while (!atomic_load(&over))
		listen(5);
	return arg;
}

static void check_quiet(const struct net_guest *g)
{
	uint32_t tx = g->nf->tx.sring->rsp_prod, rx = g->nf->rx.sring->rsp_prod;

	sleep_ms(50);
	check(g->nf->tx.sring->rsp_prod == tx && g->nf->rx.sring->rsp_prod == rx,
	      "somebody is at the rings after netbackd stopped");
}

static void kill_both(const struct net_guest *g)
{
	pid_t worker = net_guest_worker(g);

	check(worker > 0, "no worker");
	kill(worker, SIGKILL);
	netbackd_kill();
}

static void again(struct net_guest *g, bool by_force)
{
	unsigned int before;

	if (by_force)
		kill_both(g);
	else
		netbackd_stop();
	if (!by_force)
		check_quiet(g);
	check(front_backend_state(g->nf->front) == XenbusStateConnected,
	      "the guest saw a change of state");
	before = atomic_load(&nr_put);
	netbackd_start();
	/* More than a ring is new: the successor serves. */
	for (int64_t end = netfront_now_ms() + PATIENCE_MS; atomic_load(&nr_put) < before + 400;) {
		check(netfront_now_ms() < end, "it does not go on");
		check(!netfront_fault(g->nf), "the backend: %s", netfront_fault(g->nf));
		sleep_ms(1);
	}
}

static void restart(const char *name, bool by_force, unsigned int times)
{
	unsigned int twice = 0, lost = 0, nr;
	pthread_t threads[2];
	struct net_guest g;

	memset(seen, 0, sizeof(seen));
	atomic_store(&nr_put, 0);
	atomic_store(&over, false);
	net_guest_new(&g, name, &netfront_all);
	check(!pthread_create(&threads[0], NULL, send_all_the_time, &g), "no thread");
	check(!pthread_create(&threads[1], NULL, listen_all_the_time, NULL), "no thread");
	for (unsigned int i = 0; i < times; i++) {
		sleep_ms(20 + 7 * i);
		again(&g, by_force);
	}
	atomic_store(&over, true);
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	net_guest_flush(&g);
	listen(50);
	nr = atomic_load(&nr_put);
	for (unsigned int i = 0; i < nr; i++) {
		lost += !seen[i];
		twice += seen[i] > 1;
	}
	check(by_force || !lost, "%u of %u frames did not come", lost, nr);
	check(by_force || !twice, "%u of %u frames came twice", twice, nr);
	/* At most a ring of frames at each death. */
	check(lost + twice <= times * NETFRONT_SLOTS, "%u lost, %u twice", lost, twice);
	check(g.nf->tx.errors == 0, "good frames were refused");
	if (by_force) /* those that were killed have told no counters */
		net_guest_destroy(&g);
	else
		net_guest_end(&g);
}

static void run(void)
{
	restart("stopped", false, 5);
	restart("killed", true, 5);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
