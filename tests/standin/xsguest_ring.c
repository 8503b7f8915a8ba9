// SPDX-License-Identifier: GPL-2.0-or-later
/* The guest's end of its XenStore ring. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "xsguest.h"

struct ring {
	struct guest *guest;
	struct guest_events *events;
	uint32_t port;
	struct xenstore_domain_interface *shared;
	struct outgoing out;
	struct incoming in;
};

int outgoing_add(struct outgoing *o, const void *data, size_t len)
{
	if (o->len + len > o->size) {
		size_t size = (o->len + len) * 2;
		char *bigger = realloc(o->data, size);

		if (!bigger)
			return -ENOMEM;
		o->data = bigger;
		o->size = size;
	}
	memcpy(o->data + o->len, data, len);
	o->len += len;
	return 0;
}

void outgoing_drop(struct outgoing *o, size_t len)
{
	o->len -= len;
	memmove(o->data, o->data + len, o->len);
}

bool incoming_bad(const struct incoming *in)
{
	return in->done >= sizeof(in->msg.head) && in->msg.head.len > XENSTORE_PAYLOAD_MAX;
}

size_t incoming_missing(const struct incoming *in)
{
	if (in->done < sizeof(in->msg.head))
		return sizeof(in->msg.head) - in->done;
	return sizeof(in->msg.head) + in->msg.head.len - in->done;
}

/* A page and a port for domain 0. */
static int offer(struct ring *r, uint32_t gref, void **ret_page, uint32_t *ret_frame,
		 uint32_t *ret_port)
{
	void *page = guest_pages_alloc(r->guest, 1);

	if (!page)
		return -ENOMEM;
	guest_grant_at(r->guest, gref, 0, page, false);
	*ret_page = page;
	*ret_frame = guest_frame(r->guest, page);
	return guest_port_alloc(r->events, 0, ret_port);
}

int ring_open(uint16_t domid, struct ring **ret, struct ring_place *ret_place)
{
	struct ring *r = calloc(1, sizeof(*r));
	void *store, *console;
	int err;

	if (!r)
		return -ENOMEM;
	err = guest_open(domid, &r->guest);
	if (err)
		goto err_free;
	err = guest_events_open(r->guest, &r->events);
	if (err)
		goto err_close;
	err = offer(r, GNTTAB_RESERVED_XENSTORE, &store, &ret_place->frame, &ret_place->port);
	if (!err)
		err = offer(r, GNTTAB_RESERVED_CONSOLE, &console, &ret_place->console_frame,
			    &ret_place->console_port);
	if (err)
		goto err_events;
	r->shared = store;
	r->port = ret_place->port;
	*ret = r;
	return 0;

err_events:
	guest_events_close(r->events);
err_close:
	guest_close(r->guest);
err_free:
	free(r);
	return err;
}

int ring_fd(const struct ring *r)
{
	return guest_events_fd(r->events);
}

void ring_acknowledge(struct ring *r)
{
	uint32_t ports[4];

	guest_events_take(r->events, ports, 4);
}

/* One piece, up to the ring's end, of what waits. Returns false when nothing moves. */
static bool put_piece(struct ring *r)
{
	struct xenstore_domain_interface *s = r->shared;
	uint32_t prod = s->req_prod, at = MASK_XENSTORE_IDX(prod);
	size_t room = XENSTORE_RING_SIZE - (prod - __atomic_load_n(&s->req_cons, __ATOMIC_ACQUIRE));
	size_t len = XENSTORE_RING_SIZE - at;

	if (len > room)
		len = room;
	if (len > r->out.len)
		len = r->out.len;
	if (len == 0)
		return false;
	memcpy(s->req + at, r->out.data, len);
	/* Pairs with the daemon's barrier between index and bytes. */
	__atomic_store_n(&s->req_prod, prod + (uint32_t)len, __ATOMIC_RELEASE);
	outgoing_drop(&r->out, len);
	return true;
}

static void flush(struct ring *r)
{
	bool moved = false;

	while (put_piece(r))
		moved = true;
	if (moved)
		guest_notify(r->events, r->port);
}

int ring_send(struct ring *r, const struct message *m)
{
	int err = outgoing_add(&r->out, m, sizeof(m->head) + m->head.len);

	if (!err)
		flush(r);
	return err;
}

static bool get_piece(struct ring *r)
{
	struct xenstore_domain_interface *s = r->shared;
	uint32_t cons = s->rsp_cons, at = MASK_XENSTORE_IDX(cons);
	size_t there = __atomic_load_n(&s->rsp_prod, __ATOMIC_ACQUIRE) - cons;
	size_t len = XENSTORE_RING_SIZE - at;

	if (len > there)
		len = there;
	if (len > incoming_missing(&r->in))
		len = incoming_missing(&r->in);
	if (len == 0)
		return false;
	memcpy((char *)&r->in.msg + r->in.done, s->rsp + at, len);
	r->in.done += len;
	__atomic_store_n(&s->rsp_cons, cons + (uint32_t)len, __ATOMIC_RELEASE);
	return true;
}

bool ring_receive(struct ring *r, struct message *m)
{
	bool moved = false;

	flush(r);
	while (incoming_missing(&r->in) > 0 && !incoming_bad(&r->in) && get_piece(r))
		moved = true;
	/* There may be somebody who waits for room. */
	if (moved)
		guest_notify(r->events, r->port);
	if (incoming_missing(&r->in) > 0)
		return false;
	*m = r->in.msg;
	r->in.done = 0;
	return true;
}
