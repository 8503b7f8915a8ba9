/* SPDX-License-Identifier: GPL-2.0-or-later */
/* uring.c: a ring does what it was made for, and nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/util.h"
#include "worker/uring.h"

static const uint8_t ops[] = { IORING_OP_READ, IORING_OP_WRITE };
static struct io_uring ring;
static int file;

static int set_up(void **state)
{
	struct uring_limits limits = { ops, ARRAY_SIZE(ops), -1 };

	file = memfd_create("uring", MFD_CLOEXEC);
	limits.file = file;
	return uring_open(8, &limits, &ring);
}

static int tear_down(void **state)
{
	io_uring_queue_exit(&ring);
	close(file);
	return 0;
}

/* What becomes of the one request that is prepared. */
static int run(void)
{
	struct io_uring_cqe *cqe;
	int res;

	assert_int_equal(io_uring_submit_and_wait(&ring, 1), 1);
	assert_int_equal(io_uring_peek_cqe(&ring, &cqe), 0);
	res = cqe->res;
	io_uring_cqe_seen(&ring, cqe);
	return res;
}

static void test_what_it_is_for(void **state)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
	char got[4] = "";

	io_uring_prep_write(sqe, file, "abc", 3, 0);
	assert_int_equal(run(), 3);
	sqe = io_uring_get_sqe(&ring);
	io_uring_prep_read(sqe, 0, got, 3, 0);
	io_uring_sqe_set_flags(sqe, IOSQE_FIXED_FILE);
	assert_int_equal(run(), 3);
	assert_string_equal(got, "abc");
}

static void test_no_file_is_opened(void **state)
{
	io_uring_prep_openat(io_uring_get_sqe(&ring), AT_FDCWD, "/dev/null", O_RDONLY, 0);
	assert_int_equal(run(), -EACCES);
}

static void test_no_socket_is_made(void **state)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

	/* Of Linux 5.19 and later; to others it is no operation at all. */
	io_uring_prep_rw(45 /* IORING_OP_SOCKET */, sqe, 2 /* AF_INET */, NULL, 0, 1);
	assert_true(run() < 0);
}

static void test_no_flag_but_that_of_the_file(void **state)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

	io_uring_prep_write(sqe, file, "abc", 3, 0);
	io_uring_sqe_set_flags(sqe, IOSQE_ASYNC);
	assert_int_equal(run(), -EACCES);
}

static void test_nothing_more_is_registered(void **state)
{
	struct iovec iov = { .iov_base = (char[4]){ 0 }, .iov_len = 4 };

	assert_int_equal(io_uring_register_buffers(&ring, &iov, 1), -EACCES);
}

static void test_without_a_file(void **state)
{
	const struct uring_limits limits = { ops, ARRAY_SIZE(ops), -1 };
	struct io_uring other;
	struct io_uring_sqe *sqe;
	char byte;

	assert_int_equal(uring_open(8, &limits, &other), 0);
	sqe = io_uring_get_sqe(&other);
	io_uring_prep_read(sqe, 0, &byte, 1, 0);
	io_uring_sqe_set_flags(sqe, IOSQE_FIXED_FILE);
	assert_int_equal(io_uring_submit_and_wait(&other, 1), 1);
	assert_true(io_uring_cq_ready(&other) == 1);
	io_uring_queue_exit(&other);
}

static void test_too_many_operations(void **state)
{
	const struct uring_limits limits = { ops, 17, -1 };
	struct io_uring other;

	assert_int_equal(uring_open(8, &limits, &other), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_it_is_for, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_file_is_opened, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_socket_is_made, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_flag_but_that_of_the_file, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_nothing_more_is_registered, set_up, tear_down),
		cmocka_unit_test(test_without_a_file),
		cmocka_unit_test(test_too_many_operations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
