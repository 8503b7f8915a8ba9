/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an engine has to offer. Each is struct engine at the head of one of its
 * own; the rest of the worker sees engine.h only.
 *
 * An engine is one queue's, which calls it from one thread (but opens and
 * closes it from another). It has places for all that can be in flight from
 * the start: its operations neither allocate nor fail; what goes wrong is the
 * result of the transfer.
 */
#ifndef PVBACK_BLK_ENGINE_OPS_H
#define PVBACK_BLK_ENGINE_OPS_H

#include "engine.h"

struct engine_ops {
	const char *name; /* for logs */
	void (*close)(struct engine *e);
	void (*read)(struct engine *e, uint64_t tag, const struct iovec *iov, unsigned int nr_iov,
		     uint64_t offset);
	void (*write)(struct engine *e, uint64_t tag, const struct iovec *iov, unsigned int nr_iov,
		      uint64_t offset);
	void (*flush)(struct engine *e, uint64_t tag);
	void (*discard)(struct engine *e, uint64_t tag, uint64_t offset, uint64_t len, bool secure);
	void (*watch)(struct engine *e, uint64_t tag, int fd);
	int (*submit)(struct engine *e, unsigned int wait_nr, uint64_t timeout_ns);
	unsigned int (*reap)(struct engine *e, struct engine_done *done, unsigned int max);
	bool (*ready)(struct engine *e);
	void (*store)(struct engine *e, int fd, unsigned int number); /* optional */
};

struct engine {
	const struct engine_ops *ops;
	uint64_t syscalls;
};

int engine_aio_open(const struct engine_conf *conf, struct engine **ret);
int engine_sync_open(const struct engine_conf *conf, struct engine **ret);
int engine_uring_open(const struct engine_conf *conf, struct engine **ret);

#endif
