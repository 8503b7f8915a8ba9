// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine over libaio, for hosts that forbid io_uring.
 *
 * Theory of operation
 * -------------------
 * What is started lies prepared in a circle until the next submit hands it to
 * the kernel, all in one call. Completions are fetched by io_getevents() into
 * a list that is taken from its front. A watched descriptor is a transfer like
 * any other (IOCB_CMD_POLL), so io_getevents() is also what the thread sleeps
 * in: two system calls a turn, and a third for completions that come meanwhile.
 * libaio makes no call to find out that there are none.
 *
 * Each of circle and list has room for all that can be in flight. Discards are
 * the discarder's, as the kernel has no asynchronous ones here.
 *
 * Needs Linux 4.19, for IOCB_CMD_POLL. Where the page cache is in the way (an
 * image without O_DIRECT) the kernel transfers inside of io_submit(), and the
 * ring waits for it.
 */
#include "engine_ops.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <libaio.h>

#include "base/clock.h"
#include "base/util.h"
#include "discarder.h"

#define TAG_DISCARDER ENGINE_TAG_WATCH

/* The kernel was short of memory for what was to start: when to try again. */
#define RETRY_NS NS_PER_MS

struct aio {
	struct engine engine;
	io_context_t context;
	int fd;
	struct discarder *discarder; /* unless the image takes no discards */
	unsigned int max;
	unsigned int prepared, started; /* counts that only grow */
	struct iocb *iocbs;		/* a circle: that between the two is yet to start */
	struct iocb **order;		/* each iocb of the circle, as io_submit() wants it */
	unsigned int first, nr_done;	/* of the list */
	struct io_event *done;
};

static struct aio *aio_of(struct engine *e)
{
	return container_of(e, struct aio, engine);
}

static struct iocb *next_iocb(struct aio *a)
{
	return &a->iocbs[a->prepared++ % a->max];
}

static void set_tag(struct iocb *iocb, uint64_t tag)
{
	iocb->data = (void *)(uintptr_t)tag;
}

static uint64_t tag_of(const struct io_event *event)
{
	return (uint64_t)(uintptr_t)event->data;
}

static void aio_read(struct engine *e, uint64_t tag, const struct iovec *iov, unsigned int nr_iov,
		     uint64_t offset)
{
	struct aio *a = aio_of(e);
	struct iocb *iocb = next_iocb(a);

	if (nr_iov == 1)
		io_prep_pread(iocb, a->fd, iov->iov_base, iov->iov_len, (long long)offset);
	else
		io_prep_preadv(iocb, a->fd, iov, (int)nr_iov, (long long)offset);
	set_tag(iocb, tag);
}

static void aio_write(struct engine *e, uint64_t tag, const struct iovec *iov, unsigned int nr_iov,
		      uint64_t offset)
{
	struct aio *a = aio_of(e);
	struct iocb *iocb = next_iocb(a);

	if (nr_iov == 1)
		io_prep_pwrite(iocb, a->fd, iov->iov_base, iov->iov_len, (long long)offset);
	else
		io_prep_pwritev(iocb, a->fd, iov, (int)nr_iov, (long long)offset);
	set_tag(iocb, tag);
}

/* By a thread of the kernel's. */
static void aio_flush(struct engine *e, uint64_t tag)
{
	struct aio *a = aio_of(e);
	struct iocb *iocb = next_iocb(a);

	io_prep_fdsync(iocb, a->fd);
	set_tag(iocb, tag);
}

static void aio_watch(struct engine *e, uint64_t tag, int fd)
{
	struct iocb *iocb = next_iocb(aio_of(e));

	io_prep_poll(iocb, fd, POLLIN);
	set_tag(iocb, tag);
}

/* The list's end is where there is room for all. */
static void close_up(struct aio *a)
{
	a->nr_done -= a->first;
	memmove(a->done, a->done + a->first, a->nr_done * sizeof(a->done[0]));
	a->first = 0;
}

static void put_done(struct aio *a, uint64_t tag, int res)
{
	struct io_event *event;

	close_up(a);
	event = &a->done[a->nr_done++];
	event->data = (void *)(uintptr_t)tag;
	event->res = (unsigned long)(long)res;
}

static void aio_discard(struct engine *e, uint64_t tag, uint64_t offset, uint64_t len, bool secure)
{
	struct aio *a = aio_of(e);

	if (a->discarder)
		discarder_start(a->discarder, tag, offset, len, secure);
	else
		put_done(a, tag, -EOPNOTSUPP);
}

/* The kernel refuses the first of those that wait, for a reason of its own. */
static void fail_first(struct aio *a, int err)
{
	const struct iocb *iocb = &a->iocbs[a->started++ % a->max];

	put_done(a, (uint64_t)(uintptr_t)iocb->data, err);
}

static void start_prepared(struct aio *a)
{
	while (a->started != a->prepared) {
		unsigned int at = a->started % a->max;
		unsigned int nr = MIN(a->prepared - a->started, a->max - at);
		int ret = io_submit(a->context, nr, a->order + at);

		a->engine.syscalls++;
		if (ret == 0 || ret == -EAGAIN)
			return;
		if (ret > 0)
			a->started += (unsigned int)ret;
		else
			fail_first(a, ret);
	}
}

/* Wait for @wait_nr, and take what there is. */
static int fetch(struct aio *a, unsigned int wait_nr, struct timespec *limit)
{
	int ret;

	close_up(a);
	ret = io_getevents(a->context, wait_nr, a->max - a->nr_done, a->done + a->nr_done, limit);
	a->engine.syscalls += wait_nr > 0 || ret > 0;
	if (ret > 0)
		a->nr_done += (unsigned int)ret;
	return ret < 0 && ret != -EINTR ? ret : 0;
}

static int fetch_at_once(struct aio *a)
{
	struct timespec now = { 0 };

	return fetch(a, 0, &now);
}

static unsigned int have(const struct aio *a)
{
	return a->nr_done - a->first;
}

/* A wait ends early for a signal, or for what the kernel has to do in this thread. */
static int fetch_until(struct aio *a, unsigned int wait_nr, uint64_t end_ns)
{
	uint64_t now = now_ns();
	int err = 0;

	for (; !err && have(a) < wait_nr && now < end_ns; now = now_ns()) {
		struct timespec limit = {
			.tv_sec = (time_t)((end_ns - now) / NS_PER_SEC),
			.tv_nsec = (long)((end_ns - now) % NS_PER_SEC),
		};

		err = fetch(a, wait_nr - have(a), &limit);
	}
	return err;
}

static int aio_submit(struct engine *e, unsigned int wait_nr, uint64_t timeout_ns)
{
	struct aio *a = aio_of(e);

	start_prepared(a);
	if (wait_nr <= have(a))
		return 0;
	if (a->started != a->prepared)
		timeout_ns = timeout_ns > 0 ? MIN(timeout_ns, RETRY_NS) : RETRY_NS;
	if (timeout_ns > 0)
		return fetch_until(a, wait_nr, now_ns() + timeout_ns);
	return fetch(a, wait_nr - have(a), NULL);
}

static unsigned int aio_reap(struct engine *e, struct engine_done *done, unsigned int max)
{
	struct aio *a = aio_of(e);
	bool discards = false;
	unsigned int nr = 0;

	if (a->first == a->nr_done)
		fetch_at_once(a);
	while (nr < max && a->first < a->nr_done) {
		const struct io_event *event = &a->done[a->first++];

		if (tag_of(event) == TAG_DISCARDER) {
			discards = true;
			continue;
		}
		done[nr].tag = tag_of(event);
		done[nr].res = (int32_t)event->res;
		nr++;
	}
	if (discards) {
		nr += discarder_reap(a->discarder, done + nr, max - nr);
		aio_watch(e, TAG_DISCARDER, discarder_fd(a->discarder));
	}
	return nr;
}

static bool aio_ready(struct engine *e)
{
	struct aio *a = aio_of(e);

	if (a->first == a->nr_done)
		fetch_at_once(a);
	return a->first < a->nr_done;
}

static void aio_free(struct aio *a)
{
	free(a->done);
	free(a->order);
	free(a->iocbs);
	free(a);
}

/* io_destroy() waits for what is in flight, and forgets the watches. */
static void aio_close(struct engine *e)
{
	struct aio *a = aio_of(e);

	discarder_free(a->discarder);
	io_destroy(a->context);
	aio_free(a);
}

static const struct engine_ops aio_ops = {
	.name = "aio",
	.close = aio_close,
	.read = aio_read,
	.write = aio_write,
	.flush = aio_flush,
	.discard = aio_discard,
	.watch = aio_watch,
	.submit = aio_submit,
	.reap = aio_reap,
	.ready = aio_ready,
};

static int allocate(unsigned int max, struct aio **ret)
{
	struct aio *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->max = max;
	a->iocbs = calloc(max, sizeof(*a->iocbs));
	a->order = calloc(max, sizeof(*a->order));
	a->done = calloc(max, sizeof(*a->done));
	if (!a->iocbs || !a->order || !a->done) {
		aio_free(a);
		return -ENOMEM;
	}
	for (unsigned int i = 0; i < max; i++)
		a->order[i] = &a->iocbs[i];
	*ret = a;
	return 0;
}

int engine_aio_open(const struct engine_conf *conf, struct engine **ret)
{
	struct aio *a;
	int err = allocate(conf->depth + ENGINE_WATCHES, &a);

	if (err)
		return err;
	a->engine.ops = &aio_ops;
	a->fd = conf->fd;
	err = io_setup((int)a->max, &a->context);
	if (err)
		goto err_free;
	if (conf->discard != BLK_DISCARD_NONE)
		err = discarder_new(conf->fd, conf->discard, conf->depth, &a->discarder);
	if (err)
		goto err_destroy;
	if (a->discarder)
		aio_watch(&a->engine, TAG_DISCARDER, discarder_fd(a->discarder));
	*ret = &a->engine;
	return 0;

err_destroy:
	io_destroy(a->context);
err_free:
	aio_free(a);
	return err;
}
