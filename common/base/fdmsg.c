// SPDX-License-Identifier: GPL-2.0-or-later
/* One datagram with descriptors. */
#include "base/fdmsg.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	struct cmsghdr hdr;
	char buf[CMSG_SPACE(FDMSG_MAX_FDS * sizeof(int))];
};

int fdmsg_send(int sock, const void *data, size_t len, const int *fds, unsigned int nr_fds)
{
	struct iovec iov = { .iov_base = (void *)data, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	union control control = { 0 };
	ssize_t sent;

	if (nr_fds > FDMSG_MAX_FDS)
		return -EINVAL;
	if (nr_fds > 0) {
		msg.msg_control = control.buf;
		msg.msg_controllen = CMSG_SPACE(nr_fds * sizeof(int));
		control.hdr.cmsg_level = SOL_SOCKET;
		control.hdr.cmsg_type = SCM_RIGHTS;
		control.hdr.cmsg_len = CMSG_LEN(nr_fds * sizeof(int));
		memcpy(CMSG_DATA(&control.hdr), fds, nr_fds * sizeof(int));
	}
	do {
		sent = sendmsg(sock, &msg, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

static unsigned int take_fds(struct msghdr *msg, int *fds)
{
	struct cmsghdr *hdr = CMSG_FIRSTHDR(msg);
	unsigned int nr;

	if (!hdr || hdr->cmsg_level != SOL_SOCKET || hdr->cmsg_type != SCM_RIGHTS)
		return 0;
	nr = (unsigned int)((hdr->cmsg_len - CMSG_LEN(0)) / sizeof(int));
	memcpy(fds, CMSG_DATA(hdr), nr * sizeof(int));
	return nr;
}

int fdmsg_recv(int sock, void *data, size_t len, int *fds, unsigned int *ret_nr_fds)
{
	struct iovec iov = { .iov_base = data, .iov_len = len };
	union control control;
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	unsigned int nr;
	ssize_t got;

	do {
		got = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	nr = take_fds(&msg, fds);
	if (got == (ssize_t)len && !(msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
		*ret_nr_fds = nr;
		return 0;
	}
	while (nr > 0)
		close(fds[--nr]);
	return got == 0 ? -EPIPE : -EPROTO;
}
