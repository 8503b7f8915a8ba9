// SPDX-License-Identifier: GPL-2.0-or-later
#include "xentop.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/num.h"
#include "vbd_stats.h"

#define SOCKET_DIR "/var/run/xen"
#define NODE "/local/domain/0/backend/qdisk"
#define OWNER "pvback" /* value of a node that is ours */

/* xentop asks in a new connection each time, and nobody else does. */
#define CLIENTS_MAX 4

/* What libxl can attach to a guest, and a line for each. */
#define DISKS_MAX 256
#define DISK_TEXT_MAX 256

struct xentop {
	struct xenbus *bus;
	uint16_t domid;
	int fd;
	ino_t ino; /* of the socket's file: a QEMU may put its own in its place */
	struct loop_source *src;
	struct client {
		struct xentop *of;
		int fd;
		struct loop_source *src;
	} client[CLIENTS_MAX]; /* of == NULL: free */
};

static int address(uint16_t domid, struct sockaddr_un *addr)
{
	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	return snprintf(addr->sun_path, sizeof(addr->sun_path), SOCKET_DIR "/qmp-libxenstat-%u",
			domid);
}

/* --- answers --- */

static size_t add_disk(char *text, size_t size, const char *dev, bool first)
{
	struct vbd_stats_sums sums;
	int len;

	vbd_stats_sums(dev, &sums);
	/* Without "device": libxenstat would look below the node for what is not there. */
	len = snprintf(text, size,
		       "%s{\"stats\": {\"rd_bytes\": %" PRIu64 ", \"wr_bytes\": %" PRIu64
		       ", \"rd_operations\": %" PRIu64 ", \"wr_operations\": %" PRIu64 "}}",
		       first ? "" : ", ", sums.read_bytes, sums.written_bytes, sums.reads,
		       sums.writes);
	return (size_t)len < size ? (size_t)len : 0;
}

static void answer_stats(const struct xentop *x, int fd)
{
	static char text[DISKS_MAX * DISK_TEXT_MAX];
	size_t len = (size_t)snprintf(text, sizeof(text), "{\"return\": [");
	bool first = true;

	for (const struct xenbus_device *d = xenbus_devices(x->bus); d; d = d->next) {
		if (d->domid != x->domid)
			continue;
		len += add_disk(text + len, sizeof(text) - len - sizeof("]}\r\n"), d->name, first);
		first = false;
	}
	len += (size_t)snprintf(text + len, sizeof(text) - len, "]}\r\n");
	/* What a client does not read is its loss: it shows no numbers then. */
	send(fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void drop_client(struct client *c)
{
	loop_del(c->src);
	close(c->fd);
	*c = (struct client){ 0 };
}

/* What comes before the question, "qmp_capabilities", has had its answer on_connect(). */
static void on_client(void *ctx, uint32_t events)
{
	struct client *c = ctx;
	char text[512];
	ssize_t len = recv(c->fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len <= 0) {
		drop_client(c);
		return;
	}
	text[len] = '\0';
	if (strstr(text, "\"query-blockstats\""))
		answer_stats(c->of, c->fd);
}

static void on_connect(void *ctx, uint32_t events)
{
	static const char fine[] = "{\"return\": {}}\r\n";
	struct xentop *x = ctx;
	int fd = accept4(x->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	/* At once: it is given up after ten milliseconds. */
	if (fd >= 0)
		send(fd, fine, sizeof(fine) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	for (unsigned int i = 0; fd >= 0 && i < CLIENTS_MAX; i++) {
		struct client *c = &x->client[i];

		if (c->of)
			continue;
		*c = (struct client){ .of = x, .fd = fd };
		if (loop_add_fd(xenbus_loop(x->bus), fd, EPOLLIN, on_client, c, &c->src) != 0)
			drop_client(c);
		return;
	}
	if (fd >= 0)
		close(fd);
}

/* --- the socket --- */

/* Does anybody answer there? Not one that a predecessor has left. */
static bool is_taken(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool taken;

	taken = fd >= 0 &&
		(connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) == 0 || errno == EAGAIN);
	if (fd >= 0)
		close(fd);
	return taken;
}

static int listen_at(struct xentop *x)
{
	struct sockaddr_un addr;
	struct stat st;

	address(x->domid, &addr);
	if (is_taken(&addr))
		return -EADDRINUSE;
	mkdir(SOCKET_DIR, 0755);
	unlink(addr.sun_path);
	x->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (x->fd < 0 || bind(x->fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	if (chmod(addr.sun_path, 0600) < 0 || listen(x->fd, CLIENTS_MAX) < 0 ||
	    stat(addr.sun_path, &st) < 0)
		return -errno;
	x->ino = st.st_ino;
	return loop_add_fd(xenbus_loop(x->bus), x->fd, EPOLLIN, on_connect, x, &x->src);
}

/* --- the node --- */

static bool is_ours(struct store *store, uint32_t domid)
{
	char text[16];

	return store_read(store, text, sizeof(text), NODE "/%u", domid) == 0 &&
	       strcmp(text, OWNER) == 0;
}

static void remove_node(struct store *store, uint32_t domid)
{
	unsigned int nr = 0;
	char **names;

	if (!is_ours(store, domid) || store_list(store, &names, &nr, NODE "/%u", domid) != 0)
		return;
	free(names);
	if (nr > 0) /* disks of QEMU's: the toolstack removes it with them */
		return;
	store_rm(store, NODE "/%u", domid);
	if (store_list(store, &names, &nr, NODE) == 0) {
		free(names);
		if (nr == 0)
			store_rm(store, NODE);
	}
}

int xentop_open(struct xenbus *bus, uint16_t domid, struct xentop **ret)
{
	struct store *store = xenbus_store(bus);
	struct xentop *x;
	int err;

	/* xentop runs in domain 0 and looks at its own backends, for guests. */
	if (store_own_domid(store) != 0 || domid == 0)
		return -EOPNOTSUPP;
	x = calloc(1, sizeof(*x));
	if (!x)
		return -ENOMEM;
	x->bus = bus;
	x->domid = domid;
	x->fd = -1;
	err = listen_at(x);
	if (!err && !store_exists(store, NODE "/%u", domid))
		err = store_write(store, OWNER, NODE "/%u", domid);
	if (err) {
		log_debug(NULL, "domain %u: xl top will not show what its disks do: %s", domid,
			  strerror(-err));
		xentop_close(x);
		return err;
	}
	*ret = x;
	return 0;
}

void xentop_close(struct xentop *x)
{
	struct sockaddr_un addr;
	struct stat st;

	if (!x)
		return;
	remove_node(xenbus_store(x->bus), x->domid);
	for (unsigned int i = 0; i < CLIENTS_MAX; i++)
		if (x->client[i].of)
			drop_client(&x->client[i]);
	loop_del(x->src);
	address(x->domid, &addr);
	if (x->ino != 0 && stat(addr.sun_path, &st) == 0 && st.st_ino == x->ino)
		unlink(addr.sun_path);
	if (x->fd >= 0)
		close(x->fd);
	free(x);
}

void xentop_sweep(struct xenbus *bus)
{
	struct store *store = xenbus_store(bus);
	struct sockaddr_un addr;
	unsigned int nr = 0;
	uint32_t domid;
	char **names;

	if (store_own_domid(store) != 0 || store_list(store, &names, &nr, NODE) != 0)
		return;
	for (unsigned int i = 0; i < nr; i++) {
		if (num_u32(names[i], 0, UINT16_MAX, &domid) != 0 || !is_ours(store, domid) ||
		    store_domain_alive(store, (uint16_t)domid))
			continue;
		remove_node(store, domid);
		address((uint16_t)domid, &addr);
		if (!is_taken(&addr))
			unlink(addr.sun_path);
	}
	free(names);
}
