// SPDX-License-Identifier: GPL-2.0-or-later
#include "store_nbd.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <libnbd.h>

#include "blk_conf.h"

#define SECTOR 512u
#define PAGE 4096u

/* The largest request of a guest. */
#define REQUEST_BYTES (BLK_MAX_INDIRECT * PAGE)

static int dial_unix(const char *path, char *why, size_t size)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(addr.sun_path)) {
		snprintf(why, size, "the socket's path is longer than %zu bytes",
			 sizeof(addr.sun_path) - 1);
		return -EINVAL;
	}
	memcpy(addr.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	err = -errno;
	snprintf(why, size, "cannot connect to %s: %s", path, strerror(-err));
	if (fd >= 0)
		close(fd);
	return err;
}

/*
 * Small requests go out at once; a server that is gone without a word is
 * noticed within half a minute.
 */
static void tune(int fd)
{
	static const struct {
		int level, name, value;
	} options[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 },   { SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 10 }, { IPPROTO_TCP, TCP_KEEPINTVL, 5 },
		{ IPPROTO_TCP, TCP_KEEPCNT, 4 },   { IPPROTO_TCP, TCP_USER_TIMEOUT, 30000 },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof(int));
}

static int dial_address(const struct addrinfo *ai)
{
	int fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC, ai->ai_protocol), err;

	if (fd < 0)
		return -errno;
	tune(fd);
	if (connect(fd, ai->ai_addr, ai->ai_addrlen) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int dial_tcp(const struct target *t, char *why, size_t size)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;
	int fd = -ENOENT, err = getaddrinfo(t->host, t->port, &hints, &list);

	if (err) {
		snprintf(why, size, "cannot resolve host %.60s: %s", t->host, gai_strerror(err));
		return -ENOENT;
	}
	for (const struct addrinfo *ai = list; ai && fd < 0; ai = ai->ai_next)
		fd = dial_address(ai);
	freeaddrinfo(list);
	if (fd < 0)
		snprintf(why, size, "cannot connect to %.60s port %s: %s", t->host, t->port,
			 strerror(-fd));
	return fd;
}

int store_nbd_dial(const struct target *t, int *ret_fd, char *why, size_t why_size)
{
	int fd = t->socket ? dial_unix(t->socket, why, why_size) : dial_tcp(t, why, why_size);

	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}

static int judge(struct nbd_handle *nbd, struct store_info *ret, char *why, size_t size)
{
	int64_t bytes = nbd_get_size(nbd);
	int64_t smallest = nbd_get_block_size(nbd, LIBNBD_SIZE_MINIMUM);
	int64_t largest = nbd_get_block_size(nbd, LIBNBD_SIZE_MAXIMUM);

	if (bytes < (int64_t)SECTOR) {
		snprintf(why, size, "the server says that it has %lld bytes", (long long)bytes);
		return -EINVAL;
	}
	if (smallest > (int64_t)PAGE || (smallest > 0 && (smallest & (smallest - 1)) != 0)) {
		snprintf(why, size,
			 "the server takes no transfers below %lld bytes; 4096 is the "
			 "most that a guest knows",
			 (long long)smallest);
		return -EINVAL;
	}
	if (largest > 0 && largest < (int64_t)REQUEST_BYTES) {
		snprintf(why, size,
			 "the server takes no transfers above %lld bytes; a guest's can "
			 "have %u",
			 (long long)largest, REQUEST_BYTES);
		return -EINVAL;
	}
	ret->sector_size = smallest > (int64_t)SECTOR ? PAGE : SECTOR;
	ret->sectors = (uint64_t)bytes / ret->sector_size * (ret->sector_size / SECTOR);
	ret->readonly = nbd_is_read_only(nbd) == 1;
	ret->flush = nbd_can_flush(nbd) == 1;
	ret->discard = nbd_can_trim(nbd) == 1;
	return 0;
}

static int failed(char *why, size_t size)
{
	int err = nbd_get_errno();

	snprintf(why, size, "%s", nbd_get_error());
	return err > 0 ? -err : -EIO;
}

/* Only asked, not taken into use: a server that serves a single client has not had it then. */
static int ask(struct nbd_handle *nbd, int fd, const char *export, char *why, size_t size)
{
	if (nbd_set_opt_mode(nbd, true) < 0 || nbd_set_export_name(nbd, export) < 0 ||
	    nbd_connect_socket(nbd, fd) < 0)
		return failed(why, size);
	if (nbd_aio_is_negotiating(nbd) && nbd_opt_info(nbd) < 0)
		return failed(why, size);
	return 0;
}

int store_nbd_measure(int fd, const char *export, struct store_info *ret, char *why,
		      size_t why_size)
{
	struct nbd_handle *nbd = nbd_create();
	struct store_info info = { 0 };
	int err = nbd ? ask(nbd, fd, export, why, why_size) : failed(why, why_size);

	if (!err)
		err = judge(nbd, &info, why, why_size);
	if (nbd && nbd_aio_is_negotiating(nbd))
		nbd_opt_abort(nbd);
	nbd_close(nbd);
	if (!err) {
		snprintf(info.export, sizeof(info.export), "%s", export);
		*ret = info;
	}
	return err;
}
