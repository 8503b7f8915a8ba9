// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A card whose ring the guest broke is out of service, with a reason in its
 * error node, until the guest's driver begins anew (5, 6, 1, or 1 at once): then it
 * works and the reason is gone. So it is with one whose worker was killed. To connect
 * it in vain, detach it, destroy it, to restart netbackd or kill it, in each
 * order, finds no worker and leaves nothing (XSA-374, XSA-527), whichever of its
 * queues broke; its keys change and its counters are read meanwhile (XSA-526).
 */
#include <dirent.h>
#include <fcntl.h>
#include <net/if.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "net_case.h"
#include "toolstack.h"

static struct net_guest other;
static atomic_bool over;

enum part { TX, RX };

static void break_ring(struct net_guest *g, unsigned int queue, enum part part)
{
	struct netfront *nf = netfront_queue(g->nf, queue);

	if (part == RX)
		nf->rx.sring->req_prod += 1000;
	else
		nf->tx.sring->req_prod += 1000;
	guest_notify(nf->events, part == RX ? nf->rx_port : nf->tx_port);
}

static void connect_with(struct net_guest *g, unsigned int queues)
{
	struct netfront_conf conf = netfront_all;

	conf.queues = queues;
	net_guest_connect(g, &conf);
}

static void check_no_error(const struct net_guest *g)
{
	char path[96], text[256];

	snprintf(path, sizeof(path), "/local/domain/0/error/backend/vif/%u/0/error", g->domid);
	check(toolstack_read(path, text, sizeof(text)), "%s: %s, though it works", g->dev, text);
}

static void check_worker_gone(const struct net_guest *g)
{
	int64_t end = netfront_now_ms() + PATIENCE_MS;

	while (net_guest_worker(g) && netfront_now_ms() < end)
		sleep_ms(2);
	check(!net_guest_worker(g), "%s: a worker is left", g->dev);
}

/* The driver lets go and is there again; @politely: by way of 5 and 6. */
static void begin_anew(struct net_guest *g, unsigned int queues, bool politely)
{
	if (politely)
		must(netfront_disconnect(g->nf));
	else
		must(front_set_state(g->nf->front, XenbusStateInitialising));
	netfront_free(g->nf);
	connect_with(g, queues);
	net_guest_says(g, 60);
	check_no_error(g);
}

/* Not the guest's fault, and the way back is the same. */
static void worker_killed(struct net_guest *g)
{
	char path[96], text[256];

	check(!kill(net_guest_worker(g), SIGKILL), "%s has no worker", g->dev);
	snprintf(path, sizeof(path), "/local/domain/0/backend/vif/%u/0/state", g->domid);
	must(toolstack_wait(path, "5", PATIENCE_MS));
	snprintf(path, sizeof(path), "/local/domain/0/error/backend/vif/%u/0/error", g->domid);
	must(toolstack_read(path, text, sizeof(text)));
	check(strstr(text, "worker"), "%s: error node: %s", g->dev, text);
	begin_anew(g, 2, true);
}

static void comes_back(void)
{
	static const unsigned int queues[] = { 3, 1 };
	struct net_guest g;
	unsigned int round = 0;

	net_guest_create(&g, "comesback");
	connect_with(&g, 1);
	for (size_t i = 0; i < sizeof(queues) / sizeof(queues[0]); i++)
		for (enum part part = TX; part <= RX; part++, round++) {
			unsigned int nr = g.nf->conf.queues ? g.nf->conf.queues : 1;

			break_ring(&g, nr - 1 - round % nr, part);
			net_guest_wait_broken(&g);
			begin_anew(&g, queues[i], round % 3 != 2);
		}
	worker_killed(&g);
	net_guest_says(&other, 60);
	net_guest_destroy(&g);
}

/* Keys that the guest may write at any time; their events come while the next step is done. */
static void scribble(const struct net_guest *g)
{
	static const char *const keys[] = { "request-multicast-control", "feature-sg", "mac",
					    "xdp-headroom" };
	char path[128];

	for (unsigned int i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), "/local/domain/%u/device/vif/0/%s", g->domid,
			 keys[i % (sizeof(keys) / sizeof(keys[0]))]);
		must(toolstack_write(path, i & 4 ? "1" : "0"));
	}
}

/* Counters are read all the time (XSA-526). */
static void *read_stats(void *arg)
{
	static uint8_t page[65536];

	while (!atomic_load(&over)) {
		DIR *dir = opendir("/run/pvback/stats");
		const struct dirent *entry;

		while (dir && (entry = readdir(dir))) {
			int fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC);

			check(fd < 0 || read(fd, page, sizeof(page)) >= -1, "%s", entry->d_name);
			if (fd >= 0)
				close(fd);
		}
		if (dir)
			closedir(dir);
		sleep_ms(1);
	}
	return arg;
}

/* The driver begins anew, with a ring that cannot be mapped. */
static void connect_in_vain(struct net_guest *g)
{
	char path[96], text[256] = "";
	int64_t end = netfront_now_ms() + PATIENCE_MS;

	must(netfront_disconnect(g->nf));
	netfront_free(g->nf);
	must(netfront_open(g->domid, 0, &netfront_all, &g->nf));
	must(front_set_state(g->nf->front, XenbusStateInitialising));
	must(front_wait_backend(g->nf->front, FRONT_STATE(XenbusStateInitWait), PATIENCE_MS));
	must(netfront_publish(g->nf));
	must(front_write(g->nf->front, "rx-ring-ref", "7777777"));
	must(front_set_state(g->nf->front, XenbusStateConnected));
	snprintf(path, sizeof(path), "/local/domain/0/error/backend/vif/%u/0/error", g->domid);
	while (netfront_now_ms() < end && !strstr(text, "cannot map"))
		toolstack_read(path, text, sizeof(text));
	check(strstr(text, "cannot map the rx ring"), "error node: %s", text);
}

static void check_gone(const struct net_guest *g)
{
	int64_t end = netfront_now_ms() + PATIENCE_MS;

	check_worker_gone(g);
	while (if_nametoindex(g->tap) && netfront_now_ms() < end)
		sleep_ms(2);
	check(!if_nametoindex(g->tap), "%s is left", g->tap);
	net_guest_says(&other, 60);
}

/* What an admin or a crash does after the ring broke, letter by letter. */
static void fate(const char *what, unsigned int queues)
{
	struct net_guest g;

	net_guest_create(&g, what);
	connect_with(&g, queues);
	scribble(&g);
	break_ring(&g, queues - 1, TX);
	for (const char *step = what; *step; step++)
		switch (*step) {
		case 'w':
			net_guest_wait_broken(&g);
			break;
		case 'b': /* another of its queues breaks as well */
			break_ring(&g, 0, RX);
			break;
		case 'x':
			connect_in_vain(&g);
			break;
		case 's':
			scribble(&g);
			break;
		case 'd':
			must(toolstack_detach(g.domid, "vif", 0, false));
			break;
		case 'f':
			must(toolstack_detach(g.domid, "vif", 0, true));
			break;
		case 'r':
			netbackd_stop();
			netbackd_start();
			break;
		case 'k':
			netbackd_kill();
			netbackd_start();
			break;
		}
	net_guest_destroy(&g);
	check_gone(&g);
}

static void run(void)
{
	static const char *const fates[] = { "", "wd", "bsd", "sf", "wrd", "wx", "k" };
	pthread_t reading;

	net_guest_new(&other, "other", &netfront_all);
	check(!pthread_create(&reading, NULL, read_stats, NULL), "no thread");
	comes_back();
	for (size_t i = 0; i < sizeof(fates) / sizeof(fates[0]); i++)
		fate(fates[i], 1 + i % 3);
	/* A worker whose netbackd was killed may not have told its counters: no net_guest_end(). */
	net_guest_says(&other, 60);
	net_guest_destroy(&other);
	atomic_store(&over, true);
	pthread_join(reading, NULL);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
