// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The control ring: a guest sets by it how frames towards it are hashed, and which
 * queue they go to.
 *
 * Theory of operation
 * -------------------
 * It has a thread of its own, which sleeps nearly always: no queue waits for a
 * request, and a guest that floods this ring takes its own worker's time alone. A
 * turn takes what is there, one request after the other, as each may need a grant
 * copy and the next one counts on what the one before has set; every one is
 * answered in the same turn, in order. What has been set is made known to the queues
 * (control.h) before the guest hears of it.
 */
#include "ctrl.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/util.h"
#include "control.h"
#include "ctrl_grefs.h"
#include "ctrl_parse.h"
#include "ring/ring.h"
#include "steer.h"
#include "worker/child.h"
#include "xen/evtchn.h"
#include "xen/gmap.h"
#include "xen/gnttab.h"

struct net_ctrl {
	const struct net_card *card;
	struct evtchn *ec;
	struct gnttab *gt;
	struct gcopy *copy;
	void *page; /* guest-writable; for ring.c alone */
	uint32_t port;
	struct ring ring;
	int stop_fd;
	atomic_bool stop;
	pthread_t thread;
	bool started;
	struct net_hash hash; /* as the guest has set it */
	struct net_steering steering;
	struct ctrl_grefs *grefs;
	uint64_t requests, refused;
	uint8_t fetched[NET_CTRL_FETCH_MAX];
};

static int bind_and_map(struct net_ctrl *c)
{
	const struct net_conf *conf = &c->card->conf;
	uint32_t ref = conf->ctrl_ref;
	int ret = gnttab_map(c->gt, conf->domid, &ref, 1, &c->page);

	if (ret)
		return child_failed(ret, 0, "cannot map the control ring, grant %u of domain %u",
				    ref, conf->domid);
	ret = evtchn_bind_patiently(c->ec, c->card->dev, conf->domid, conf->evtchn_ctrl,
				    CHILD_CONTROL_FD, &c->port);
	if (ret && ret != -ECANCELED)
		child_failed(ret, 0, "cannot bind event channel %u of the control ring",
			     conf->evtchn_ctrl);
	if (ret)
		goto err_page;
	evtchn_restrict(c->ec, conf->domid);
	ret = ring_attach(&c->ring, c->page, XEN_PAGE_SIZE,
			  sizeof(union xen_netif_ctrl_sring_entry));
	if (!ret)
		return 0;
	child_failed(ret, 0, "cannot serve the control ring");
err_page:
	gnttab_unmap(c->gt, c->page, 1);
	return ret;
}

static void close_handles(struct net_ctrl *c)
{
	for (unsigned int i = 0; i < c->card->conf.nr_queues; i++) {
		gmaps_free(c->card->maps[i], c->gt);
		c->card->maps[i] = NULL;
	}
	ctrl_grefs_free(c->grefs);
	gcopy_free(c->copy);
	if (c->gt)
		gnttab_close(c->gt);
	if (c->ec)
		evtchn_close(c->ec);
	if (c->stop_fd >= 0)
		close(c->stop_fd);
}

static int open_handles(struct net_ctrl *c)
{
	int ret;

	c->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ret = c->stop_fd < 0 ? -errno : 0;
	if (!ret)
		ret = evtchn_open(&c->ec);
	if (!ret)
		ret = gnttab_open(&c->gt);
	if (!ret)
		ret = gcopy_new(c->gt, c->card->conf.domid, GCOPY_FROM_GUEST, 1, &c->copy);
	if (!ret)
		ret = ctrl_grefs_new(c->card, c->gt, &c->grefs);
	for (unsigned int i = 0; i < c->card->conf.nr_queues && !ret; i++)
		ret = gmaps_new(c->card->conf.domid, NET_GREFS_MAX, &c->card->maps[i]);
	if (!ret)
		return 0;
	close_handles(c);
	return child_failed(ret, 0, "cannot open what the control ring needs");
}

/* Without it the kernel chooses, which the guest has to bear. */
static void open_steering(struct net_ctrl *c)
{
	const struct net_card *card = c->card;
	int ret;

	c->steering.program = -1;
	if (!card->conf.steer)
		return;
	if (card->conf.sort_queues)
		net_steering_sort(card);
	ret = net_steering_open(&c->steering, card->taps[0], card->steer_fds[0],
				card->steer_fds[1]);
	if (ret) {
		c->steering.program = -1;
		log_info(card->dev, "the kernel chooses the queue of packets, not the guest: %s",
			 strerror(-ret));
		return;
	}
	net_steering_apply(&c->steering, card, &c->hash);
}

int net_ctrl_open(const struct net_card *card, struct net_ctrl **ret_ctrl)
{
	struct net_ctrl *c;
	int ret;

	*ret_ctrl = NULL;
	if (!card->conf.ctrl)
		return 0;
	c = calloc(1, sizeof(*c));
	if (!c)
		return child_failed(-ENOMEM, 0, "no memory for the control ring");
	c->card = card;
	ret = open_handles(c);
	if (ret)
		goto err_free;
	ret = bind_and_map(c);
	if (ret)
		goto err_handles;
	/* A predecessor may have kept what the guest has set. */
	net_control_hash(card->control, &c->hash);
	open_steering(c);
	*ret_ctrl = c;
	return 0;

err_handles:
	close_handles(c);
err_free:
	free(c);
	return ret;
}

static const void *fetch(struct net_ctrl *c, const struct net_ctrl_step *step)
{
	gcopy_reset(c->copy);
	gcopy_add(c->copy, step->gref, 0, c->fetched, step->bytes);
	gcopy_run(c->copy);
	return gcopy_ok(c->copy, 0, 1) ? c->fetched : NULL;
}

static void one_request(struct net_ctrl *c)
{
	struct xen_netif_ctrl_response rsp;
	struct xen_netif_ctrl_request req;
	struct net_ctrl_step step;

	ring_take(&c->ring, &req, sizeof(req));
	if (!net_gref_judge(&req, c->card->conf.nr_queues, &step))
		net_ctrl_judge(&req, &c->hash, &step);
	else if (step.fetch)
		ctrl_grefs_do(c->grefs, &req, &step);
	if (step.fetch)
		net_ctrl_fetched(&req, fetch(c, &step), c->card->conf.nr_queues, &c->hash, &step);
	rsp = (struct xen_netif_ctrl_response){
		.id = req.id, .type = req.type, .status = step.status, .data = step.data
	};
	ring_put(&c->ring, &rsp, sizeof(rsp));
	c->requests++;
	c->refused += step.status != XEN_NETIF_CTRL_STATUS_SUCCESS;
}

/* How many it was, or -EPROTO. */
static int ctrl_turn(struct net_ctrl *c)
{
	struct net_hash before = c->hash;
	uint32_t nr;
	int ret = ring_avail(&c->ring, &nr);

	if (ret || !nr)
		return ret;
	for (uint32_t i = 0; i < nr; i++)
		one_request(c);
	if (memcmp(&before, &c->hash, sizeof(before)) != 0) {
		net_control_set_hash(c->card->control, &c->hash);
		net_steering_apply(&c->steering, c->card, &c->hash);
	}
	if (ring_push(&c->ring))
		evtchn_notify(c->ec, c->port);
	return (int)nr;
}

static void ctrl_sleep(struct net_ctrl *c, bool *masked)
{
	struct pollfd fds[] = {
		{ .fd = evtchn_fd(c->ec), .events = POLLIN },
		{ .fd = c->stop_fd, .events = POLLIN },
	};
	uint32_t port;

	if (ring_arm(&c->ring, 1))
		return;
	if (*masked)
		evtchn_unmask(c->ec, &c->port, 1);
	*masked = false;
	if (poll(fds, ARRAY_SIZE(fds), -1) > 0 && fds[0].revents & POLLIN)
		*masked = evtchn_take(c->ec, &port, 1) > 0;
}

/* The first turn is unconditional, and so is the first notify; see queue_main(). */
static void *ctrl_main(void *arg)
{
	struct net_ctrl *c = arg;
	bool masked = false;
	int ret = 0;

	evtchn_notify(c->ec, c->port);
	while (ret >= 0 && !atomic_load(&c->stop)) {
		ret = ctrl_turn(c);
		if (!ret)
			ctrl_sleep(c, &masked);
	}
	if (ret < 0)
		child_broken(0, "impossible ring indices (control ring)");
	return NULL;
}

int net_ctrl_start(struct net_ctrl *c)
{
	int ret = c ? pthread_create(&c->thread, NULL, ctrl_main, c) : 0;

	if (ret)
		return child_failed(-ret, 0, "cannot start a thread");
	if (c)
		c->started = true;
	return 0;
}

void net_ctrl_stop(struct net_ctrl *c)
{
	if (!c || !c->started)
		return;
	atomic_store(&c->stop, true);
	eventfd_write(c->stop_fd, 1);
	pthread_join(c->thread, NULL);
	c->started = false;
	log_info(c->card->dev, "control requests=%llu refused=%llu",
		 (unsigned long long)c->requests, (unsigned long long)c->refused);
}

void net_ctrl_close(struct net_ctrl *c)
{
	if (!c)
		return;
	net_ctrl_stop(c);
	net_steering_close(&c->steering);
	gnttab_unmap(c->gt, c->page, 1);
	close_handles(c);
	free(c);
}
