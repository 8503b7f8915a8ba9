/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapio_* over a tap_write() or tap_read() of the includer's, run when tapio.c would run them. */
#ifndef PVBACK_FUZZ_NET_TAP_H
#define PVBACK_FUZZ_NET_TAP_H

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "tapio.h"

/* As the system calls, but -errno. */
static int tap_write(const void *data, size_t len);
static int tap_read(const struct iovec *iov, unsigned int nr_iov);
static bool tap_skip(void); /* a frame is let go; false: there is none */

static struct {
	const struct iovec *iov; /* NULL: a write */
	const void *data;
	size_t len;
	int res;
} tap_ops[TAPIO_MAX];
static unsigned int tap_nr, tap_done;

void tapio_reset(struct tapio *io)
{
	(void)io;
	CHECK(tap_done == tap_nr);
	tap_nr = tap_done = 0;
}

unsigned int tapio_room(const struct tapio *io)
{
	(void)io;
	return TAPIO_MAX - tap_nr;
}

unsigned int tapio_write(struct tapio *io, const void *data, size_t len)
{
	(void)io;
	CHECK(tap_nr < TAPIO_MAX);
	tap_ops[tap_nr].iov = NULL;
	tap_ops[tap_nr].data = data;
	tap_ops[tap_nr].len = len;
	return tap_nr++;
}

unsigned int tapio_read(struct tapio *io, const struct iovec *iov, unsigned int nr_iov)
{
	(void)io;
	CHECK(tap_nr < TAPIO_MAX);
	tap_ops[tap_nr].iov = iov;
	tap_ops[tap_nr].len = nr_iov;
	return tap_nr++;
}

void tapio_run(struct tapio *io)
{
	(void)io;
	for (; tap_done < tap_nr; tap_done++) {
		if (tap_ops[tap_done].iov)
			tap_ops[tap_done].res = tap_read(tap_ops[tap_done].iov,
							 (unsigned int)tap_ops[tap_done].len);
		else
			tap_ops[tap_done].res =
				tap_write(tap_ops[tap_done].data, tap_ops[tap_done].len);
	}
}

bool tapio_skip(struct tapio *io)
{
	(void)io;
	return tap_skip();
}

int tapio_result(const struct tapio *io, unsigned int number)
{
	(void)io;
	CHECK(number < tap_done);
	return tap_ops[number].res;
}

#endif
