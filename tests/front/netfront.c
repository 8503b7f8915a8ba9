// SPDX-License-Identifier: GPL-2.0-or-later
/* A network frontend: its life. See netfront.h. */
#include "netfront.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATIENCE_MS 10000

const struct netfront_conf netfront_all = {
	.sg = true,
	.gso_tcpv4 = true,
	.gso_tcpv6 = true,
	.csum_ipv6 = true,
	.rx_notify = true,
};

int64_t netfront_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

const char *netfront_fault(const struct netfront *nf)
{
	return nf->fault[0] ? nf->fault : NULL;
}

void netfront_blame(struct netfront *nf, const char *fmt, ...)
{
	va_list ap;

	if (nf->fault[0])
		return;
	va_start(ap, fmt);
	vsnprintf(nf->fault, sizeof(nf->fault), fmt, ap);
	va_end(ap);
}

static int grant_pool(struct netfront *nf, bool readonly, uint8_t **ret_pages, uint32_t *grefs)
{
	uint8_t *pages = guest_pages_alloc(nf->guest, NETFRONT_SLOTS);
	int ret;

	if (!pages)
		return -ENOMEM;
	*ret_pages = pages;
	for (unsigned int i = 0; i < NETFRONT_SLOTS; i++) {
		ret = guest_grant(nf->guest, nf->back, pages + (size_t)i * GUEST_PAGE_SIZE,
				  readonly, &grefs[i]);
		if (ret)
			return ret;
	}
	return 0;
}

static void free_pool(struct netfront *nf, uint8_t *pages, const uint32_t *grefs)
{
	if (!pages)
		return;
	for (unsigned int i = 0; i < NETFRONT_SLOTS; i++)
		if (grefs[i])
			guest_grant_end(nf->guest, grefs[i]);
	guest_pages_free(nf->guest, pages, NETFRONT_SLOTS);
}

/* Indices of both rings start where the caller wants, and nobody has asked for an event. */
static void start_ring(uint32_t *indices, uint32_t first)
{
	indices[0] = first;	/* req_prod */
	indices[1] = first + 1; /* req_event */
	indices[2] = first;	/* rsp_prod */
	indices[3] = first + 1; /* rsp_event */
}

static int make_ring(struct netfront *nf, void **ret_sring, uint32_t *ret_gref)
{
	void *page = guest_pages_alloc(nf->guest, 1);

	if (!page)
		return -ENOMEM;
	*ret_sring = page;
	start_ring(page, nf->conf.first_index);
	return guest_grant(nf->guest, nf->back, page, false, ret_gref);
}

static int make_rings(struct netfront *nf)
{
	void *page = NULL;
	int ret = make_ring(nf, &page, &nf->tx.ring_gref);

	nf->tx.sring = page;
	if (ret)
		return ret;
	page = NULL;
	ret = make_ring(nf, &page, &nf->rx.ring_gref);
	nf->rx.sring = page;
	if (ret)
		return ret;
	nf->tx.req_prod = nf->tx.rsp_cons = nf->conf.first_index;
	nf->rx.req_prod = nf->rx.rsp_cons = nf->conf.first_index;
	nf->rx.target = nf->conf.rx_none      ? 0
			: nf->conf.rx_buffers ? nf->conf.rx_buffers
					      : NETFRONT_SLOTS;
	for (unsigned int i = 0; i < NETFRONT_SLOTS; i++)
		nf->tx.free_ids[i] = (uint16_t)(NETFRONT_SLOTS - 1 - i);
	nf->tx.nr_free = NETFRONT_SLOTS;
	return 0;
}

static int make_ports(struct netfront *nf)
{
	int ret = guest_events_open(nf->guest, &nf->events);

	if (ret)
		return ret;
	ret = guest_port_alloc(nf->events, nf->back, &nf->tx_port);
	if (ret)
		return ret;
	nf->rx_port = nf->tx_port;
	if (!nf->conf.one_channel)
		ret = guest_port_alloc(nf->events, nf->back, &nf->rx_port);
	return ret;
}

static int make_queue(struct netfront *nf)
{
	int ret;

	nf->guest = front_guest(nf->front);
	nf->back = front_backend_domid(nf->front);
	if ((ret = make_rings(nf)) || (ret = make_ports(nf)) ||
	    (ret = grant_pool(nf, true, &nf->tx.pages, nf->tx.grefs)))
		return ret;
	return grant_pool(nf, false, &nf->rx.pages, nf->rx.grefs);
}

static int make_ctrl(struct netfront *nf)
{
	void *page = NULL;
	int ret = make_ring(nf, &page, &nf->ctrl.ring_gref);

	nf->ctrl.sring = page;
	if (ret)
		return ret;
	nf->ctrl.req_prod = nf->ctrl.rsp_cons = nf->conf.first_index;
	nf->ctrl.page = guest_pages_alloc(nf->guest, 1);
	if (!nf->ctrl.page)
		return -ENOMEM;
	ret = guest_grant(nf->guest, nf->back, nf->ctrl.page, false, &nf->ctrl.page_gref);
	return ret ? ret : guest_port_alloc(nf->events, nf->back, &nf->ctrl.port);
}

static int make_more(struct netfront *nf)
{
	int ret = 0;

	for (unsigned int i = 0; i + 1 < nf->conf.queues && !ret; i++) {
		struct netfront *queue = calloc(1, sizeof(*queue));

		if (!queue)
			return -ENOMEM;
		nf->more[i] = queue;
		queue->conf = nf->conf;
		queue->front = nf->front;
		ret = make_queue(queue);
	}
	return ret;
}

int netfront_open(uint16_t domid, unsigned int handle, const struct netfront_conf *conf,
		  struct netfront **ret_nf)
{
	struct netfront *nf = calloc(1, sizeof(*nf));
	int ret;

	if (!nf)
		return -ENOMEM;
	nf->conf = *conf;
	ret = front_open(domid, "vif", handle, &nf->front);
	if (ret) {
		free(nf);
		return ret;
	}
	ret = make_queue(nf);
	if (!ret && conf->ctrl)
		ret = make_ctrl(nf);
	if (!ret)
		ret = make_more(nf);
	if (ret)
		netfront_free(nf);
	else
		*ret_nf = nf;
	return ret;
}

static void free_ring(struct netfront *nf, void *sring, uint32_t gref)
{
	if (!sring)
		return;
	/* While it is mapped the page stays the backend's too. */
	if (gref && guest_grant_end(nf->guest, gref))
		return;
	guest_pages_free(nf->guest, sring, 1);
}

static void free_queue(struct netfront *nf)
{
	free_pool(nf, nf->tx.pages, nf->tx.grefs);
	free_pool(nf, nf->rx.pages, nf->rx.grefs);
	free_ring(nf, nf->tx.sring, nf->tx.ring_gref);
	free_ring(nf, nf->rx.sring, nf->rx.ring_gref);
	free_ring(nf, nf->ctrl.sring, nf->ctrl.ring_gref);
	free_ring(nf, nf->ctrl.page, nf->ctrl.page_gref);
	if (nf->events)
		guest_events_close(nf->events);
}

void netfront_free(struct netfront *nf)
{
	for (unsigned int i = 0; i < NETFRONT_QUEUES - 1; i++) {
		if (nf->more[i])
			free_queue(nf->more[i]);
		free(nf->more[i]);
	}
	free_queue(nf);
	front_close(nf->front);
	free(nf);
}

static int write_flag(struct netfront *nf, const char *key, bool on)
{
	return on ? front_write(nf->front, key, "1") : front_rm(nf->front, key);
}

static int write_features(struct netfront *nf)
{
	const struct netfront_conf *c = &nf->conf;
	const struct {
		const char *key;
		bool on;
	} keys[] = {
		{ "request-rx-copy", !c->no_rx_copy },
		{ "feature-rx-notify", c->rx_notify },
		{ "feature-sg", c->sg },
		{ "feature-gso-tcpv4", c->gso_tcpv4 },
		{ "feature-gso-tcpv6", c->gso_tcpv6 },
		{ "feature-no-csum-offload", c->no_csum },
		{ "feature-ipv6-csum-offload", c->csum_ipv6 },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		int ret = write_flag(nf, keys[i].key, keys[i].on);

		if (ret && ret != -ENOENT)
			return ret;
	}
	return 0;
}

/* Keys of an earlier connection would be taken for this one's. */
static int write_or_rm(struct netfront *nf, const char *dir, const char *name, uint32_t value)
{
	char key[64];
	int ret;

	snprintf(key, sizeof(key), "%s%s", dir, name);
	ret = value ? front_write(nf->front, key, "%u", value) : front_rm(nf->front, key);
	return ret == -ENOENT ? 0 : ret;
}

static int write_queue(struct netfront *nf, const char *dir)
{
	bool split = nf->tx_port != nf->rx_port;
	int ret;

	if ((ret = write_or_rm(nf, dir, "tx-ring-ref", nf->tx.ring_gref)) ||
	    (ret = write_or_rm(nf, dir, "rx-ring-ref", nf->rx.ring_gref)) ||
	    (ret = write_or_rm(nf, dir, "event-channel", split ? 0 : nf->tx_port)) ||
	    (ret = write_or_rm(nf, dir, "event-channel-tx", split ? nf->tx_port : 0)))
		return ret;
	return write_or_rm(nf, dir, "event-channel-rx", split ? nf->rx_port : 0);
}

/* A directory for each queue only if there are several (netif.h). */
static int write_transport(struct netfront *nf)
{
	unsigned int nr = nf->conf.queues > 1 ? nf->conf.queues : 1;
	char dir[24] = "";
	int ret = write_or_rm(nf, dir, "multi-queue-num-queues", nr > 1 ? nr : 0);

	if (!ret)
		ret = write_or_rm(nf, dir, "ctrl-ring-ref", nf->ctrl.ring_gref);
	if (!ret)
		ret = write_or_rm(nf, dir, "event-channel-ctrl", nf->ctrl.port);

	for (unsigned int i = 0; i < nr && !ret; i++) {
		if (nr > 1)
			snprintf(dir, sizeof(dir), "queue-%u/", i);
		ret = write_queue(netfront_queue(nf, i), dir);
	}
	return ret;
}

int netfront_publish(struct netfront *nf)
{
	int ret;

	do {
		ret = front_tx_begin(nf->front);
		if (ret)
			return ret;
		ret = write_transport(nf);
		if (!ret)
			ret = write_features(nf);
		if (ret) {
			front_tx_end(nf->front);
			return ret;
		}
		ret = front_tx_end(nf->front);
	} while (ret == -EAGAIN);
	return ret;
}

int netfront_go(struct netfront *nf)
{
	int ret = front_set_state(nf->front, XenbusStateConnected);

	if (ret)
		return ret;
	netfront_rx_post(nf);
	for (unsigned int i = 1; i < nf->conf.queues; i++)
		netfront_rx_post(netfront_queue(nf, i));
	ret = front_wait_backend(nf->front,
				 FRONT_STATE(XenbusStateConnected) |
					 FRONT_STATE(XenbusStateClosing) |
					 FRONT_STATE(XenbusStateClosed) | FRONT_GONE,
				 PATIENCE_MS);
	if (ret)
		return ret;
	return front_backend_state(nf->front) == XenbusStateConnected ? 0 : -ECONNREFUSED;
}

/* A backend that has closed waits for a frontend to begin anew. */
static int begin(struct netfront *nf)
{
	if (front_backend_state(nf->front) != XenbusStateClosed)
		return 0;
	return front_set_state(nf->front, XenbusStateInitialising);
}

int netfront_connect(struct netfront *nf)
{
	int ret = begin(nf);

	if (ret)
		return ret;
	ret = front_wait_backend(nf->front, FRONT_STATE(XenbusStateInitWait), PATIENCE_MS);

	if (!ret)
		ret = netfront_publish(nf);
	return ret ? ret : netfront_go(nf);
}

int netfront_disconnect(struct netfront *nf)
{
	const unsigned int gone = FRONT_STATE(XenbusStateClosed) | FRONT_GONE;
	int ret = front_set_state(nf->front, XenbusStateClosing);

	if (!ret)
		ret = front_wait_backend(nf->front, FRONT_STATE(XenbusStateClosing) | gone,
					 PATIENCE_MS);
	if (!ret)
		ret = front_set_state(nf->front, XenbusStateClosed);
	/* With online = 1 the backend goes on to wait for the next one. */
	if (!ret)
		ret = front_wait_backend(nf->front, FRONT_STATE(XenbusStateInitWait) | gone,
					 PATIENCE_MS);
	return ret;
}

static bool anything_new(const struct netfront *nf)
{
	return __atomic_load_n(&nf->tx.sring->rsp_prod, __ATOMIC_ACQUIRE) != nf->tx.rsp_cons ||
	       __atomic_load_n(&nf->rx.sring->rsp_prod, __ATOMIC_ACQUIRE) != nf->rx.rsp_cons;
}

/* Pairs with the full barrier that the backend has between rsp_prod and rsp_event. */
bool netfront_arm(struct netfront *nf, bool want_tx)
{
	if (want_tx)
		__atomic_store_n(&nf->tx.sring->rsp_event, nf->tx.rsp_cons + 1, __ATOMIC_RELAXED);
	__atomic_store_n(&nf->rx.sring->rsp_event, nf->rx.rsp_cons + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return (want_tx &&
		__atomic_load_n(&nf->tx.sring->rsp_prod, __ATOMIC_ACQUIRE) != nf->tx.rsp_cons) ||
	       __atomic_load_n(&nf->rx.sring->rsp_prod, __ATOMIC_ACQUIRE) != nf->rx.rsp_cons;
}

void netfront_woken(struct netfront *nf)
{
	uint32_t ports[4];

	while (guest_events_take(nf->events, ports, 4) == 4)
		;
}

int netfront_wait(struct netfront *nf, int timeout_ms)
{
	int64_t end = netfront_now_ms() + timeout_ms;
	struct pollfd pfd = { .fd = guest_events_fd(nf->events), .events = POLLIN };

	while (!anything_new(nf) && !netfront_arm(nf, true)) {
		int64_t left = end - netfront_now_ms();

		if (left <= 0)
			return 0;
		if (poll(&pfd, 1, (int)left) < 0 && errno != EINTR)
			return -errno;
		netfront_woken(nf);
	}
	return 1;
}
