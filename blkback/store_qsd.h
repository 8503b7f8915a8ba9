/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * blkback-store: one qemu-storage-daemon, which makes a formatted image or a
 * store of its own protocols an NBD server that nobody else can reach.
 */
#ifndef PVBACK_STORE_QSD_H
#define PVBACK_STORE_QSD_H

#include <stddef.h>
#include <sys/types.h>

#include "store_conf.h"
#include "target.h"

struct qsd {
	pid_t pid;
	int pid_fd;
	int errors;	 /* what it complains of */
	char said[4096]; /* the end of that */
	size_t said_len;
};

/*
 * Start it for @t, on a socket that has no name any more, and connect
 * @nr_fds times. @lock_fd stays open as long as it lives. It may still fail: then
 * it closes the connections.
 */
int qsd_start(struct qsd *q, const struct target *t, const struct store_conf *conf, int lock_fd,
	      int *fds, unsigned int nr_fds, char *why, size_t why_size);

/* Read what it complains of. */
void qsd_listen(struct qsd *q);

/* Stop it if it runs still, and wait for its end, killing it after some seconds. */
void qsd_end(struct qsd *q);

/* Its last complaint, for an admin. */
void qsd_complaint(const struct qsd *q, char *why, size_t why_size);

#endif
