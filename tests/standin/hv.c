// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `standin hv`: the stand-in's hypervisor. See shared.h for how it works
 * together with the library.
 */
#include "hv.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fdpass.h"
#include "tool.h"

/* All ports of a domain fit into it (about 1 KiB of the kernel's each). */
#define SINK_BYTES (8 << 20)

struct standin_world *world;

static struct client *clients;
static uint32_t handles;
static int epoll = -1;

struct client *client_by_handle(uint32_t handle)
{
	struct client *c = clients;

	while (c && c->handle != handle)
		c = c->next;
	return handle ? c : NULL;
}

void clients_forget(const struct dom *d)
{
	for (struct client *c = clients; c; c = c->next)
		if (c->dom == d)
			c->dom = NULL;
}

static void client_gone(struct client *c)
{
	struct client **at = &clients;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	ports_close_all(c);
	grant_unmap_all(c);
	close(c->fd);
	if (c->sink >= 0)
		close(c->sink);
	free(c);
}

/* The two ends of the descriptor that ports are read from; ours is written to. */
static int make_sink(struct client *c, int *ret_fd)
{
	static const int bytes = SINK_BYTES;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
	c->sink = pair[0];
	*ret_fd = pair[1];
	return 0;
}

static int hello(struct client *c, struct rpc *r, int *fd)
{
	struct dom *d = dom_find((uint16_t)r->domid);

	if (!d || c->greeted)
		return d ? -EALREADY : -ESRCH;
	c->dom = d;
	c->greeted = true;
	c->handle = ++handles;
	r->a = c->handle;
	return r->b ? make_sink(c, fd) : 0;
}

static int domain_memory(uint32_t domid, int *fd)
{
	struct dom *d = dom_find((uint16_t)domid);

	if (!d)
		return -ESRCH;
	*fd = fcntl(d->memory, F_DUPFD_CLOEXEC, 0);
	return *fd < 0 ? -errno : 0;
}

static int sink_of(uint32_t handle, int *fd)
{
	struct client *c = client_by_handle(handle);

	if (!c || c->sink < 0)
		return -ESRCH;
	*fd = fcntl(c->sink, F_DUPFD_CLOEXEC, 0);
	return *fd < 0 ? -errno : 0;
}

static int create(struct rpc *r)
{
	uint16_t domid;
	int err = r->domid ? dom_create((uint16_t)r->domid, &domid) : dom_create_any(&domid);

	if (!err)
		r->domid = domid;
	return err;
}

/* Answer in place; lists come back only from those that make one. */
static int serve(struct client *c, struct rpc *r, int *fd)
{
	uint16_t domid = (uint16_t)r->domid;

	if (!c->greeted && r->op != RPC_HELLO)
		return -EPROTO;
	switch ((enum rpc_op)r->op) {
	case RPC_HELLO:
		return hello(c, r, fd);
	case RPC_DOMAIN:
		return domain_memory(domid, fd);
	case RPC_SINK:
		return sink_of(r->a, fd);
	case RPC_PORT_ALLOC:
		return port_alloc(c, domid, &r->a);
	case RPC_PORT_BIND:
		return port_bind(c, domid, r->a, &r->a);
	case RPC_PORT_VIRQ:
		return port_virq(c, r->a, &r->a);
	case RPC_PORT_CLOSE:
		return port_close(c, r->a);
	case RPC_PORT_RESTRICT:
		c->restricted = domid;
		return 0;
	case RPC_PORT_STATUS:
		return port_status(domid, r->a, &r->a, &r->b);
	case RPC_MAP:
		return grant_map(c, r);
	case RPC_UNMAP:
		return grant_unmap(c, r->a);
	case RPC_CREATE:
		return create(r);
	case RPC_DESTROY:
		return dom_destroy(domid);
	case RPC_SHUTDOWN:
		return dom_shutdown(domid, (uint8_t)r->a);
	case RPC_PAUSE:
		return dom_pause(domid, r->a);
	case RPC_INFO:
		dom_info(r);
		return 0;
	}
	return -ENOSYS;
}

static void client_event(struct client *c)
{
	static struct rpc r;
	int fd = -1;

	if (fdpass_recv(c->fd, &r, sizeof(r), NULL) < (ssize_t)offsetof(struct rpc, list) ||
	    r.nr > RPC_LIST_MAX) {
		client_gone(c);
		return;
	}
	r.err = serve(c, &r, &fd);
	if (r.err || (r.op != RPC_MAP && r.op != RPC_INFO))
		r.nr = 0;
	fdpass_send(c->fd, &r, rpc_size(&r), fd);
	if (fd >= 0)
		close(fd);
}

static void accept_client(int listener)
{
	struct client *c = calloc(1, sizeof(*c));
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };

	if (!c)
		return;
	c->sink = -1;
	c->restricted = -1;
	c->fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (c->fd < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &ev) < 0) {
		if (c->fd >= 0)
			close(c->fd);
		free(c);
		return;
	}
	c->next = clients;
	clients = c;
}

static int make_world(const char *dir)
{
	char path[108];
	int fd, err;

	snprintf(path, sizeof(path), "%s/world", dir);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0 || fchmod(fd, 0666) < 0 || ftruncate(fd, sizeof(*world)) < 0) {
		err = -errno;
		goto out;
	}
	world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	err = world == MAP_FAILED ? -errno : 0;
out:
	if (fd >= 0)
		close(fd);
	return err;
}

static int make_listener(const char *dir, int *ret)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct epoll_event ev = { .events = EPOLLIN };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/hv", dir);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 || listen(fd, 128) < 0 || epoll < 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	*ret = fd;
	return 0;
}

static void serve_for_ever(int listener)
{
	struct epoll_event ev;

	/* One event at a time: what it does may end other clients. */
	for (;;) {
		if (epoll_wait(epoll, &ev, 1, -1) != 1)
			continue;
		if (ev.data.ptr)
			client_event(ev.data.ptr);
		else
			accept_client(listener);
	}
}

static void raise_limits(void)
{
	struct rlimit files = { .rlim_cur = 65536, .rlim_max = 65536 };

	setrlimit(RLIMIT_NOFILE, &files);
}

/* In the background from the moment on that it can be called. */
int tool_hv(int argc, char **argv)
{
	const char *dir = getenv("STANDIN_DIR");
	int listener = -1, err;
	uint16_t domid;

	(void)argc;
	(void)argv;
	if (!dir)
		return tool_error("hv: STANDIN_DIR is not set", 0);
	raise_limits();
	umask(0);
	err = make_world(dir);
	if (!err)
		err = dom_create(0, &domid);
	if (!err)
		err = make_listener(dir, &listener);
	if (err)
		return tool_error("hv: cannot open a world", err);
	if (daemon(0, 1) < 0)
		return tool_error("hv: daemon", -errno);
	signal(SIGPIPE, SIG_IGN);
	serve_for_ever(listener);
	return EXIT_SUCCESS;
}
