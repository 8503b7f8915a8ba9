// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h> /* before xs_wire.h, which then has its table of errors */

#include "xsconn.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

/* XenStore answers at once, or a test should know. */
#define ANSWER_PATIENCE_S 20

struct xsconn {
	int fd;
	uint32_t tx;
	uint32_t next_id;
	unsigned int events; /* that have come while an answer was waited for */
	char buf[XENSTORE_PAYLOAD_MAX + 1];
};

static int connect_to(const char *path, struct xsconn **ret)
{
	struct timeval patience = { .tv_sec = ANSWER_PATIENCE_S };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct xsconn *c;
	int err;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		err = -errno;
		xsconn_close(c);
		return err;
	}
	setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	*ret = c;
	return 0;
}

int xsconn_open_dom0(struct xsconn **ret)
{
	const char *dir = getenv("XENSTORED_RUNDIR");
	char path[XSCONN_PATH_MAX];

	snprintf(path, sizeof(path), "%s/socket", dir ? dir : "/run/xenstored");
	return connect_to(path, ret);
}

int xsconn_open_guest(uint16_t domid, struct xsconn **ret)
{
	const char *dir = getenv("STANDIN_DIR");
	char path[XSCONN_PATH_MAX];

	if (!dir)
		return -ENOENT;
	snprintf(path, sizeof(path), "%s/dom%u.xs", dir, domid);
	return connect_to(path, ret);
}

void xsconn_close(struct xsconn *c)
{
	if (!c)
		return;
	if (c->fd >= 0)
		close(c->fd);
	free(c);
}

int xsconn_fd(const struct xsconn *c)
{
	return c->fd;
}

static int send_request(struct xsconn *c, const struct xsd_sockmsg *head, const void *payload)
{
	struct iovec parts[] = {
		{ .iov_base = (void *)head, .iov_len = sizeof(*head) },
		{ .iov_base = (void *)payload, .iov_len = head->len },
	};
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = 2 };
	size_t left = sizeof(*head) + head->len;

	while (left > 0) {
		ssize_t n = sendmsg(c->fd, &msg, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		left -= (size_t)n;
		for (int i = 0; i < 2; i++) {
			size_t done = (size_t)n < parts[i].iov_len ? (size_t)n : parts[i].iov_len;

			parts[i].iov_base = (char *)parts[i].iov_base + done;
			parts[i].iov_len -= done;
			n -= (ssize_t)done;
		}
	}
	return 0;
}

static int receive_all(struct xsconn *c, void *buf, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = recv(c->fd, (char *)buf + done, len - done, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		if (n == 0)
			return -EPIPE;
		done += (size_t)n;
	}
	return 0;
}

/* Into c->buf, with a NUL behind it. */
static int receive_message(struct xsconn *c, struct xsd_sockmsg *head)
{
	int err = receive_all(c, head, sizeof(*head));

	if (err)
		return err;
	if (head->len > XENSTORE_PAYLOAD_MAX)
		return -EPROTO;
	err = receive_all(c, c->buf, head->len);
	c->buf[err ? 0 : head->len] = '\0';
	return err;
}

static int error_number(const char *name)
{
	for (size_t i = 0; i < sizeof(xsd_errors) / sizeof(xsd_errors[0]); i++)
		if (strcmp(xsd_errors[i].errstring, name) == 0)
			return -xsd_errors[i].errnum;
	return -EIO;
}

int xsconn_call(struct xsconn *c, uint32_t op, const void *payload, size_t len, void *answer,
		size_t size, size_t *ret_len)
{
	struct xsd_sockmsg head = {
		.type = op, .req_id = c->next_id++, .tx_id = c->tx, .len = (uint32_t)len
	};
	uint32_t id = head.req_id;
	int err = send_request(c, &head, payload);

	while (!err) {
		err = receive_message(c, &head);
		if (err)
			break;
		if (head.type == XS_WATCH_EVENT) {
			c->events++;
			continue;
		}
		if (head.req_id != id)
			return -EPROTO;
		if (head.type == XS_ERROR)
			return error_number(c->buf);
		if (!answer)
			return 0;
		if (head.len > size)
			return -E2BIG;
		memcpy(answer, c->buf, head.len);
		*ret_len = head.len;
		return 0;
	}
	return err;
}

/* A payload of one path. */
static int call_path(struct xsconn *c, uint32_t op, const char *path)
{
	return xsconn_call(c, op, path, strlen(path) + 1, NULL, 0, NULL);
}

int xsconn_tx_begin(struct xsconn *c)
{
	char id[32];
	size_t len;
	int err = xsconn_call(c, XS_TRANSACTION_START, "", 1, id, sizeof(id) - 1, &len);

	if (err)
		return err;
	id[len] = '\0';
	c->tx = (uint32_t)strtoul(id, NULL, 10);
	return 0;
}

static int tx_finish(struct xsconn *c, const char *how)
{
	int err = xsconn_call(c, XS_TRANSACTION_END, how, 2, NULL, 0, NULL);

	c->tx = 0;
	return err;
}

int xsconn_tx_end(struct xsconn *c)
{
	return tx_finish(c, "T");
}

int xsconn_tx_abort(struct xsconn *c)
{
	return tx_finish(c, "F");
}

int xsconn_read(struct xsconn *c, const char *path, char *buf, size_t size)
{
	char value[XENSTORE_PAYLOAD_MAX];
	size_t len;
	int err = xsconn_call(c, XS_READ, path, strlen(path) + 1, value, sizeof(value), &len);

	if (err)
		return err;
	if (len >= size)
		return -E2BIG;
	if (memchr(value, '\0', len))
		return -EINVAL;
	memcpy(buf, value, len);
	buf[len] = '\0';
	return 0;
}

bool xsconn_exists(struct xsconn *c, const char *path)
{
	return call_path(c, XS_READ, path) == 0;
}

int xsconn_write(struct xsconn *c, const char *path, const void *value, size_t len)
{
	char payload[XENSTORE_PAYLOAD_MAX];
	size_t path_len = strlen(path) + 1;

	if (path_len + len > sizeof(payload))
		return -E2BIG;
	memcpy(payload, path, path_len);
	memcpy(payload + path_len, value, len);
	return xsconn_call(c, XS_WRITE, payload, path_len + len, NULL, 0, NULL);
}

int xsconn_printf(struct xsconn *c, const char *dir, const char *key, const char *fmt, ...)
{
	char path[XSCONN_PATH_MAX], value[1024];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	if (len < 0 || len >= (int)sizeof(value))
		return -E2BIG;
	if (snprintf(path, sizeof(path), "%s/%s", dir, key) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return xsconn_write(c, path, value, (size_t)len);
}

int xsconn_mkdir(struct xsconn *c, const char *path)
{
	return call_path(c, XS_MKDIR, path);
}

int xsconn_rm(struct xsconn *c, const char *path)
{
	return call_path(c, XS_RM, path);
}

int xsconn_list(struct xsconn *c, const char *path, char *buf, size_t size, size_t *ret_len)
{
	return xsconn_call(c, XS_DIRECTORY, path, strlen(path) + 1, buf, size, ret_len);
}

/* Two or three strings, each with its NUL. */
static int call_strings(struct xsconn *c, uint32_t op, const char *a, const char *b,
			const char *third)
{
	const char *const all[] = { a, b, third };
	char payload[XENSTORE_PAYLOAD_MAX];
	size_t len = 0;

	for (int i = 0; i < 3 && all[i]; i++) {
		size_t n = strlen(all[i]) + 1;

		if (len + n > sizeof(payload))
			return -E2BIG;
		memcpy(payload + len, all[i], n);
		len += n;
	}
	return xsconn_call(c, op, payload, len, NULL, 0, NULL);
}

int xsconn_chmod(struct xsconn *c, const char *path, const char *owner, const char *other)
{
	return call_strings(c, XS_SET_PERMS, path, owner, other);
}

int xsconn_watch(struct xsconn *c, const char *path, const char *token)
{
	return call_strings(c, XS_WATCH, path, token, NULL);
}

int xsconn_unwatch(struct xsconn *c, const char *path, const char *token)
{
	return call_strings(c, XS_UNWATCH, path, token, NULL);
}

static bool readable(struct xsconn *c, int timeout_ms)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };

	return poll(&p, 1, timeout_ms) > 0;
}

int xsconn_take(struct xsconn *c, unsigned int *ret_events)
{
	while (readable(c, 0)) {
		struct xsd_sockmsg head;
		int err = receive_message(c, &head);

		if (err)
			return err;
		if (head.type != XS_WATCH_EVENT)
			return -EPROTO; /* nobody has asked anything */
		c->events++;
	}
	*ret_events = c->events;
	c->events = 0;
	return 0;
}

int xsconn_wait(struct xsconn *c, int timeout_ms)
{
	unsigned int events;

	if (!c->events && !readable(c, timeout_ms))
		return -ETIMEDOUT;
	return xsconn_take(c, &events);
}
