/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames to and from the tap, many with one system call.
 *
 * A tun device has no call that takes several frames. io_uring is such a call:
 * it runs read() and write() one after the other, in the order they were asked
 * for. As the tap does not block, all are done when the call returns, and
 * nothing of ours is in the kernel's hands after it. Where a host forbids
 * io_uring, each frame is a system call.
 */
#ifndef PVBACK_NET_TAPIO_H
#define PVBACK_NET_TAPIO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

struct tapio;

/* Operations from one reset to the next: a ring of frames in each direction, and reads in vain. */
#define TAPIO_MAX 1024u

/* @tap: does not block, and stays the caller's. Before the process is sealed. */
int tapio_new(int tap, bool uring, struct tapio **ret);
void tapio_free(struct tapio *io); /* NULL is fine */

/* Start counting anew; all that was asked for has been run. */
void tapio_reset(struct tapio *io);

/* Room for how many more? */
unsigned int tapio_room(const struct tapio *io);

/*
 * Ask for one; returns its number, counted from the reset. Memory and @iov have
 * to stay until it is run.
 */
unsigned int tapio_write(struct tapio *io, const void *data, size_t len);
unsigned int tapio_read(struct tapio *io, const struct iovec *iov, unsigned int nr_iov);

/* Do all that is asked for, in order. */
void tapio_run(struct tapio *io);

/* Throw the next frame away, at once; false: there is none. */
bool tapio_skip(struct tapio *io);

/* Of one that was run: bytes, or -errno. */
int tapio_result(const struct tapio *io, unsigned int number);

#endif
