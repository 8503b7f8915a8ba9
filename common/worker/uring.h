/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An io_uring for a sealed worker. What is asked of a ring no filter of system
 * calls sees: whoever has taken a worker over could open files and sockets by it.
 * So the kernel is told beforehand what a ring is for (Linux 5.10).
 */
#ifndef PVBACK_URING_H
#define PVBACK_URING_H

#include <stdint.h>

#include <liburing.h>

struct uring_limits {
	const uint8_t *ops; /* enum io_uring_op: all that will be asked for */
	unsigned int nr_ops;
	int file; /* to be registered as number 0; -1: none */
};

/* 0 or -errno; another operation than these will be answered with -EACCES. */
int uring_open(unsigned int entries, const struct uring_limits *limits, struct io_uring *ring);

#endif
