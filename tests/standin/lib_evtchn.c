// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libxenevtchn of the stand-in, and events as such.
 *
 * A program may read ports from the descriptor and write ports to it (that
 * unmasks them), as with /dev/xen/evtchn. Reading needs nothing of ours, it is a
 * stream of ports; write() to such a descriptor is caught here.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <xenctrl.h> /* first: it makes the types the other goes without */
#include <xenevtchn.h>

#include "event.h"
#include "lib.h"

#define MAX_FDS 65536
#define SINK_CACHE 4096 /* handles are numbered from 1, few at a time */

struct events {
	struct rpc_link *link;
	int fd;
	int own_sink;
	pthread_mutex_t lock; /* of the cache below */
	struct {
		uint32_t handle;
		int fd;
	} sinks[SINK_CACHE];
};

struct xenevtchn_handle {
	struct events *e;
};

/* Which descriptors are ours; a table, as write() must not be slowed down. */
static _Atomic(struct events *) by_fd[MAX_FDS];

static int fetch_sink(struct rpc_link *l, uint32_t handle, int *ret)
{
	struct rpc r = { .op = RPC_SINK, .a = handle };

	return rpc_call(l, &r, ret);
}

int events_open(uint16_t domid, struct events **ret)
{
	struct events *e = calloc(1, sizeof(*e));
	int err;

	if (!e)
		return -ENOMEM;
	err = rpc_open_as(domid, 1, &e->link, &e->fd);
	if (err)
		goto err_free;
	err = fetch_sink(e->link, rpc_handle(e->link), &e->own_sink);
	if (err)
		goto err_close;
	pthread_mutex_init(&e->lock, NULL);
	if (e->fd < MAX_FDS)
		atomic_store(&by_fd[e->fd], e);
	*ret = e;
	return 0;

err_close:
	close(e->fd);
	rpc_close(e->link);
err_free:
	free(e);
	return err;
}

void events_close(struct events *e)
{
	if (e->fd < MAX_FDS)
		atomic_store(&by_fd[e->fd], NULL);
	for (unsigned int i = 0; i < SINK_CACHE; i++)
		if (e->sinks[i].handle)
			close(e->sinks[i].fd);
	close(e->own_sink);
	close(e->fd);
	rpc_close(e->link);
	pthread_mutex_destroy(&e->lock);
	free(e);
}

int events_fd(const struct events *e)
{
	return e->fd;
}

struct rpc_link *events_link(struct events *e)
{
	return e->link;
}

static int port_call(struct events *e, enum rpc_op op, uint16_t domid, uint32_t a, uint32_t *ret)
{
	struct rpc r = { .op = op, .domid = domid, .a = a };
	int err = rpc_call(e->link, &r, NULL);

	if (!err && ret)
		*ret = r.a;
	return err;
}

int events_alloc(struct events *e, uint16_t remote, uint32_t *ret)
{
	return port_call(e, RPC_PORT_ALLOC, remote, 0, ret);
}

int events_bind(struct events *e, uint16_t domid, uint32_t remote, uint32_t *ret)
{
	return port_call(e, RPC_PORT_BIND, domid, remote, ret);
}

int events_virq(struct events *e, uint32_t virq, uint32_t *ret)
{
	return port_call(e, RPC_PORT_VIRQ, 0, virq, ret);
}

int events_unbind(struct events *e, uint32_t port)
{
	return port_call(e, RPC_PORT_CLOSE, 0, port, NULL);
}

int events_restrict(struct events *e, uint16_t domid)
{
	return port_call(e, RPC_PORT_RESTRICT, domid, 0, NULL);
}

/* Under the lock. A handle's number is never used again, its place here may be. */
static int sink_of(struct events *e, uint32_t handle)
{
	unsigned int i = handle % SINK_CACHE;
	int fd;

	if (e->sinks[i].handle == handle)
		return e->sinks[i].fd;
	if (fetch_sink(e->link, handle, &fd) != 0)
		return -1;
	if (e->sinks[i].handle)
		close(e->sinks[i].fd);
	e->sinks[i].handle = handle;
	e->sinks[i].fd = fd;
	return fd;
}

static struct standin_port *own_port(struct events *e, uint32_t port)
{
	struct standin_domain *own = link_domain(e->link, rpc_domid(e->link));

	if (!own || port == 0 || port >= STANDIN_PORTS ||
	    atomic_load(&own->ports[port].sink) != rpc_handle(e->link))
		return NULL;
	return &own->ports[port];
}

static void raise_far(struct events *e, uint32_t peer)
{
	struct standin_domain *far = link_domain(e->link, peer_domid(peer));
	struct standin_port *p;
	int sink;

	if (!far)
		return;
	p = &far->ports[peer_port(peer)];
	if (!event_raise(p))
		return;
	sink = sink_of(e, atomic_load(&p->sink));
	if (sink >= 0)
		event_deliver(sink, peer_port(peer));
	atomic_fetch_add_explicit(&lib_world()->deliveries, 1, memory_order_relaxed);
}

int events_notify(struct events *e, uint32_t port)
{
	struct standin_port *p;
	int err = 0;

	pthread_mutex_lock(&e->lock);
	p = own_port(e, port);
	if (!p)
		err = -EINVAL;
	else if (atomic_load(&p->state) == PORT_INTERDOMAIN)
		raise_far(e, atomic_load(&p->peer));
	pthread_mutex_unlock(&e->lock);
	atomic_fetch_add_explicit(&lib_world()->notifies, 1, memory_order_relaxed);
	return err;
}

/*
 * A port that is none of ours (any more) is passed over, as the device does: who has closed
 * one may still read an event of it, and unmask that.
 */
int events_unmask(struct events *e, uint32_t port)
{
	struct standin_port *p;

	pthread_mutex_lock(&e->lock);
	p = own_port(e, port);
	if (p && event_unmask(p))
		event_deliver(e->own_sink, port);
	pthread_mutex_unlock(&e->lock);
	return 0;
}

/* As the device does: whole ports. */
static ssize_t write_ports(struct events *e, const void *buf, size_t count)
{
	const uint32_t *ports = buf;

	for (size_t i = 0; i < count / sizeof(*ports); i++)
		events_unmask(e, ports[i]);
	return (ssize_t)(count & ~(sizeof(*ports) - 1));
}

ssize_t write(int fd, const void *buf, size_t count)
{
	struct events *e = fd >= 0 && fd < MAX_FDS ? atomic_load(&by_fd[fd]) : NULL;

	return e ? write_ports(e, buf, count) : syscall(SYS_write, fd, buf, count);
}

/* libxenevtchn: -1 and errno */

static int with_errno(int err)
{
	if (!err)
		return 0;
	errno = -err;
	return -1;
}

xenevtchn_handle *xenevtchn_open(struct xentoollog_logger *logger, unsigned int flags)
{
	struct xenevtchn_handle *h = calloc(1, sizeof(*h));
	const char *domid = getenv("STANDIN_DOMID");

	(void)logger;
	(void)flags;
	if (!h || with_errno(events_open(domid ? (uint16_t)atoi(domid) : 0, &h->e))) {
		free(h);
		return NULL;
	}
	return h;
}

xenevtchn_handle *xenevtchn_fdopen(struct xentoollog_logger *logger, int fd, unsigned int flags)
{
	(void)logger;
	(void)fd;
	(void)flags;
	errno = ENOSYS;
	return NULL;
}

int xenevtchn_close(xenevtchn_handle *xce)
{
	if (!xce)
		return 0;
	events_close(xce->e);
	free(xce);
	return 0;
}

int xenevtchn_fd(xenevtchn_handle *xce)
{
	return events_fd(xce->e);
}

int xenevtchn_restrict(xenevtchn_handle *xce, domid_t domid)
{
	return with_errno(events_restrict(xce->e, domid));
}

int xenevtchn_notify(xenevtchn_handle *xce, evtchn_port_t port)
{
	return with_errno(events_notify(xce->e, port));
}

static xenevtchn_port_or_error_t port_or_error(int err, const uint32_t *port)
{
	return with_errno(err) ? -1 : (xenevtchn_port_or_error_t)*port;
}

xenevtchn_port_or_error_t xenevtchn_bind_unbound_port(xenevtchn_handle *xce, uint32_t domid)
{
	uint32_t port;

	return port_or_error(events_alloc(xce->e, (uint16_t)domid, &port), &port);
}

xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *xce, uint32_t domid,
						     evtchn_port_t remote_port)
{
	uint32_t port;

	return port_or_error(events_bind(xce->e, (uint16_t)domid, remote_port, &port), &port);
}

xenevtchn_port_or_error_t xenevtchn_bind_virq(xenevtchn_handle *xce, unsigned int virq)
{
	uint32_t port;

	return port_or_error(events_virq(xce->e, virq, &port), &port);
}

int xenevtchn_unbind(xenevtchn_handle *xce, evtchn_port_t port)
{
	return with_errno(events_unbind(xce->e, port));
}

xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *xce)
{
	uint32_t port;

	return read(xce->e->fd, &port, sizeof(port)) == sizeof(port) ? (int)port : -1;
}

int xenevtchn_unmask(xenevtchn_handle *xce, evtchn_port_t port)
{
	return with_errno(events_unmask(xce->e, port));
}
