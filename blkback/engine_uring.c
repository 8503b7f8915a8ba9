// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine over io_uring. The image is a registered file, so a transfer
 * does not touch the descriptor table.
 *
 * Not used on purpose: IORING_SETUP_DEFER_TASKRUN, which keeps completions
 * from anybody but the task that submitted; a successor that drains the ring
 * of a dead worker would wait for ever.
 */
#include "engine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <poll.h>
#include <stdlib.h>

#include <liburing.h>

#include "base/util.h"
#include "discarder.h"

#define IMAGE 0 /* index of the registered file */
#define WATCHES 4

/* Tag of our own: discards of a block device are done. */
#define TAG_DISCARDER (UINT64_MAX - 15)

struct engine {
	struct io_uring ring;
	struct discarder *discarder; /* block devices only */
	uint64_t syscalls;
};

static int open_discarder(struct engine *e, int fd, unsigned int depth)
{
	int err = discarder_new(fd, depth, &e->discarder);

	if (!err)
		engine_watch(e, TAG_DISCARDER, discarder_fd(e->discarder));
	return err;
}

int engine_open(int fd, unsigned int depth, enum blk_discard discard, struct engine **ret)
{
	struct engine *e = calloc(1, sizeof(*e));
	int err;

	if (!e)
		return -ENOMEM;
	err = io_uring_queue_init(depth + WATCHES, &e->ring, IORING_SETUP_COOP_TASKRUN);
	if (err == -EINVAL) /* before Linux 5.19 */
		err = io_uring_queue_init(depth + WATCHES, &e->ring, 0);
	if (err)
		goto err_free;
	err = io_uring_register_files(&e->ring, &fd, 1);
	if (!err && discard == BLK_DISCARD_DEVICE)
		err = open_discarder(e, fd, depth);
	if (err)
		goto err_exit;
	*ret = e;
	return 0;

err_exit:
	io_uring_queue_exit(&e->ring);
err_free:
	free(e);
	return err;
}

void engine_close(struct engine *e)
{
	if (!e)
		return;
	discarder_free(e->discarder);
	io_uring_queue_exit(&e->ring);
	free(e);
}

/*
 * There is always one: the ring has room for all that can be in flight, and
 * what is in flight has left the submission queue.
 */
static struct io_uring_sqe *next_sqe(struct engine *e)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&e->ring);

	while (!sqe) {
		engine_submit(e, 0, 0);
		sqe = io_uring_get_sqe(&e->ring);
	}
	return sqe;
}

static void finish_sqe(struct io_uring_sqe *sqe, uint64_t tag)
{
	io_uring_sqe_set_flags(sqe, IOSQE_FIXED_FILE);
	io_uring_sqe_set_data64(sqe, tag);
}

void engine_read(struct engine *e, uint64_t tag, const struct iovec *iov, unsigned int nr_iov,
		 uint64_t offset)
{
	struct io_uring_sqe *sqe = next_sqe(e);

	if (nr_iov == 1)
		io_uring_prep_read(sqe, IMAGE, iov->iov_base, (unsigned int)iov->iov_len, offset);
	else
		io_uring_prep_readv(sqe, IMAGE, iov, nr_iov, offset);
	finish_sqe(sqe, tag);
}

void engine_write(struct engine *e, uint64_t tag, const struct iovec *iov, unsigned int nr_iov,
		  uint64_t offset)
{
	struct io_uring_sqe *sqe = next_sqe(e);

	if (nr_iov == 1)
		io_uring_prep_write(sqe, IMAGE, iov->iov_base, (unsigned int)iov->iov_len, offset);
	else
		io_uring_prep_writev(sqe, IMAGE, iov, nr_iov, offset);
	finish_sqe(sqe, tag);
}

/* A file gets a hole, by the kernel's own threads; a device is the discarder's. */
void engine_discard(struct engine *e, uint64_t tag, uint64_t offset, uint64_t len, bool secure)
{
	struct io_uring_sqe *sqe;

	if (e->discarder) {
		discarder_start(e->discarder, tag, offset, len, secure);
		return;
	}
	sqe = next_sqe(e);
	io_uring_prep_fallocate(sqe, IMAGE, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				(off_t)offset, (off_t)len);
	finish_sqe(sqe, tag);
}

void engine_flush(struct engine *e, uint64_t tag)
{
	struct io_uring_sqe *sqe = next_sqe(e);

	io_uring_prep_fsync(sqe, IMAGE, IORING_FSYNC_DATASYNC);
	finish_sqe(sqe, tag);
}

void engine_watch(struct engine *e, uint64_t tag, int fd)
{
	struct io_uring_sqe *sqe = next_sqe(e);

	io_uring_prep_poll_add(sqe, fd, POLLIN);
	io_uring_sqe_set_data64(sqe, tag);
}

/* Not errors: there is nothing yet, or the caller has to reap first. */
static bool is_passing(int ret)
{
	return ret >= 0 || ret == -ETIME || ret == -EINTR || ret == -EAGAIN || ret == -EBUSY;
}

int engine_submit(struct engine *e, unsigned int wait_nr, uint64_t timeout_ns)
{
	struct __kernel_timespec limit = {
		.tv_sec = (long long)(timeout_ns / NS_PER_SEC),
		.tv_nsec = (long long)(timeout_ns % NS_PER_SEC),
	};
	struct io_uring_cqe *cqe;
	int ret;

	if (wait_nr == 0 && io_uring_sq_ready(&e->ring) == 0 && !io_uring_cq_has_overflow(&e->ring))
		return 0;
	e->syscalls++;
	if (timeout_ns > 0 && wait_nr > 0)
		ret = io_uring_submit_and_wait_timeout(&e->ring, &cqe, wait_nr, &limit, NULL);
	else
		ret = io_uring_submit_and_wait(&e->ring, wait_nr);
	return is_passing(ret) ? 0 : ret;
}

unsigned int engine_reap(struct engine *e, struct engine_done *done, unsigned int max)
{
	unsigned int head, nr = 0, taken = 0;
	bool discards = false;
	struct io_uring_cqe *cqe;

	io_uring_for_each_cqe (&e->ring, head, cqe) {
		if (nr == max)
			break;
		taken++;
		if (io_uring_cqe_get_data64(cqe) == TAG_DISCARDER) {
			discards = true;
			continue;
		}
		done[nr].tag = io_uring_cqe_get_data64(cqe);
		done[nr].res = cqe->res;
		nr++;
	}
	io_uring_cq_advance(&e->ring, taken);
	if (discards) {
		nr += discarder_reap(e->discarder, done + nr, max - nr);
		engine_watch(e, TAG_DISCARDER, discarder_fd(e->discarder));
	}
	return nr;
}

bool engine_ready(const struct engine *e)
{
	return io_uring_cq_ready(&e->ring) > 0;
}

uint64_t engine_syscalls(const struct engine *e)
{
	return e->syscalls;
}
