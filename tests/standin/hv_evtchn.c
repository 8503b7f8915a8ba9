// SPDX-License-Identifier: GPL-2.0-or-later
/* Ports of the stand-in: who owns them and to whom they lead. */
#include <errno.h>

#include "event.h"
#include "hv.h"

#define NR_VIRQS 24

/* Who has bound each; all of them are domain 0's. */
static struct {
	struct client *owner;
	uint32_t port;
} virqs[NR_VIRQS];

static void raise_port(struct dom *d, uint32_t port)
{
	struct standin_port *p = &d->shared->ports[port];
	struct client *owner = client_by_handle(atomic_load(&p->sink));

	if (owner && event_raise(p))
		event_deliver(owner->sink, port);
}

void virq_raise(uint32_t virq)
{
	struct client *owner = virqs[virq].owner;

	if (owner && owner->dom)
		raise_port(owner->dom, virqs[virq].port);
}

/* A fresh port of @c's domain; its state is set last, by the caller. */
static int port_new(struct client *c, uint32_t *ret)
{
	struct standin_port *ports = c->dom ? c->dom->shared->ports : NULL;

	if (!ports || c->sink < 0)
		return ports ? -EBADF : -ESRCH;
	for (uint32_t i = 1; i < STANDIN_PORTS; i++) {
		if (atomic_load(&ports[i].state) != PORT_FREE)
			continue;
		atomic_store(&ports[i].event, 0);
		atomic_store(&ports[i].sink, c->handle);
		*ret = i;
		return 0;
	}
	return -ENOSPC;
}

static void port_set(struct standin_port *p, enum standin_port_state state, uint32_t peer)
{
	atomic_store(&p->peer, peer);
	atomic_store(&p->state, state);
}

int port_alloc(struct client *c, uint16_t remote, uint32_t *ret)
{
	int err;

	if (c->restricted >= 0)
		return -EACCES;
	err = port_new(c, ret);
	if (!err)
		port_set(&c->dom->shared->ports[*ret], PORT_UNBOUND, peer_of(remote, 0));
	return err;
}

int port_bind(struct client *c, uint16_t domid, uint32_t remote, uint32_t *ret)
{
	struct dom *d = dom_find(domid);
	struct standin_port *far;
	uint32_t port;
	int err;

	if (c->restricted >= 0 && c->restricted != domid)
		return -EACCES;
	if (!d || !c->dom)
		return -ESRCH;
	if (remote == 0 || remote >= STANDIN_PORTS)
		return -EINVAL;
	far = &d->shared->ports[remote];
	if (atomic_load(&far->state) != PORT_UNBOUND ||
	    peer_domid(atomic_load(&far->peer)) != c->dom->domid)
		return -EINVAL;
	err = port_new(c, &port);
	if (err)
		return err;
	port_set(&c->dom->shared->ports[port], PORT_INTERDOMAIN, peer_of(domid, remote));
	port_set(far, PORT_INTERDOMAIN, peer_of(c->dom->domid, port));
	raise_port(c->dom, port); /* sends may have been lost while nobody was bound */
	*ret = port;
	return 0;
}

int port_virq(struct client *c, uint32_t virq, uint32_t *ret)
{
	int err;

	if (virq >= NR_VIRQS || c->restricted >= 0)
		return virq >= NR_VIRQS ? -EINVAL : -EACCES;
	if (virqs[virq].owner)
		return -EEXIST;
	err = port_new(c, ret);
	if (err)
		return err;
	port_set(&c->dom->shared->ports[*ret], PORT_VIRQ, virq);
	virqs[virq].owner = c;
	virqs[virq].port = *ret;
	return 0;
}

static void port_free(struct dom *d, uint32_t port)
{
	struct standin_port *p = &d->shared->ports[port];
	uint32_t peer = atomic_load(&p->peer);
	enum standin_port_state state = atomic_load(&p->state);
	struct dom *far;

	atomic_store(&p->state, PORT_FREE);
	atomic_store(&p->sink, 0);
	if (state == PORT_VIRQ)
		virqs[peer].owner = NULL;
	if (state != PORT_INTERDOMAIN)
		return;
	far = dom_find(peer_domid(peer));
	if (far)
		port_set(&far->shared->ports[peer_port(peer)], PORT_UNBOUND, peer_of(d->domid, 0));
}

int port_close(struct client *c, uint32_t port)
{
	if (!c->dom || port >= STANDIN_PORTS ||
	    atomic_load(&c->dom->shared->ports[port].sink) != c->handle)
		return -EINVAL;
	port_free(c->dom, port);
	return 0;
}

void ports_close_all(struct client *c)
{
	for (uint32_t i = 1; c->dom && i < STANDIN_PORTS; i++)
		if (atomic_load(&c->dom->shared->ports[i].sink) == c->handle)
			port_free(c->dom, i);
}

void ports_destroy(struct dom *d)
{
	for (uint32_t i = 1; i < STANDIN_PORTS; i++)
		if (atomic_load(&d->shared->ports[i].state) != PORT_FREE)
			port_free(d, i);
}

int port_status(uint16_t domid, uint32_t port, uint32_t *ret_state, uint32_t *ret_peer)
{
	struct dom *d = dom_find(domid);

	if (!d || port >= STANDIN_PORTS)
		return d ? -EINVAL : -ESRCH;
	*ret_state = atomic_load(&d->shared->ports[port].state);
	*ret_peer = atomic_load(&d->shared->ports[port].peer);
	return 0;
}
