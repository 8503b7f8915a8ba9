// SPDX-License-Identifier: GPL-2.0-or-later
/* The way to the stand-in's hypervisor, and to the memory of domains. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fdpass.h"
#include "lib.h"

#define NR_DOMIDS 0x8000

struct rpc_link {
	int fd;
	uint16_t domid;
	uint32_t handle;
	pthread_mutex_t lock; /* one call at a time */
	struct {
		struct standin_domain *shared;
		int fd;
	} domains[NR_DOMIDS]; /* only what is used is ever touched */
};

static struct standin_world *the_world;

struct standin_world *lib_world(void)
{
	return the_world;
}

static int open_world(const char *dir)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	char path[108];
	int fd = -1, err = 0;

	pthread_mutex_lock(&lock);
	if (the_world)
		goto out;
	snprintf(path, sizeof(path), "%s/world", dir);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		goto out;
	}
	the_world = mmap(NULL, sizeof(*the_world), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (the_world == MAP_FAILED) {
		the_world = NULL;
		err = -errno;
	}
out:
	pthread_mutex_unlock(&lock);
	if (fd >= 0)
		close(fd);
	return err;
}

static int connect_hv(const char *dir, int *ret)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/hv", dir);
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	*ret = fd;
	return 0;
}

int rpc_call(struct rpc_link *l, struct rpc *r, int *fd)
{
	ssize_t len;
	int err;

	pthread_mutex_lock(&l->lock);
	err = fdpass_send(l->fd, r, rpc_size(r), -1);
	if (!err) {
		len = fdpass_recv(l->fd, r, sizeof(*r), fd);
		err = len < 0 ? (int)len : len == 0 ? -EPIPE : r->err;
	}
	pthread_mutex_unlock(&l->lock);
	return err;
}

static int greet(struct rpc_link *l, uint32_t events, int *ret_fd)
{
	struct rpc r = { .op = RPC_HELLO, .domid = l->domid, .b = events };
	int fd = -1, err = rpc_call(l, &r, &fd);

	if (err)
		return err;
	l->handle = r.a;
	if (ret_fd)
		*ret_fd = fd;
	return 0;
}

int rpc_open_as(uint16_t domid, uint32_t events, struct rpc_link **ret, int *ret_fd)
{
	const char *dir = getenv("STANDIN_DIR");
	struct rpc_link *l;
	int err;

	if (!dir)
		return -ENOENT;
	err = open_world(dir);
	if (err)
		return err;
	l = mmap(NULL, sizeof(*l), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (l == MAP_FAILED)
		return -errno;
	pthread_mutex_init(&l->lock, NULL);
	l->domid = domid;
	err = connect_hv(dir, &l->fd);
	if (err)
		goto err_unmap;
	err = greet(l, events, ret_fd);
	if (err)
		goto err_close;
	*ret = l;
	return 0;

err_close:
	close(l->fd);
err_unmap:
	munmap(l, sizeof(*l));
	return err;
}

int rpc_open(uint32_t events, struct rpc_link **ret, int *ret_fd)
{
	const char *domid = getenv("STANDIN_DOMID");

	return rpc_open_as(domid ? (uint16_t)atoi(domid) : 0, events, ret, ret_fd);
}

static void domain_drop(struct rpc_link *l, uint16_t domid)
{
	munmap(l->domains[domid].shared, STANDIN_DOMAIN_SIZE);
	close(l->domains[domid].fd);
	l->domains[domid].shared = NULL;
}

void rpc_close(struct rpc_link *l)
{
	for (unsigned int i = 0; i < NR_DOMIDS; i++)
		if (l->domains[i].shared)
			domain_drop(l, (uint16_t)i);
	close(l->fd);
	pthread_mutex_destroy(&l->lock);
	munmap(l, sizeof(*l));
}

uint16_t rpc_domid(const struct rpc_link *l)
{
	return l->domid;
}

uint32_t rpc_handle(const struct rpc_link *l)
{
	return l->handle;
}

static int domain_get(struct rpc_link *l, uint16_t domid)
{
	struct rpc r = { .op = RPC_DOMAIN, .domid = domid };
	void *shared;
	int fd = -1, err = rpc_call(l, &r, &fd);

	if (err)
		return err;
	shared = mmap(NULL, STANDIN_DOMAIN_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
		      fd, 0);
	if (shared == MAP_FAILED) {
		close(fd);
		return -ENOMEM;
	}
	l->domains[domid].fd = fd;
	l->domains[domid].shared = shared;
	return 0;
}

struct standin_domain *link_domain(struct rpc_link *l, uint16_t domid)
{
	struct standin_domain *d;

	if (domid >= NR_DOMIDS)
		return NULL;
	d = l->domains[domid].shared;
	if (d && !atomic_load(&d->dead))
		return d;
	if (d)
		domain_drop(l, domid);
	return domain_get(l, domid) == 0 ? l->domains[domid].shared : NULL;
}

int link_domain_fd(struct rpc_link *l, uint16_t domid)
{
	return l->domains[domid].fd;
}

void *frames_reserve(unsigned int nr)
{
	void *at = mmap(NULL, (size_t)nr * STANDIN_PAGE, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	/* cppcheck-suppress memleak; the caller has it, and frames_release() */
	return at == MAP_FAILED ? NULL : at;
}

int frame_place(void *at, int fd, uint32_t frame, int prot)
{
	off_t offset =
		(off_t)(offsetof(struct standin_domain, pages) + (size_t)frame * STANDIN_PAGE);

	/* cppcheck-suppress leakReturnValNotUsed; it is at @at */
	return mmap(at, STANDIN_PAGE, prot, MAP_SHARED | MAP_FIXED, fd, offset) == MAP_FAILED
		       ? -errno
		       : 0;
}

void frames_release(void *at, unsigned int nr)
{
	munmap(at, (size_t)nr * STANDIN_PAGE);
}
