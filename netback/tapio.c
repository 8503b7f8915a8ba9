// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames to and from the tap, many with one system call. See tapio.h. */
#include "tapio.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/util.h"
#include "worker/uring.h"

/* More are asked for in several calls; a frame costs much more than its share of one. */
#define DEPTH 64u

/* In an operation's tag, beside its number. */
#define DATA_READ (1ull << 32)

/* One that is done by a system call of its own. */
struct plain {
	unsigned int number;
	const struct iovec *iov; /* NULL: a write */
	const void *data;
	size_t len;
};

struct tapio {
	int tap;
	bool uring; /* for writes */
	bool uring_reads;
	struct io_uring ring;
	unsigned int nr;      /* asked for since the reset */
	unsigned int in_ring; /* asked of the ring and not run */
	unsigned int nr_plain;
	int res[TAPIO_MAX];
	struct plain plain[TAPIO_MAX]; /* asked for and not run; what is not used takes no memory */
};

/*
 * The tap is no registered file on purpose: the kernel lets go of these some time
 * after the process has ended, and frames would still go to that queue of the tap
 * when a successor has added its own.
 */
static int open_ring(struct tapio *io)
{
	static const uint8_t ops[] = { IORING_OP_WRITE, IORING_OP_READV };
	const struct uring_limits limits = { ops, ARRAY_SIZE(ops), -1 };

	return uring_open(DEPTH, &limits, &io->ring);
}

int tapio_new(int tap, bool uring, struct tapio **ret_io)
{
	struct tapio *io = calloc(1, sizeof(*io));
	int ret = 0;

	if (!io)
		return -ENOMEM;
	io->tap = tap;
	io->uring = uring;
	io->uring_reads = uring;
	if (uring)
		ret = open_ring(io);
	if (ret)
		free(io);
	else
		*ret_io = io;
	return ret;
}

void tapio_free(struct tapio *io)
{
	if (!io)
		return;
	if (io->uring)
		io_uring_queue_exit(&io->ring);
	free(io);
}

void tapio_reset(struct tapio *io)
{
	assert(!io->in_ring && !io->nr_plain);
	io->nr = 0;
}

unsigned int tapio_room(const struct tapio *io)
{
	return TAPIO_MAX - io->nr;
}

static void take_results(struct tapio *io)
{
	struct io_uring_cqe *cqe;
	unsigned int head, nr = 0;

	io_uring_for_each_cqe (&io->ring, head, cqe) {
		uint64_t data = io_uring_cqe_get_data64(cqe);
		int res = cqe->res;

		if (data & DATA_READ && res == -EOPNOTSUPP) {
			io->uring_reads = false;
			res = -EAGAIN; /* the next try is another way */
		}
		io->res[data & ~DATA_READ] = res;
		nr++;
	}
	io_uring_cq_advance(&io->ring, nr);
	io->in_ring -= nr;
}

/* The call comes back early when a signal arrives, or when memory is short for a moment. */
static void run_ring(struct tapio *io)
{
	while (io->in_ring) {
		io_uring_submit_and_wait(&io->ring, io->in_ring);
		take_results(io);
	}
}

static void run_plain(struct tapio *io)
{
	bool empty = false;
	unsigned int i;

	for (i = 0; i < io->nr_plain; i++) {
		const struct plain *p = &io->plain[i];
		ssize_t ret = -1;

		/* Behind a read in vain, another would be in vain as well. */
		if (p->iov && empty)
			errno = EAGAIN;
		else
			ret = p->iov ? readv(io->tap, p->iov, (int)p->len)
				     : write(io->tap, p->data, p->len);
		io->res[p->number] = ret < 0 ? -errno : (int)ret;
		empty |= p->iov && ret < 0;
	}
	io->nr_plain = 0;
}

void tapio_run(struct tapio *io)
{
	run_ring(io);
	run_plain(io);
}

static struct io_uring_sqe *next_sqe(struct tapio *io)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&io->ring);

	if (sqe)
		return sqe;
	run_ring(io);
	return io_uring_get_sqe(&io->ring);
}

static unsigned int ask(struct tapio *io, struct io_uring_sqe *sqe, uint64_t flags)
{
	io_uring_sqe_set_data64(sqe, io->nr | flags);
	io->in_ring++;
	return io->nr++;
}

static unsigned int ask_plain(struct tapio *io, const struct iovec *iov, const void *data,
			      size_t len)
{
	io->plain[io->nr_plain++] =
		(struct plain){ .number = io->nr, .iov = iov, .data = data, .len = len };
	return io->nr++;
}

unsigned int tapio_write(struct tapio *io, const void *data, size_t len)
{
	struct io_uring_sqe *sqe;

	if (!io->uring)
		return ask_plain(io, NULL, data, len);
	sqe = next_sqe(io);
	io_uring_prep_write(sqe, io->tap, data, (unsigned int)len, 0);
	return ask(io, sqe, 0);
}

/*
 * io_uring would wait for a frame whatever the descriptor's mode; that it is
 * not to, a tun device understands since Linux 6.4. Before that it says so
 * before it does anything, and reads are system calls.
 */
unsigned int tapio_read(struct tapio *io, const struct iovec *iov, unsigned int nr_iov)
{
	struct io_uring_sqe *sqe;

	if (!io->uring_reads)
		return ask_plain(io, iov, NULL, nr_iov);
	sqe = next_sqe(io);
	io_uring_prep_readv2(sqe, io->tap, iov, nr_iov, 0, RWF_NOWAIT);
	return ask(io, sqe, DATA_READ);
}

bool tapio_skip(struct tapio *io)
{
	char byte;

	/* A short read takes the whole frame. */
	return read(io->tap, &byte, sizeof(byte)) >= 0 || errno == EINVAL;
}

int tapio_result(const struct tapio *io, unsigned int number)
{
	return io->res[number];
}
