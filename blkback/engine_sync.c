// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine that waits for each transfer when it is started. What it does is
 * plain to see, so the tests take it for the truth about the others; for a
 * disk it is slow, since its ring waits as well.
 */
#include "engine_ops.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/util.h"
#include "discarder.h"

struct sync {
	struct engine engine;
	int fd;
	enum blk_discard discard;
	unsigned int nr_watches;
	uint64_t watch_tags[ENGINE_WATCHES];
	struct pollfd watches[ENGINE_WATCHES];
	unsigned int first, nr_done;
	struct engine_done done[];
};

static struct sync *sync_of(struct engine *e)
{
	return container_of(e, struct sync, engine);
}

static void put_done(struct sync *s, uint64_t tag, int64_t res)
{
	/* Taken from the front; the end is where there is room for all. */
	s->nr_done -= s->first;
	memmove(s->done, s->done + s->first, s->nr_done * sizeof(s->done[0]));
	s->first = 0;
	s->done[s->nr_done].tag = tag;
	s->done[s->nr_done++].res = (int32_t)res;
}

static void sync_read(struct engine *e, uint64_t tag, const struct iovec *iov, unsigned int nr_iov,
		      uint64_t offset)
{
	struct sync *s = sync_of(e);
	ssize_t ret = preadv(s->fd, iov, (int)nr_iov, (off_t)offset);

	e->syscalls++;
	put_done(s, tag, ret < 0 ? -errno : ret);
}

static void sync_write(struct engine *e, uint64_t tag, const struct iovec *iov, unsigned int nr_iov,
		       uint64_t offset)
{
	struct sync *s = sync_of(e);
	ssize_t ret = pwritev(s->fd, iov, (int)nr_iov, (off_t)offset);

	e->syscalls++;
	put_done(s, tag, ret < 0 ? -errno : ret);
}

static void sync_flush(struct engine *e, uint64_t tag)
{
	struct sync *s = sync_of(e);

	e->syscalls++;
	put_done(s, tag, fdatasync(s->fd) < 0 ? -errno : 0);
}

static void sync_discard(struct engine *e, uint64_t tag, uint64_t offset, uint64_t len, bool secure)
{
	struct sync *s = sync_of(e);

	e->syscalls++;
	put_done(s, tag,
		 s->discard == BLK_DISCARD_NONE
			 ? -EOPNOTSUPP
			 : discard_now(s->fd, s->discard, offset, len, secure));
}

static void sync_watch(struct engine *e, uint64_t tag, int fd)
{
	struct sync *s = sync_of(e);

	if (s->nr_watches == ENGINE_WATCHES)
		return; /* there are never more */
	s->watch_tags[s->nr_watches] = tag;
	s->watches[s->nr_watches++] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

/* Those that have become readable are watched no more. */
static void take_watches(struct sync *s)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < s->nr_watches; i++) {
		if (s->watches[i].revents) {
			put_done(s, s->watch_tags[i], 0);
			continue;
		}
		s->watch_tags[kept] = s->watch_tags[i];
		s->watches[kept++] = s->watches[i];
	}
	s->nr_watches = kept;
}

/* Nothing but a watched descriptor is worth waiting for. */
static int sync_submit(struct engine *e, unsigned int wait_nr, uint64_t timeout_ns)
{
	struct sync *s = sync_of(e);
	bool wait = s->nr_done - s->first < wait_nr;
	struct timespec limit = {
		.tv_sec = wait ? (time_t)(timeout_ns / NS_PER_SEC) : 0,
		.tv_nsec = wait ? (long)(timeout_ns % NS_PER_SEC) : 0,
	};
	int ret;

	e->syscalls++;
	ret = ppoll(s->watches, s->nr_watches, wait && timeout_ns == 0 ? NULL : &limit, NULL);
	if (ret > 0)
		take_watches(s);
	return ret < 0 && errno != EINTR ? -errno : 0;
}

static unsigned int sync_reap(struct engine *e, struct engine_done *done, unsigned int max)
{
	struct sync *s = sync_of(e);
	unsigned int nr = MIN(max, s->nr_done - s->first);

	memcpy(done, s->done + s->first, nr * sizeof(*done));
	s->first += nr;
	return nr;
}

static bool sync_ready(struct engine *e)
{
	return sync_of(e)->first < sync_of(e)->nr_done;
}

static void sync_close(struct engine *e)
{
	free(sync_of(e));
}

static const struct engine_ops sync_ops = {
	.name = "sync",
	.close = sync_close,
	.read = sync_read,
	.write = sync_write,
	.flush = sync_flush,
	.discard = sync_discard,
	.watch = sync_watch,
	.submit = sync_submit,
	.reap = sync_reap,
	.ready = sync_ready,
};

int engine_sync_open(const struct engine_conf *conf, struct engine **ret)
{
	unsigned int max = conf->depth + ENGINE_WATCHES;
	struct sync *s = calloc(1, sizeof(*s) + max * sizeof(s->done[0]));

	if (!s)
		return -ENOMEM;
	s->engine.ops = &sync_ops;
	s->fd = conf->fd;
	s->discard = conf->discard;
	*ret = &s->engine;
	return 0;
}
