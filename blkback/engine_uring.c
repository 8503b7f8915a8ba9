// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine over io_uring. The image is a registered file, so a transfer
 * does not touch the descriptor table.
 *
 * Not used on purpose: IORING_SETUP_DEFER_TASKRUN, which keeps completions
 * from anybody but the task that submitted; a successor that drains the ring
 * of a dead worker would wait for ever.
 */
#include "engine_ops.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <poll.h>
#include <stdlib.h>

#include "base/util.h"
#include "discarder.h"
#include "worker/uring.h"

#define IMAGE 0 /* index of the registered file */

/* Tag of our own: discards of a block device are done. */
#define TAG_DISCARDER ENGINE_TAG_WATCH

struct uring {
	struct engine engine;
	struct io_uring ring;
	struct discarder *discarder; /* block devices only */
	unsigned int inflight;	     /* prepared and not reaped, without watches and discarder */
};

static struct uring *uring_of(struct engine *e)
{
	return container_of(e, struct uring, engine);
}

/* Not errors: there is nothing yet, or the caller has to reap first. */
static bool is_passing(int ret)
{
	return ret >= 0 || ret == -ETIME || ret == -EINTR || ret == -EAGAIN || ret == -EBUSY;
}

static int uring_submit(struct engine *e, unsigned int wait_nr, uint64_t timeout_ns)
{
	struct __kernel_timespec limit = {
		.tv_sec = (long long)(timeout_ns / NS_PER_SEC),
		.tv_nsec = (long long)(timeout_ns % NS_PER_SEC),
	};
	struct io_uring *ring = &uring_of(e)->ring;
	struct io_uring_cqe *cqe;
	int ret;

	if (wait_nr == 0 && io_uring_sq_ready(ring) == 0 && !io_uring_cq_has_overflow(ring))
		return 0;
	e->syscalls++;
	if (timeout_ns > 0 && wait_nr > 0)
		ret = io_uring_submit_and_wait_timeout(ring, &cqe, wait_nr, &limit, NULL);
	else
		ret = io_uring_submit_and_wait(ring, wait_nr);
	return is_passing(ret) ? 0 : ret;
}

/*
 * There is always one: the ring has room for all that can be in flight, and
 * what is in flight has left the submission queue.
 */
static struct io_uring_sqe *next_sqe(struct engine *e)
{
	struct io_uring *ring = &uring_of(e)->ring;
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	while (!sqe) {
		uring_submit(e, 0, 0);
		sqe = io_uring_get_sqe(ring);
	}
	return sqe;
}

static void finish_sqe(struct uring *u, struct io_uring_sqe *sqe, uint64_t tag)
{
	u->inflight++;
	io_uring_sqe_set_flags(sqe, IOSQE_FIXED_FILE);
	io_uring_sqe_set_data64(sqe, tag);
}

static void uring_read(struct engine *e, uint64_t tag, const struct iovec *iov, unsigned int nr_iov,
		       uint64_t offset)
{
	struct io_uring_sqe *sqe = next_sqe(e);

	if (nr_iov == 1)
		io_uring_prep_read(sqe, IMAGE, iov->iov_base, (unsigned int)iov->iov_len, offset);
	else
		io_uring_prep_readv(sqe, IMAGE, iov, nr_iov, offset);
	finish_sqe(uring_of(e), sqe, tag);
}

static void uring_write(struct engine *e, uint64_t tag, const struct iovec *iov,
			unsigned int nr_iov, uint64_t offset)
{
	struct io_uring_sqe *sqe = next_sqe(e);

	if (nr_iov == 1)
		io_uring_prep_write(sqe, IMAGE, iov->iov_base, (unsigned int)iov->iov_len, offset);
	else
		io_uring_prep_writev(sqe, IMAGE, iov, nr_iov, offset);
	finish_sqe(uring_of(e), sqe, tag);
}

/* A file gets a hole, by the kernel's own threads; a device is the discarder's. */
static void uring_discard(struct engine *e, uint64_t tag, uint64_t offset, uint64_t len,
			  bool secure)
{
	struct discarder *d = uring_of(e)->discarder;
	struct io_uring_sqe *sqe;

	if (d) {
		discarder_start(d, tag, offset, len, secure);
		return;
	}
	sqe = next_sqe(e);
	io_uring_prep_fallocate(sqe, IMAGE, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				(off_t)offset, (off_t)len);
	finish_sqe(uring_of(e), sqe, tag);
}

static void uring_flush(struct engine *e, uint64_t tag)
{
	struct io_uring_sqe *sqe = next_sqe(e);

	io_uring_prep_fsync(sqe, IMAGE, IORING_FSYNC_DATASYNC);
	finish_sqe(uring_of(e), sqe, tag);
}

static void uring_watch(struct engine *e, uint64_t tag, int fd)
{
	struct io_uring_sqe *sqe = next_sqe(e);

	io_uring_prep_poll_add(sqe, fd, POLLIN);
	io_uring_sqe_set_data64(sqe, tag);
}

static unsigned int uring_reap(struct engine *e, struct engine_done *done, unsigned int max)
{
	struct uring *u = uring_of(e);
	unsigned int head, nr = 0, taken = 0;
	bool discards = false;
	struct io_uring_cqe *cqe;

	io_uring_for_each_cqe (&u->ring, head, cqe) {
		if (nr == max)
			break;
		taken++;
		if (io_uring_cqe_get_data64(cqe) == TAG_DISCARDER) {
			discards = true;
			continue;
		}
		done[nr].tag = io_uring_cqe_get_data64(cqe);
		done[nr].res = cqe->res;
		u->inflight -= done[nr].tag < ENGINE_TAG_WATCH;
		nr++;
	}
	io_uring_cq_advance(&u->ring, taken);
	if (discards && u->discarder) {
		nr += discarder_reap(u->discarder, done + nr, max - nr);
		uring_watch(e, TAG_DISCARDER, discarder_fd(u->discarder));
	}
	return nr;
}

static bool uring_ready(struct engine *e)
{
	return io_uring_cq_ready(&uring_of(e)->ring) > 0;
}

static void uring_close(struct engine *e)
{
	struct uring *u = uring_of(e);
	struct engine_done done[16];

	discarder_free(u->discarder);
	u->discarder = NULL;
	while (u->inflight > 0 && uring_submit(e, 1, 0) == 0)
		uring_reap(e, done, ARRAY_SIZE(done));
	io_uring_queue_exit(&u->ring);
	free(u);
}

static const struct engine_ops uring_ops = {
	.name = "io_uring",
	.close = uring_close,
	.read = uring_read,
	.write = uring_write,
	.flush = uring_flush,
	.discard = uring_discard,
	.watch = uring_watch,
	.submit = uring_submit,
	.reap = uring_reap,
	.ready = uring_ready,
};

static int open_discarder(struct uring *u, const struct engine_conf *conf)
{
	int err = discarder_new(conf->fd, conf->discard, conf->depth, &u->discarder);

	if (!err)
		uring_watch(&u->engine, TAG_DISCARDER, discarder_fd(u->discarder));
	return err;
}

int engine_uring_open(const struct engine_conf *conf, struct engine **ret)
{
	static const uint8_t ops[] = {
		IORING_OP_READ,	 IORING_OP_READV,     IORING_OP_WRITE,	  IORING_OP_WRITEV,
		IORING_OP_FSYNC, IORING_OP_FALLOCATE, IORING_OP_POLL_ADD, IORING_OP_TIMEOUT,
	};
	const struct uring_limits limits = { ops, ARRAY_SIZE(ops), conf->fd };
	struct uring *u = calloc(1, sizeof(*u));
	int err;

	if (!u)
		return -ENOMEM;
	u->engine.ops = &uring_ops;
	err = uring_open(conf->depth + ENGINE_WATCHES, &limits, &u->ring);
	if (err)
		goto err_free;
	if (conf->discard == BLK_DISCARD_DEVICE)
		err = open_discarder(u, conf);
	if (err)
		goto err_exit;
	*ret = &u->engine;
	return 0;

err_exit:
	io_uring_queue_exit(&u->ring);
err_free:
	free(u);
	return err;
}
