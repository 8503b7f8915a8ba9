/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One queue of a vif and its thread.
 *
 * Theory of operation
 * -------------------
 * The thread alternates between tx and rx turns as long as either finds work,
 * and only then goes to sleep. Events are edge-like: while there is work, a
 * pending port stays taken and masked, and the rings themselves say what there
 * is to do; a loaded queue makes no system call for events. Before sleeping it
 * writes its wishes into the rings, looks once more, and unmasks the ports.
 *
 * Binding a guest's port is exclusive (Xen refuses it while another has it), so
 * holding the channels is the right to touch the rings: they are bound first
 * and closed last.
 */
#include "queue.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/util.h"
#include "rx.h"
#include "stats.h"
#include "tapio.h"
#include "tx.h"
#include "worker/child.h"
#include "xen/evtchn.h"
#include "xen/gnttab.h"

struct net_queue {
	const struct net_card *card;
	const struct net_queue_conf *conf;
	unsigned int number;
	struct evtchn *ec;
	struct gnttab *gt;
	struct tapio *io;
	void *tx_page, *rx_page;   /* guest-writable; for ring.c alone */
	uint32_t tx_port, rx_port; /* local; equal if there is one channel */
	int stop_fd;
	atomic_bool stop;
	pthread_t thread;
	bool started;
	uint32_t masked[2]; /* ports taken and not unmasked */
	unsigned int nr_masked;
	struct net_loop_counters count;
	struct stats_out stats;
	struct net_tx tx;
	struct net_rx rx;
};

#define FOREVER_NS UINT64_MAX

enum { POLL_EVTCHN, POLL_TAP, POLL_STOP, POLL_DIRECT, POLL_NR };

static int bind_port(struct net_queue *q, uint32_t remote, uint32_t *ret_port)
{
	int ret = evtchn_bind_patiently(q->ec, q->card->dev, q->card->conf.domid, remote,
					CHILD_CONTROL_FD, ret_port);

	/* -ECANCELED: we are asked to stop; nothing is amiss. */
	if (ret && ret != -ECANCELED)
		child_failed(ret, 0, "cannot bind event channel %u; does another backend serve it?",
			     remote);
	return ret;
}

static int bind_ports(struct net_queue *q)
{
	const struct net_queue_conf *conf = q->conf;
	int ret = bind_port(q, conf->evtchn_tx, &q->tx_port);

	if (ret)
		return ret;
	q->rx_port = q->tx_port;
	if (conf->evtchn_rx != conf->evtchn_tx)
		ret = bind_port(q, conf->evtchn_rx, &q->rx_port);
	if (!ret)
		evtchn_restrict(q->ec, q->card->conf.domid);
	return ret;
}

static int map_page(struct net_queue *q, uint32_t ref, const char *what, void **ret_page)
{
	uint16_t domid = q->card->conf.domid;
	int ret = gnttab_map(q->gt, domid, &ref, 1, ret_page);

	if (ret)
		child_failed(ret, 0, "cannot map the %s ring, grant %u of domain %u", what, ref,
			     domid);
	return ret;
}

static int attach_rings(struct net_queue *q)
{
	int ret = net_tx_init(&q->tx, q->card, q->tx_page, q->io, q->gt);

	if (ret) {
		child_failed(ret, 0, "cannot serve the tx ring");
		return ret;
	}
	ret = net_rx_init(&q->rx, q->card, q->rx_page, q->io, q->gt);
	/* One queue takes what comes past the tap: flows stay in order. */
	q->rx.direct = q->number ? NULL : q->card->direct;
	if (!ret)
		return 0;
	child_failed(ret, 0, "cannot serve the rx ring");
	net_tx_fini(&q->tx);
	return ret;
}

static int open_xen(struct net_queue *q)
{
	int ret = evtchn_open(&q->ec);

	if (ret) {
		child_failed(ret, 0, "cannot open /dev/xen/evtchn");
		return ret;
	}
	ret = gnttab_open(&q->gt);
	if (!ret)
		return 0;
	child_failed(ret, 0, "cannot open /dev/xen/gntdev");
	evtchn_close(q->ec);
	return ret;
}

/* A host may forbid io_uring (kernel.io_uring_disabled). */
static int open_tap(struct net_queue *q)
{
	int tap = q->card->taps[q->number];
	int ret = tapio_new(tap, true, &q->io);

	if (!ret)
		return 0;
	log_debug(q->card->dev, "no io_uring (%s): a system call for each frame", strerror(-ret));
	ret = tapio_new(tap, false, &q->io);
	if (ret)
		child_failed(ret, 0, "no memory for a queue");
	return ret;
}

static void close_xen(struct net_queue *q)
{
	gnttab_close(q->gt);
	evtchn_close(q->ec);
}

/* The pages are mapped first, but not looked at before the ports are ours. */
static int open_rings(struct net_queue *q)
{
	int ret = map_page(q, q->conf->tx_ref, "tx", &q->tx_page);

	if (ret)
		return ret;
	ret = map_page(q, q->conf->rx_ref, "rx", &q->rx_page);
	if (ret)
		goto err_tx_page;
	ret = bind_ports(q);
	if (!ret)
		ret = attach_rings(q);
	if (!ret)
		return 0;
	gnttab_unmap(q->gt, q->rx_page, 1);
err_tx_page:
	gnttab_unmap(q->gt, q->tx_page, 1);
	return ret;
}

int net_queue_open(const struct net_card *card, unsigned int number, struct net_queue **ret_queue)
{
	struct net_queue *q = calloc(1, sizeof(*q));
	int ret;

	if (!q)
		return child_failed(-ENOMEM, 0, "no memory for a queue");
	q->card = card;
	q->conf = &card->conf.queues[number];
	q->number = number;
	stats_begin(&q->stats, &card->stats->slot[number]);
	q->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (q->stop_fd < 0) {
		ret = child_failed(-errno, 0, "cannot make an eventfd");
		goto err_free;
	}
	ret = open_xen(q);
	if (ret)
		goto err_stop_fd;
	ret = open_tap(q);
	if (ret)
		goto err_xen;
	ret = open_rings(q);
	if (ret)
		goto err_tap;
	*ret_queue = q;
	return 0;

err_tap:
	tapio_free(q->io);
err_xen:
	close_xen(q);
err_stop_fd:
	close(q->stop_fd);
err_free:
	free(q);
	return ret;
}

/*
 * A turn in each direction. Returns whether there was work, or -EPROTO. The
 * guest hears of its tx slots before their frames are written. These writes and
 * the first reads are one call, in that order: what the frames give rise to (a
 * TCP acknowledgement, the next data) is then read already.
 */
static int queue_turn(struct net_queue *q)
{
	bool notify_tx = false, notify_rx = false;
	int tx, rx;

	q->count.turns++;
	tx = net_tx_run(&q->tx, &notify_tx);
	if (notify_tx)
		evtchn_notify(q->ec, q->tx_port);
	tapio_reset(q->io);
	net_tx_forward(&q->tx);
	q->rx.tap_ready |= tx > 0;
	rx = net_rx_run(&q->rx, &notify_rx);
	net_tx_account(&q->tx);
	if (notify_rx)
		evtchn_notify(q->ec, q->rx_port);
	if (tx < 0 || rx < 0)
		return -EPROTO;
	return tx > 0 || rx > 0;
}

static void queue_poll(struct net_queue *q, bool rx_waits)
{
	bool tap = !rx_waits || net_rx_stopped(&q->rx);
	struct pollfd fds[POLL_NR] = {
		[POLL_EVTCHN] = { .fd = evtchn_fd(q->ec), .events = POLLIN },
		[POLL_TAP] = { .fd = tap ? q->card->taps[q->number] : -1, .events = POLLIN },
		[POLL_STOP] = { .fd = q->stop_fd, .events = POLLIN },
		[POLL_DIRECT] = { .fd = net_direct_fd(q->rx.direct), .events = POLLIN },
	};
	uint64_t rx_ns = rx_waits ? net_rx_wait_ns(&q->rx, now_ns()) : FOREVER_NS;
	uint64_t tx_ns = q->tx.limited ? net_tx_wait_ns(&q->tx) : FOREVER_NS;
	uint64_t ns = MIN(rx_ns, tx_ns);
	struct timespec ts = { .tv_sec = (time_t)(ns / NS_PER_SEC),
			       .tv_nsec = (long)(ns % NS_PER_SEC) };
	int ret;

	q->count.sleeps++;
	ret = ppoll(fds, POLL_NR, ns < FOREVER_NS ? &ts : NULL, NULL);
	net_direct_woken(q->rx.direct);
	if (ret <= 0)
		return;
	/* Behind what waits there is probably more. */
	q->rx.tap_ready = rx_waits || fds[POLL_TAP].revents & POLLIN;
	if (fds[POLL_TAP].revents & (POLLERR | POLLNVAL)) {
		child_failed(-ENODEV, 0, "the network device is gone");
		atomic_store(&q->stop, true);
	}
	if (!(fds[POLL_EVTCHN].revents & POLLIN))
		return;
	ret = evtchn_take(q->ec, q->masked + q->nr_masked, ARRAY_SIZE(q->masked) - q->nr_masked);
	if (ret > 0) {
		q->nr_masked += (unsigned int)ret;
		q->count.events += (unsigned int)ret;
	}
}

/*
 * Ask for events, look once more, unmask, sleep. A guest that has to wait for its
 * limit is not to tell us of each packet that it puts behind those that wait.
 */
static void queue_sleep(struct net_queue *q)
{
	bool now = false, rx_waits = net_rx_arm(&q->rx, &now);

	if (now || (!q->tx.limited && ring_arm(&q->tx.ring, 1)) ||
	    (!rx_waits && net_direct_arm(q->rx.direct)))
		return;
	if (q->nr_masked)
		evtchn_unmask(q->ec, q->masked, q->nr_masked);
	q->nr_masked = 0;
	queue_poll(q, rx_waits);
}

/*
 * The first turn is unconditional, as the guest's first events came before
 * there was anyone to hear them; and so is the first notify, as a predecessor
 * may have ended between its answers and the event that tells of them.
 */
static void *queue_main(void *arg)
{
	struct net_queue *q = arg;
	int ret = 0;

	q->rx.tap_ready = true;
	evtchn_notify(q->ec, q->tx_port);
	if (q->rx_port != q->tx_port)
		evtchn_notify(q->ec, q->rx_port);
	while (!atomic_load_explicit(&q->stop, memory_order_relaxed)) {
		ret = queue_turn(q);
		stats_publish(&q->stats, &q->tx.count, &q->rx.count, &q->count);
		if (ret < 0)
			break;
		if (!ret)
			queue_sleep(q);
	}
	if (ret < 0)
		child_broken(0, "impossible ring indices");
	return NULL;
}

int net_queue_start(struct net_queue *q)
{
	int ret;

	gcopy_use_maps(q->tx.copy, q->card->maps[q->number]);
	gcopy_use_maps(q->rx.copy, q->card->maps[q->number]);
	ret = pthread_create(&q->thread, NULL, queue_main, q);

	if (ret)
		return child_failed(-ret, 0, "cannot start a thread");
	q->started = true;
	return 0;
}

static void log_counters(const struct net_queue *q)
{
	char text[STATS_TEXT_MAX], loop[STATS_TEXT_MAX];

	stats_tx_text(&q->tx.count, text);
	log_info(q->card->dev, "tx queue=%u%s", q->number, text);
	stats_rx_text(&q->rx.count, text);
	stats_loop_text(&q->count, loop);
	log_info(q->card->dev, "rx queue=%u%s, loop%s", q->number, text, loop);
}

void net_queue_stop(struct net_queue *q)
{
	atomic_store(&q->stop, true);
	eventfd_write(q->stop_fd, 1);
}

void net_queue_close(struct net_queue *q)
{
	if (q->started) {
		net_queue_stop(q);
		pthread_join(q->thread, NULL);
		log_counters(q);
	}
	net_rx_fini(&q->rx);
	net_tx_fini(&q->tx);
	gnttab_unmap(q->gt, q->rx_page, 1);
	gnttab_unmap(q->gt, q->tx_page, 1);
	tapio_free(q->io);
	/* Before the channels: who binds them next is alone with the tap (steer.c). */
	close(q->card->taps[q->number]);
	close_xen(q);
	close(q->stop_fd);
	free(q);
}
