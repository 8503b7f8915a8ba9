/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tapio.c over a socket pair that keeps frames apart, as a tap does; with io_uring and without. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tapio.h"

static struct tapio *io;
static int pair[2];

static int set_up(void **state)
{
	bool *uring = *state;
	int size = 8 << 20;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair))
		return -1;
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	io = NULL;
	return tapio_new(pair[0], *uring, &io) && !*uring ? -1 : 0;
}

static int tear_down(void **state)
{
	tapio_free(io);
	close(pair[0]);
	close(pair[1]);
	return 0;
}

static void need_io(void)
{
	if (!io)
		skip(); /* no io_uring on this machine */
}

/* More than one call's worth. */
static void writes_in_order(void **state)
{
	unsigned int number[TAPIO_MAX], i;
	uint32_t data[TAPIO_MAX], got;

	need_io();
	for (i = 0; i < TAPIO_MAX; i++) {
		data[i] = i;
		assert_int_equal(tapio_room(io), TAPIO_MAX - i);
		number[i] = tapio_write(io, &data[i], sizeof(data[i]));
	}
	tapio_run(io);
	for (i = 0; i < TAPIO_MAX; i++) {
		assert_int_equal(tapio_result(io, number[i]), sizeof(got));
		assert_int_equal(read(pair[1], &got, sizeof(got)), sizeof(got));
		assert_int_equal(got, i);
	}
	assert_int_equal(read(pair[1], &got, sizeof(got)), -1);
}

static void reads_until_empty(void **state)
{
	char place[8][2][8];
	struct iovec iov[8][2];
	unsigned int number[8], i;

	need_io();
	assert_int_equal(write(pair[1], "abc", 3), 3);
	assert_int_equal(write(pair[1], "0123456789", 10), 10);
	for (i = 0; i < 8; i++) {
		iov[i][0] = (struct iovec){ place[i][0], 8 };
		iov[i][1] = (struct iovec){ place[i][1], 8 };
		number[i] = tapio_read(io, iov[i], 2);
	}
	tapio_run(io);
	assert_int_equal(tapio_result(io, number[0]), 3);
	assert_memory_equal(place[0][0], "abc", 3);
	assert_int_equal(tapio_result(io, number[1]), 10);
	assert_memory_equal(place[1][0], "01234567", 8);
	assert_memory_equal(place[1][1], "89", 2);
	for (i = 2; i < 8; i++)
		assert_int_equal(tapio_result(io, number[i]), -EAGAIN);
}

/* What is written is done when the reads behind it look. */
static void writes_before_reads(void **state)
{
	char place[8];
	struct iovec iov = { place, sizeof(place) };
	unsigned int w, r;

	need_io();
	for (unsigned int round = 0; round < 100; round++) {
		tapio_reset(io);
		w = tapio_write(io, "question", 8);
		r = tapio_read(io, &iov, 1);
		tapio_run(io);
		assert_int_equal(tapio_result(io, w), 8);
		assert_int_equal(tapio_result(io, r), round ? 6 : -EAGAIN);
		assert_int_equal(read(pair[1], place, sizeof(place)), 8);
		assert_int_equal(write(pair[1], "answer", 6), 6);
	}
	tapio_reset(io);
	tapio_run(io); /* nothing to do */
}

static void skips_a_frame(void **state)
{
	char place[8];

	need_io();
	assert_false(tapio_skip(io));
	assert_int_equal(write(pair[1], "long one", 8), 8);
	assert_int_equal(write(pair[1], "next", 4), 4);
	assert_true(tapio_skip(io));
	assert_int_equal(read(pair[0], place, sizeof(place)), 4);
	assert_false(tapio_skip(io));
}

int main(void)
{
	static bool uring = true, plain = false;
	const struct CMUnitTest tests[] = {
#define TEST(fn, how) cmocka_unit_test_prestate_setup_teardown(fn, set_up, tear_down, &(how))
		TEST(writes_in_order, plain),	  TEST(writes_in_order, uring),
		TEST(reads_until_empty, plain),	  TEST(reads_until_empty, uring),
		TEST(writes_before_reads, plain), TEST(writes_before_reads, uring),
		TEST(skips_a_frame, plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
