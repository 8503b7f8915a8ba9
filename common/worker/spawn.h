/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Supervisor side of a worker process: start, talk, stop, reap. */
#ifndef PVBACK_SPAWN_H
#define PVBACK_SPAWN_H

#include "loop/loop.h"
#include "worker_msg.h"

struct worker;

struct worker_ops {
	/* Every message of the worker; text is NUL-terminated. */
	void (*message)(void *ctx, const struct worker_msg *msg);
	/* It came beside the next message, and is the callee's now. Optional: none is wanted. */
	void (*descriptor)(void *ctx, int fd);
	/*
	 * The process is gone and all it held is released; @asked: after
	 * worker_stop(). The struct worker is not to be used any more.
	 *
	 * Or it was told to stop, then killed, and hangs all the same, in the
	 * kernel: it will be gone as soon as its I/O is done.
	 */
	void (*gone)(void *ctx, bool asked, const char *how);
};

/* Workers are found beside the supervisor's own executable, as @program. */
int worker_start(struct loop *loop, const char *program, const struct worker_msg *conf,
		 const int *fds, unsigned int nr_fds, const struct worker_ops *ops, void *ctx,
		 struct worker **ret);

/* -EAGAIN when the worker has not read what was sent before. */
int worker_send(struct worker *w, const struct worker_msg *msg, const int *fds,
		unsigned int nr_fds);

/* Ask it to finish; killed if it is still there after five seconds, given up after six. */
void worker_stop(struct worker *w);

/* Not to be waited for; gone() follows. */
void worker_kill(struct worker *w);

#endif
