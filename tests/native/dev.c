// SPDX-License-Identifier: GPL-2.0-or-later
/* Devices of the state tests, see dev.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dev.h"

#include <xen/io/blkif.h>
#include <xen/io/netif.h>

#define FIRST_XVD 51712 /* xvda; the next are 16 apart */
#define IMAGE_SIZE (1 << 20)

static const struct {
	const char *name, *daemon;
} kinds[NR_KINDS] = { [VBD] = { "vbd", "blkbackd" }, [VIF] = { "vif", "netbackd" } };

const char *kind_name(enum kind kind)
{
	return kinds[kind].name;
}

const char *kind_daemon(enum kind kind)
{
	return kinds[kind].daemon;
}

enum kind kind_argument(int argc, char **argv)
{
	for (int k = 0; k < NR_KINDS; k++)
		if (argc == 2 && strcmp(argv[1], kinds[k].name) == 0)
			return (enum kind)k;
	fail("usage: %s vbd|vif", argv[0]);
}

unsigned int kind_devid(enum kind kind, unsigned int nr)
{
	return kind == VBD ? FIRST_XVD + nr * 16 : nr;
}

uint16_t guest_new(const char *name)
{
	uint16_t domid;

	must(toolstack_domain_create(name, &domid));
	return domid;
}

const char *disk_image(unsigned int nr)
{
	static char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/disk%u", getenv("TMPDIR"), nr);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	check(fd >= 0 && ftruncate(fd, IMAGE_SIZE) == 0, "%s: %s", path, strerror(errno));
	close(fd);
	return path;
}

int attach_as(uint16_t domid, enum kind kind, unsigned int nr, enum toolstack_plug plug)
{
	struct toolstack_vbd vbd = { .devid = kind_devid(VBD, nr), .plug = plug };
	struct toolstack_vif vif = { .handle = nr, .plug = plug };

	if (kind == VIF)
		return toolstack_vif_add(domid, &vif);
	vbd.image = disk_image(domid * 16u + nr);
	return toolstack_vbd_add(domid, &vbd);
}

void attach(uint16_t domid, enum kind kind, unsigned int nr)
{
	must(attach_as(domid, kind, nr, PLUG_OURSELVES));
}

void dev_fresh_rings(struct dev *d)
{
	d->produced = 0;
	if (d->kind == VBD) {
		SHARED_RING_INIT((struct blkif_sring *)d->rings[0]);
	} else {
		SHARED_RING_INIT((struct netif_tx_sring *)d->rings[0]);
		SHARED_RING_INIT((struct netif_rx_sring *)d->rings[1]);
	}
}

void dev_open(struct dev *d, uint16_t domid, enum kind kind, unsigned int nr)
{
	struct guest *g;

	*d = (struct dev){ .kind = kind, .domid = domid, .devid = kind_devid(kind, nr) };
	snprintf(d->name, sizeof(d->name), "%s/%u/%u", kind_name(kind), domid, d->devid);
	snprintf(d->error, sizeof(d->error), "/local/domain/0/error/backend/%s/error", d->name);
	must(front_open(domid, kind_name(kind), d->devid, &d->front));
	g = front_guest(d->front);
	for (int i = 0; i < 2; i++) {
		d->rings[i] = guest_pages_alloc(g, 1);
		check(d->rings[i], "no memory in the guest");
		must(guest_grant(g, 0, d->rings[i], false, &d->grefs[i]));
	}
	d->data = guest_pages_alloc(g, 1);
	must(guest_grant(g, 0, d->data, false, &d->data_gref));
	must(guest_events_open(g, &d->events));
	must(guest_port_alloc(d->events, 0, &d->port));
	dev_fresh_rings(d);
}

void dev_close(struct dev *d)
{
	guest_events_close(d->events);
	front_close(d->front);
}

static int write_keys(struct dev *d)
{
	struct front *f = d->front;
	int err = front_write(f, "event-channel", "%u", d->port);

	if (!err && d->kind == VBD) {
		err = front_write(f, "ring-ref", "%u", d->grefs[0]);
		return err ? err : front_write(f, "protocol", "x86_64-abi");
	}
	if (!err)
		err = front_write(f, "tx-ring-ref", "%u", d->grefs[0]);
	if (!err)
		err = front_write(f, "rx-ring-ref", "%u", d->grefs[1]);
	if (!err)
		err = front_write(f, "request-rx-copy", "1");
	return err ? err : front_write(f, "feature-rx-notify", "1");
}

int dev_write_keys(struct dev *d)
{
	int err;

	do {
		err = front_tx_begin(d->front);
		if (!err)
			err = write_keys(d);
		if (err)
			return err;
		err = front_tx_end(d->front);
	} while (err == -EAGAIN);
	return err;
}

void dev_say(struct dev *d, enum xenbus_state state)
{
	must(front_set_state(d->front, state));
}

void dev_wait_any(struct dev *d, unsigned int mask)
{
	int err = front_wait_backend(d->front, mask, PATIENCE_MS);

	check(err == 0, "%s: backend is in state %d and not in one of 0x%x", d->name,
	      front_backend_state(d->front), mask);
}

void dev_wait(struct dev *d, enum xenbus_state backend)
{
	dev_wait_any(d, FRONT_STATE(backend));
}

void dev_connect(struct dev *d)
{
	dev_fresh_rings(d);
	dev_wait(d, XenbusStateInitWait);
	must(dev_write_keys(d));
	dev_say(d, XenbusStateConnected);
	dev_wait(d, XenbusStateConnected);
}

void dev_reset(struct dev *d)
{
	dev_say(d, XenbusStateClosing);
	dev_wait_any(d, FRONT_STATE(XenbusStateClosing) | FRONT_STATE(XenbusStateClosed));
	dev_say(d, XenbusStateClosed);
	dev_wait(d, XenbusStateClosed);
	dev_wait_unmapped(d);
	dev_say(d, XenbusStateInitialising);
	dev_wait(d, XenbusStateInitWait);
}

static volatile RING_IDX *put_request(struct dev *d)
{
	struct netif_tx_sring *tx = d->rings[0];
	struct blkif_sring *s = d->rings[0];

	if (d->kind == VBD) {
		s->ring[d->produced % 32].req = (struct blkif_request){
			.operation = BLKIF_OP_READ,
			.nr_segments = 1,
			.id = d->produced,
			.seg[0] = { .gref = d->data_gref, .first_sect = 0, .last_sect = 0 },
		};
		return &s->rsp_prod;
	}
	memset(d->data, 0xff, 6); /* to everybody */
	memcpy((char *)d->data + 6, "\x00\x16\x3e\x00\x00\x01\x88\xb5", 8);
	memset((char *)d->data + 14, 0, 46);
	tx->ring[d->produced % 256].req =
		(struct netif_tx_request){ .gref = d->data_gref, .size = 60 };
	return &tx->rsp_prod;
}

bool dev_served(struct dev *d, int timeout_ms)
{
	/* Both kinds of ring begin in the same way. */
	struct blkif_sring *s = d->rings[0];
	volatile RING_IDX *answered = put_request(d);
	int64_t end = now_ms() + timeout_ms;

	d->produced++;
	s->rsp_event = d->produced;
	__atomic_store_n(&s->req_prod, d->produced, __ATOMIC_SEQ_CST);
	must(guest_notify(d->events, d->port));
	while (__atomic_load_n(answered, __ATOMIC_ACQUIRE) != d->produced) {
		int64_t left = end - now_ms();

		if (left <= 0)
			return false;
		guest_events_wait(d->events, left < 20 ? (int)left : 20);
	}
	return true;
}

bool dev_mapped(struct dev *d)
{
	return guest_grant_in_use(front_guest(d->front), d->grefs[0]) ||
	       guest_grant_in_use(front_guest(d->front), d->grefs[1]);
}

static bool is_unmapped(void *ctx)
{
	return !dev_mapped(ctx);
}

void dev_wait_unmapped(struct dev *d)
{
	check(wait_for(is_unmapped, d, PATIENCE_MS), "%s: its ring stays mapped", d->name);
}

void dev_new(struct dev *d, const char *guest, enum kind kind)
{
	uint16_t domid = guest_new(guest);

	attach(domid, kind, 0);
	dev_open(d, domid, kind, 0);
	dev_connect(d);
	check(dev_served(d, PATIENCE_MS), "%s: connected, but no answer", d->name);
}
