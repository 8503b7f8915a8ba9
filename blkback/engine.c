// SPDX-License-Identifier: GPL-2.0-or-later
/* The way to the engine that was chosen. */
#include "engine_ops.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

static int open_aio(const struct engine_conf *conf, struct engine **ret)
{
	int err = engine_aio_open(conf, ret);

	if (err == -EAGAIN)
		log_err(conf->dev, "no more libaio on this host; raise the sysctl fs.aio-max-nr");
	return err;
}

static int open_uring(const struct engine_conf *conf, struct engine **ret)
{
	int err = engine_uring_open(conf, ret);

	if (err)
		log_err(conf->dev,
			"io_uring is not to be had (%s); without --engine=io_uring libaio would do",
			strerror(-err));
	return err;
}

/* The best there is. A host may forbid io_uring, and an old one has none. */
static int open_any(const struct engine_conf *conf, struct engine **ret)
{
	static bool told; /* the first ring speaks for all of the worker */
	int err = engine_uring_open(conf, ret);

	if (!err)
		return 0;
	if (!told)
		log_warn(conf->dev,
			 "io_uring is not to be had (%s; see the sysctl kernel.io_uring_disabled): "
			 "going on with libaio",
			 strerror(-err));
	told = true;
	return open_aio(conf, ret);
}

int engine_open(const struct engine_conf *conf, struct engine **ret)
{
	switch (conf->kind) {
	case BLK_ENGINE_AUTO:
		return open_any(conf, ret);
	case BLK_ENGINE_URING:
		return open_uring(conf, ret);
	case BLK_ENGINE_AIO:
		return open_aio(conf, ret);
	case BLK_ENGINE_SYNC:
		return engine_sync_open(conf, ret);
	}
	return -EINVAL;
}

void engine_close(struct engine *e)
{
	if (e)
		e->ops->close(e);
}

void engine_read(struct engine *e, uint64_t tag, const struct iovec *iov, unsigned int nr_iov,
		 uint64_t offset)
{
	e->ops->read(e, tag, iov, nr_iov, offset);
}

void engine_write(struct engine *e, uint64_t tag, const struct iovec *iov, unsigned int nr_iov,
		  uint64_t offset)
{
	e->ops->write(e, tag, iov, nr_iov, offset);
}

void engine_flush(struct engine *e, uint64_t tag)
{
	e->ops->flush(e, tag);
}

void engine_discard(struct engine *e, uint64_t tag, uint64_t offset, uint64_t len, bool secure)
{
	e->ops->discard(e, tag, offset, len, secure);
}

void engine_watch(struct engine *e, uint64_t tag, int fd)
{
	e->ops->watch(e, tag, fd);
}

int engine_submit(struct engine *e, unsigned int wait_nr, uint64_t timeout_ns)
{
	return e->ops->submit(e, wait_nr, timeout_ns);
}

unsigned int engine_reap(struct engine *e, struct engine_done *done, unsigned int max)
{
	return e->ops->reap(e, done, max);
}

bool engine_ready(struct engine *e)
{
	return e->ops->ready(e);
}

void engine_store(struct engine *e, int fd, unsigned int number)
{
	if (e->ops->store)
		e->ops->store(e, fd, number);
	else
		close(fd);
}

uint64_t engine_syscalls(const struct engine *e)
{
	return e->syscalls;
}

const char *engine_name(const struct engine *e)
{
	return e->ops->name;
}
