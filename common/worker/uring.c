// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/uring.h"

#include <errno.h>

#define OPS_MAX 16

static int open_disabled(unsigned int entries, struct io_uring *ring)
{
	int err = io_uring_queue_init(entries, ring,
				      IORING_SETUP_R_DISABLED | IORING_SETUP_COOP_TASKRUN);

	if (err == -EINVAL) /* before Linux 5.19 */
		err = io_uring_queue_init(entries, ring, IORING_SETUP_R_DISABLED);
	return err;
}

/*
 * liburing's own functions for this and for enabling are in its header, but not
 * in its library before 2.4. Nothing may be registered any more, as no call for that
 * is named.
 */
static int restrict_ring(struct io_uring *ring, const struct uring_limits *limits)
{
	struct io_uring_restriction res[OPS_MAX + 1] = {
		{ .opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED, .sqe_flags = IOSQE_FIXED_FILE },
	};

	if (limits->nr_ops > OPS_MAX)
		return -E2BIG;
	for (unsigned int i = 0; i < limits->nr_ops; i++)
		res[i + 1] = (struct io_uring_restriction){
			.opcode = IORING_RESTRICTION_SQE_OP,
			.sqe_op = limits->ops[i],
		};
	return io_uring_register((unsigned int)ring->ring_fd, IORING_REGISTER_RESTRICTIONS, res,
				 limits->nr_ops + 1);
}

int uring_open(unsigned int entries, const struct uring_limits *limits, struct io_uring *ring)
{
	int err = open_disabled(entries, ring);

	if (err)
		return err;
	if (limits->file >= 0)
		err = io_uring_register_files(ring, &limits->file, 1);
	if (!err)
		err = restrict_ring(ring, limits);
	if (!err)
		err = io_uring_register((unsigned int)ring->ring_fd, IORING_REGISTER_ENABLE_RINGS,
					NULL, 0);
	if (err)
		io_uring_queue_exit(ring);
	return err;
}
