/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Worker side of the talk with the supervisor. Every worker's main has the
 * same shape:
 *
 *   child_begin()       control socket, signals, first message
 *   ...                 open Xen devices, map rings, bind event channels
 *   sandbox_seal()      from here on no paths, no network, no privileges
 *   child_ready()       and only now is the first guest byte read
 *   serve until WORKER_MSG_STOP arrives or the supervisor is gone
 */
#ifndef PVBACK_CHILD_H
#define PVBACK_CHILD_H

#include "base/fdmsg.h"
#include "worker_msg.h"

/* The supervisor puts the control socket here. */
#define CHILD_CONTROL_FD 3

struct child {
	const char *kind;      /* "blkback-worker" and the like */
	struct worker_msg msg; /* the last message received */
	int fds[FDMSG_MAX_FDS];
	unsigned int nr_fds;
};

/* Exits with one line if it was not started by a supervisor. */
int child_begin(struct child *c, int argc, char **argv, const char *kind);

/* Wait for the next message; 0, -EPIPE when the supervisor is gone, -errno. */
int child_recv(struct child *c);

/*
 * May be called from any thread. The printf text is the reason, one line.
 * child_failed() returns @err, for the caller to return.
 */
int child_ready(void);
int child_failed(int err, uint32_t id, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int child_broken(uint32_t id, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int child_store_lost(uint32_t id, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int child_tell(enum worker_msg_type type, uint32_t id);

#endif
