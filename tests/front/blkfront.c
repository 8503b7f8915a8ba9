// SPDX-License-Identifier: GPL-2.0-or-later
/* A block frontend: the way to state 4 and back. What flows then is in blkqueue.c. */
#include "blkfront.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TX_TRIES 50

static int open_queue(struct blkfront *f, struct blkqueue *q)
{
	uint16_t backend = front_backend_domid(f->bus);
	int err;

	q->front = f;
	q->nr_ring_pages = 1u << f->conf.ring_order;
	q->pages = guest_pages_alloc(f->guest, q->nr_ring_pages);
	if (!q->pages)
		return -ENOMEM;
	blkring_init(&q->ring, f->conf.abi, q->pages, q->nr_ring_pages * GUEST_PAGE_SIZE);
	for (unsigned int i = 0; i < q->nr_ring_pages; i++) {
		const uint8_t *page = (uint8_t *)q->pages + i * GUEST_PAGE_SIZE;

		err = guest_grant(f->guest, backend, page, false, &q->refs[i]);
		if (err)
			return err;
	}
	err = guest_events_open(f->guest, &q->events);
	if (err)
		return err;
	return guest_port_alloc(q->events, backend, &q->port);
}

static int open_pool(struct blkfront *f)
{
	uint16_t backend = front_backend_domid(f->bus);
	uint8_t *data;
	int err = 0;

	f->nr_pages = f->conf.nr_pages;
	if (f->nr_pages == 0)
		f->nr_pages =
			f->nr_queues * f->queues[0].ring.nr_slots * BLKIF_MAX_SEGMENTS_PER_REQUEST;
	f->pages = calloc(f->nr_pages, sizeof(*f->pages));
	data = guest_pages_alloc(f->guest, f->nr_pages);
	if (!f->pages || !data)
		return -ENOMEM;
	for (unsigned int i = 0; i < f->nr_pages && !err; i++) {
		struct blkpage *page = &f->pages[i];

		page->data = data + (size_t)i * GUEST_PAGE_SIZE;
		err = guest_grant(f->guest, backend, page->data, false, &page->rw);
		if (!err)
			err = guest_grant(f->guest, backend, page->data, true, &page->ro);
	}
	return err;
}

static int check_offer(struct blkfront *f)
{
	uint64_t order = 0, queues = 1;
	int err = front_read_backend_u64(f->bus, "max-ring-page-order", 0, &order);

	if (!err)
		err = front_read_backend_u64(f->bus, "multi-queue-max-queues", 1, &queues);
	if (err)
		return err;
	if (f->conf.ring_order > order || f->conf.ring_order > BLKFRONT_ORDER_MAX)
		return -ERANGE;
	return f->nr_queues > queues || f->nr_queues > BLKFRONT_QUEUES_MAX ? -ERANGE : 0;
}

static int say_queue(struct blkfront *f, unsigned int i)
{
	const struct blkqueue *q = &f->queues[i];
	char dir[24] = "", key[48];
	int err = 0;

	if (f->nr_queues > 1)
		snprintf(dir, sizeof(dir), "queue-%u/", i);
	for (unsigned int k = 0; k < q->nr_ring_pages && !err; k++) {
		if (f->conf.ring_order > 0)
			snprintf(key, sizeof(key), "%sring-ref%u", dir, k);
		else
			snprintf(key, sizeof(key), "%sring-ref", dir);
		err = front_write(f->bus, key, "%u", q->refs[k]);
	}
	snprintf(key, sizeof(key), "%sevent-channel", dir);
	return err ? err : front_write(f->bus, key, "%u", q->port);
}

/* What a former life of the device may have left, and we do not say. */
static int forget_keys(struct blkfront *f)
{
	static const char *const keys[] = { "ring-page-order", "multi-queue-num-queues" };
	int err = 0;

	for (unsigned int i = 0; i < sizeof(keys) / sizeof(keys[0]) && !err; i++) {
		err = front_rm(f->bus, keys[i]);
		if (err == -ENOENT)
			err = 0;
	}
	return err;
}

static int say_all(struct blkfront *f)
{
	int err = forget_keys(f);

	if (!err && f->conf.ring_order > 0)
		err = front_write(f->bus, "ring-page-order", "%u", f->conf.ring_order);
	if (!err && f->nr_queues > 1)
		err = front_write(f->bus, "multi-queue-num-queues", "%u", f->nr_queues);
	if (!err)
		err = front_write(f->bus, "feature-persistent", "%d", f->conf.persistent);
	for (unsigned int i = 0; i < f->nr_queues && !err; i++)
		err = say_queue(f, i);
	if (!err && f->conf.no_protocol) {
		err = front_rm(f->bus, "protocol");
		return err == -ENOENT ? 0 : err;
	}
	return err ? err
		   : front_write(f->bus, "protocol", "%s", blkabi_layout(f->conf.abi)->protocol);
}

static int say_keys(struct blkfront *f)
{
	int err = -EAGAIN;

	for (int tries = 0; err == -EAGAIN && tries < TX_TRIES; tries++) {
		err = front_tx_begin(f->bus);
		if (err)
			break;
		err = say_all(f);
		if (err) {
			front_tx_end(f->bus);
			break;
		}
		err = front_tx_end(f->bus);
	}
	return err;
}

/* Wait for @state; -ECONNRESET if the backend goes the other way. */
static int await(struct blkfront *f, enum xenbus_state state)
{
	unsigned int other =
		FRONT_STATE(XenbusStateClosing) | FRONT_STATE(XenbusStateClosed) | FRONT_GONE;
	int err = front_wait_backend(f->bus, FRONT_STATE(state) | other, BLKFRONT_PATIENCE_MS);

	if (err)
		return err;
	return front_backend_state(f->bus) == state ? 0 : -ECONNRESET;
}

static int await_initwait(struct blkfront *f)
{
	int err = 0;

	/* A new life of a device that was closed. */
	if (front_backend_state(f->bus) == XenbusStateClosed) {
		err = front_set_state(f->bus, XenbusStateInitialising);
		if (!err)
			err = front_wait_backend(f->bus, FRONT_STATE(XenbusStateInitWait),
						 BLKFRONT_PATIENCE_MS);
	}
	return err ? err : await(f, XenbusStateInitWait);
}

/* A number of the backend's; @err keeps the first error. */
static uint64_t backend_number(struct blkfront *f, const char *key, int *err)
{
	uint64_t value = 0;
	int e = *err ? 0 : front_read_backend_u64(f->bus, key, 0, &value);

	if (e)
		*err = e;
	return value;
}

static int read_disk(struct blkfront *f)
{
	struct blkfront_disk *d = &f->disk;
	int err = 0;

	d->sectors = backend_number(f, "sectors", &err);
	d->sector_size = (uint32_t)backend_number(f, "sector-size", &err);
	d->physical_sector_size = (uint32_t)backend_number(f, "physical-sector-size", &err);
	d->info = (unsigned int)backend_number(f, "info", &err);
	d->flush = backend_number(f, "feature-flush-cache", &err) == 1;
	d->barrier = backend_number(f, "feature-barrier", &err) == 1;
	d->discard = backend_number(f, "feature-discard", &err) == 1;
	d->discard_granularity = (uint32_t)backend_number(f, "discard-granularity", &err);
	d->persistent = backend_number(f, "feature-persistent", &err) == 1;
	d->indirect_segments =
		(unsigned int)backend_number(f, "feature-max-indirect-segments", &err);
	return err;
}

int blkfront_prepare(uint16_t domid, unsigned int devid, const struct blkfront_conf *conf,
		     struct blkfront **ret)
{
	struct blkfront *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return -ENOMEM;
	f->conf = *conf;
	f->nr_queues = conf->nr_queues ? conf->nr_queues : 1;
	err = front_open(domid, "vbd", devid, &f->bus);
	if (err)
		goto err_free;
	f->guest = front_guest(f->bus);
	err = await_initwait(f);
	if (!err)
		err = check_offer(f);
	if (err)
		goto err_free;
	f->queues = calloc(f->nr_queues, sizeof(*f->queues));
	err = f->queues ? 0 : -ENOMEM;
	for (unsigned int i = 0; i < f->nr_queues && !err; i++)
		err = open_queue(f, &f->queues[i]);
	if (!err)
		err = open_pool(f);
	if (!err)
		err = say_keys(f);
	if (err)
		goto err_free;
	*ret = f;
	return 0;

err_free:
	blkfront_abandon(f);
	return err;
}

int blkfront_connect(struct blkfront *f)
{
	int err = front_set_state(f->bus, XenbusStateInitialised);

	if (!err)
		err = await(f, XenbusStateConnected);
	if (!err)
		err = read_disk(f);
	return err ? err : front_set_state(f->bus, XenbusStateConnected);
}

int blkfront_open(uint16_t domid, unsigned int devid, const struct blkfront_conf *conf,
		  struct blkfront **ret)
{
	struct blkfront *f;
	int err = blkfront_prepare(domid, devid, conf, &f);

	if (err)
		return err;
	err = blkfront_connect(f);
	if (err)
		blkfront_abandon(f);
	else
		*ret = f;
	return err;
}

/* All of them, whatever happens on the way. */
static int end_grants(struct blkfront *f)
{
	int err = 0, e;

	for (unsigned int i = 0; i < f->nr_queues; i++) {
		struct blkqueue *q = &f->queues[i];

		for (unsigned int k = 0; k < q->nr_ring_pages; k++) {
			e = guest_grant_end(f->guest, q->refs[k]);
			err = err ? err : e;
		}
		if (!err)
			guest_pages_free(f->guest, q->pages, q->nr_ring_pages);
	}
	for (unsigned int i = 0; i < f->nr_pages; i++) {
		e = guest_grant_end(f->guest, f->pages[i].rw);
		err = err ? err : e;
		e = guest_grant_end(f->guest, f->pages[i].ro);
		err = err ? err : e;
	}
	if (!err && f->nr_pages > 0)
		guest_pages_free(f->guest, f->pages[0].data, f->nr_pages);
	return err;
}

int blkfront_close(struct blkfront *f)
{
	int err = front_set_state(f->bus, XenbusStateClosing), e;
	unsigned int closed = FRONT_STATE(XenbusStateClosed) | FRONT_GONE;

	if (!err)
		err = front_wait_backend(f->bus, FRONT_STATE(XenbusStateClosing) | closed,
					 BLKFRONT_PATIENCE_MS);
	if (!err)
		err = front_set_state(f->bus, XenbusStateClosed);
	if (!err)
		err = front_wait_backend(f->bus, closed, BLKFRONT_PATIENCE_MS);
	e = end_grants(f);
	blkfront_abandon(f);
	return err ? err : e;
}

void blkfront_abandon(struct blkfront *f)
{
	for (unsigned int i = 0; f->queues && i < f->nr_queues; i++)
		if (f->queues[i].events)
			guest_events_close(f->queues[i].events);
	if (f->bus)
		front_close(f->bus);
	free(f->queues);
	free(f->pages);
	free(f);
}
