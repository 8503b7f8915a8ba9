/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One datagram with file descriptors over a SOCK_SEQPACKET socket pair.
 * The length is known to both sides beforehand and checked.
 */
#ifndef PVBACK_FDMSG_H
#define PVBACK_FDMSG_H

#include <stddef.h>

#define FDMSG_MAX_FDS 24

/* Returns 0 or -errno. The descriptors stay open in the sender. */
int fdmsg_send(int sock, const void *data, size_t len, const int *fds, unsigned int nr_fds);

/*
 * Receives exactly @len bytes. @fds has room for FDMSG_MAX_FDS; received
 * descriptors are close-on-exec. Returns 0, -EPIPE when the peer is gone,
 * -EPROTO for another length or too many descriptors (all are closed), or
 * -errno.
 */
int fdmsg_recv(int sock, void *data, size_t len, int *fds, unsigned int *ret_nr_fds);

#endif
