// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine over a connection to an NBD server (libnbd).
 *
 * Theory of operation
 * -------------------
 * Operations wait in the order in which they came, are sent while there is a
 * connection, and are done when the server has answered. Where a connection dies all
 * that was sent goes back to the head of those waiting, the supervisor is told,
 * and sooner or later gives us another one: then they are sent again. The guest
 * has seen nothing but a pause, and has no say in how long it is.
 *
 * That is not enough. A server may have answered writes that it holds in memory
 * only, which is its right until it is asked for a flush, and a guest takes
 * a disk that loses these without having been switched off for a broken one.
 * So we keep a copy of what was written since the last flush (unflushed.h),
 * and write it again, one after the other, before anything else. To keep that
 * short we flush on our own, after so many bytes and when nothing is to be done.
 *
 * The thread sleeps in one poll() for the connection, what it watches for its
 * queue, and the word that there is a new connection.
 */
#include "engine_nbd.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <libnbd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/util.h"

/* So long nothing is to be done before we flush on our own. */
#define FLUSH_IDLE_NS (NS_PER_SEC / 2)

/* The last flush of a worker that ends; its supervisor waits no longer than five seconds. */
#define CLOSE_PATIENCE_NS (3 * NS_PER_SEC)

static struct nbd_engine *nbd_engine(struct engine *e)
{
	return container_of(e, struct nbd_engine, base);
}

static void start_op(struct engine *engine, const struct op *what)
{
	struct nbd_engine *e = nbd_engine(engine);
	struct op *op = e->free; /* there is one for all that can be in flight */

	e->free = op->next;
	*op = *what;
	op->e = e;
	op_list_add(&e->waiting, op);
}

/* Data of more than one piece would be mapped pages; these are not for a network, see vbd.c. */
static void transfer(struct engine *engine, enum op_kind kind, uint64_t tag,
		     const struct iovec *iov, unsigned int nr_iov, uint64_t offset)
{
	struct op op = { .kind = kind, .tag = tag, .offset = offset };

	if (nr_iov != 1) {
		nbd_report(nbd_engine(engine), tag, -EINVAL);
		return;
	}
	op.data = iov->iov_base;
	op.len = iov->iov_len;
	start_op(engine, &op);
}

static void nbd_engine_read(struct engine *e, uint64_t tag, const struct iovec *iov,
			    unsigned int nr_iov, uint64_t offset)
{
	transfer(e, OP_READ, tag, iov, nr_iov, offset);
}

static void nbd_engine_write(struct engine *e, uint64_t tag, const struct iovec *iov,
			     unsigned int nr_iov, uint64_t offset)
{
	transfer(e, OP_WRITE, tag, iov, nr_iov, offset);
}

static void nbd_engine_flush(struct engine *e, uint64_t tag)
{
	start_op(e, &(struct op){ .kind = OP_FLUSH, .tag = tag });
}

static void nbd_engine_discard(struct engine *e, uint64_t tag, uint64_t offset, uint64_t len,
			       bool secure)
{
	start_op(e, &(struct op){ .kind = OP_TRIM, .tag = tag, .offset = offset, .len = len });
}

static void nbd_engine_watch(struct engine *engine, uint64_t tag, int fd)
{
	struct nbd_engine *e = nbd_engine(engine);
	struct watch *w = e->watches;

	while (w->fd >= 0) /* the queue has two */
		w++;
	*w = (struct watch){ .fd = fd, .tag = tag };
}

static void take_word(struct nbd_engine *e)
{
	uint64_t count;

	if (read(e->wake_fd, &count, sizeof(count)) == sizeof(count))
		nbd_take_fresh(e);
}

/* Sleep until something can be done, but not beyond @until_ns (0: no limit). */
static int wait_and_do(struct nbd_engine *e, bool sleep, uint64_t until_ns)
{
	struct pollfd p[WATCHES + 2] = { { .fd = e->wake_fd, .events = POLLIN }, { .fd = -1 } };
	struct timespec limit = { 0 };
	uint64_t now = now_ns();
	int ret;

	if (e->nbd)
		p[1] = (struct pollfd){ .fd = nbd_aio_get_fd(e->nbd), .events = nbd_events(e) };
	for (unsigned int i = 0; i < WATCHES; i++)
		p[i + 2] = (struct pollfd){ .fd = e->watches[i].fd, .events = POLLIN };
	if (sleep && until_ns > now) {
		limit.tv_sec = (time_t)((until_ns - now) / NS_PER_SEC);
		limit.tv_nsec = (long)((until_ns - now) % NS_PER_SEC);
	}
	e->base.syscalls++;
	ret = ppoll(p, WATCHES + 2, sleep && until_ns == 0 ? NULL : &limit, NULL);
	if (ret < 0)
		return errno == EINTR ? 0 : -errno;
	if (p[1].revents)
		nbd_progress(e, p[1].revents);
	if (p[0].revents)
		take_word(e);
	for (unsigned int i = 0; i < WATCHES; i++) {
		if (!p[i + 2].revents)
			continue;
		e->watches[i].fd = -1;
		nbd_report(e, e->watches[i].tag, 0);
	}
	return 0;
}

/* When to flush because nothing else is to be done; 0: not at all. */
static uint64_t idle_flush_ns(const struct nbd_engine *e)
{
	bool due = e->up && !e->behind && !e->flushing && op_list_empty(&e->sent) &&
		   unflushed_bytes(&e->unflushed) > 0;

	return due ? e->wrote_ns + FLUSH_IDLE_NS : 0;
}

static int nbd_engine_submit(struct engine *engine, unsigned int wait_nr, uint64_t timeout_ns)
{
	struct nbd_engine *e = nbd_engine(engine);
	uint64_t until = timeout_ns && wait_nr ? now_ns() + timeout_ns : 0;

	for (;;) {
		uint64_t flush_ns, wake;
		int err;

		nbd_send_waiting(e);
		flush_ns = idle_flush_ns(e);
		wake = flush_ns && (!until || flush_ns < until) ? flush_ns : until;
		err = wait_and_do(e, e->nr_done < wait_nr, wake);
		if (err)
			return err;
		if (e->nr_done >= wait_nr || (until && now_ns() >= until))
			break;
		if (flush_ns && now_ns() >= flush_ns)
			nbd_keep(e);
	}
	nbd_send_waiting(e);
	return 0;
}

static unsigned int nbd_engine_reap(struct engine *engine, struct engine_done *done,
				    unsigned int max)
{
	struct nbd_engine *e = nbd_engine(engine);
	unsigned int nr = MIN(max, e->nr_done);

	for (unsigned int i = 0; i < nr; i++)
		done[i] = e->done[(e->first_done + i) % e->max_done];
	e->first_done = (e->first_done + nr) % e->max_done;
	e->nr_done -= nr;
	return nr;
}

static bool nbd_engine_ready(struct engine *engine)
{
	return nbd_engine(engine)->nr_done > 0;
}

/* From another thread than the engine's. */
static void nbd_engine_store(struct engine *engine, int fd, unsigned int number)
{
	struct nbd_engine *e = nbd_engine(engine);
	uint64_t one = 1;
	uint64_t old = atomic_exchange(&e->fresh, (uint64_t)number << 32 | (uint32_t)(fd + 1));

	if (old)
		close((int)(uint32_t)old - 1);
	if (write(e->wake_fd, &one, sizeof(one)) != sizeof(one))
		log_err(e->dev, "cannot tell that there is a new connection: %s", strerror(errno));
}

/* Everything is answered; what the server holds in its memory only is to be safe. */
static void flush_at_the_end(struct nbd_engine *e)
{
	uint64_t until = now_ns() + CLOSE_PATIENCE_NS;

	for (unsigned int i = 0; i < WATCHES; i++)
		e->watches[i].fd = -1;
	while ((unflushed_bytes(&e->unflushed) > 0 || !op_list_empty(&e->sent)) && e->nbd &&
	       e->can_flush && now_ns() < until) {
		nbd_send_waiting(e);
		nbd_keep(e);
		if (wait_and_do(e, true, until) != 0)
			break;
	}
	if (unflushed_bytes(&e->unflushed) > 0)
		log_warn(e->dev,
			 "the store has not confirmed the last writes, of %llu bytes in all",
			 (unsigned long long)unflushed_bytes(&e->unflushed));
}

static void nbd_engine_free(struct nbd_engine *e)
{
	if (e->wake_fd >= 0)
		close(e->wake_fd);
	if (e->memory != MAP_FAILED)
		munmap(e->memory, UNFLUSHED_BYTES);
	free(e->done);
	free(e->ops);
	free(e);
}

static void nbd_engine_close(struct engine *engine)
{
	struct nbd_engine *e = nbd_engine(engine);
	uint64_t fresh;

	flush_at_the_end(e);
	if (e->up)
		nbd_aio_disconnect(e->nbd, 0);
	nbd_close(e->nbd);
	fresh = atomic_exchange(&e->fresh, 0);
	if (fresh)
		close((int)(uint32_t)fresh - 1);
	nbd_engine_free(e);
}

static const struct engine_ops nbd_engine_ops = {
	.name = "poll",
	.close = nbd_engine_close,
	.read = nbd_engine_read,
	.write = nbd_engine_write,
	.flush = nbd_engine_flush,
	.discard = nbd_engine_discard,
	.watch = nbd_engine_watch,
	.submit = nbd_engine_submit,
	.reap = nbd_engine_reap,
	.ready = nbd_engine_ready,
	.store = nbd_engine_store,
};

static int make_places(struct nbd_engine *e, unsigned int depth)
{
	e->max_done = depth + WATCHES;
	e->done = calloc(e->max_done, sizeof(*e->done));
	e->ops = calloc(depth, sizeof(*e->ops));
	e->memory = mmap(NULL, UNFLUSHED_BYTES, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	e->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!e->done || !e->ops || e->memory == MAP_FAILED || e->wake_fd < 0)
		return -ENOMEM;
	unflushed_init(&e->unflushed, e->memory, UNFLUSHED_BYTES);
	for (unsigned int i = depth; i > 0; i--) {
		e->ops[i - 1].next = e->free;
		e->free = &e->ops[i - 1];
	}
	return 0;
}

/* The connection is begun with the first submit, which is after the seal. */
int engine_nbd_open(const struct engine_conf *conf, struct engine **ret)
{
	struct nbd_engine *e = calloc(1, sizeof(*e));
	int err;

	if (!e)
		return -ENOMEM;
	e->base.ops = &nbd_engine_ops;
	e->dev = conf->dev;
	snprintf(e->export, sizeof(e->export), "%s", conf->export);
	op_list_init(&e->waiting);
	op_list_init(&e->sent);
	for (unsigned int i = 0; i < WATCHES; i++)
		e->watches[i].fd = -1;
	err = make_places(e, conf->depth);
	if (err) {
		nbd_engine_free(e);
		return err;
	}
	nbd_engine_store(&e->base, conf->fd, conf->store_number);
	*ret = &e->base;
	return 0;
}
