// SPDX-License-Identifier: GPL-2.0-or-later
/* The thread that discards, over a device that answers when and what it is told to. */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <poll.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "discarder.h"

#define DEPTH 8u
#define FD 4711 /* never reaches the kernel */

/* The device. */
static sem_t may_go;
static int answer;
static struct {
	unsigned long request;
	uint64_t offset, len;
} seen[1024];
static _Atomic unsigned int nr_seen;

int __wrap_ioctl(int fd, unsigned long request, ...);

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	const uint64_t *range;
	va_list ap;

	va_start(ap, request);
	range = va_arg(ap, const uint64_t *);
	va_end(ap);
	sem_wait(&may_go);
	seen[nr_seen].request = fd == FD ? request : 0;
	seen[nr_seen].offset = range[0];
	seen[nr_seen].len = range[1];
	nr_seen++;
	errno = answer;
	return answer ? -1 : 0;
}

/* Of a file, at once. */
int __wrap_fallocate64(int fd, int mode, off_t offset, off_t len);

int __wrap_fallocate64(int fd, int mode, off_t offset, off_t len)
{
	seen[nr_seen].request = fd == FD ? (unsigned long)mode : 0;
	seen[nr_seen].offset = (uint64_t)offset;
	seen[nr_seen].len = (uint64_t)len;
	nr_seen++;
	errno = answer;
	return answer ? -1 : 0;
}

static struct discarder *d;

static int begin(void **state)
{
	(void)state;
	sem_init(&may_go, 0, 0);
	answer = 0;
	nr_seen = 0;
	return discarder_new(FD, BLK_DISCARD_DEVICE, DEPTH, &d);
}

static void let(unsigned int nr)
{
	while (nr-- > 0)
		sem_post(&may_go);
}

/* Wait for @nr completions. */
static void take(struct engine_done *done, unsigned int nr)
{
	unsigned int have = 0;

	while (have < nr) {
		struct pollfd p = { .fd = discarder_fd(d), .events = POLLIN };

		assert_int_equal(poll(&p, 1, 10000), 1);
		have += discarder_reap(d, done + have, nr - have);
	}
}

static void idle_one_is_not_readable(void **state)
{
	struct pollfd p = { .fd = discarder_fd(d), .events = POLLIN };
	struct engine_done done;

	assert_int_equal(poll(&p, 1, 0), 0);
	assert_int_equal(discarder_reap(d, &done, 1), 0);
	discarder_free(d);
}

static void jobs_are_done_in_order(void **state)
{
	struct engine_done done[DEPTH];

	let(100 * DEPTH);
	for (unsigned int round = 0; round < 100; round++) {
		for (unsigned int i = 0; i < DEPTH; i++)
			discarder_start(d, 1000 + i, 4096 * i, 512, i % 2);
		take(done, DEPTH);
		for (unsigned int i = 0; i < DEPTH; i++) {
			assert_int_equal(done[i].tag, 1000 + i);
			assert_int_equal(done[i].res, 0);
			assert_int_equal(seen[round * DEPTH + i].request,
					 i % 2 ? BLKSECDISCARD : BLKDISCARD);
			assert_int_equal(seen[round * DEPTH + i].offset, 4096 * i);
			assert_int_equal(seen[round * DEPTH + i].len, 512);
		}
	}
	discarder_free(d);
}

static void error_is_that_of_the_device(void **state)
{
	static const int errors[] = { EOPNOTSUPP, EIO, EINVAL, ENOTTY };
	struct engine_done done;

	for (unsigned int i = 0; i < 4; i++) {
		answer = errors[i];
		let(1);
		discarder_start(d, i, 0, 512, false);
		take(&done, 1);
		assert_int_equal(done.tag, i);
		assert_int_equal(done.res, -errors[i]);
	}
	discarder_free(d);
}

/* Nobody waits for a device but the thread. */
static void start_does_not_wait(void **state)
{
	struct engine_done done[DEPTH];

	for (unsigned int i = 0; i < DEPTH; i++)
		discarder_start(d, i, 0, 512, false);
	assert_int_equal(discarder_reap(d, done, DEPTH), 0);
	let(DEPTH);
	take(done, DEPTH);
	discarder_free(d);
}

static void end_waits_for_what_is_queued(void **state)
{
	for (unsigned int i = 0; i < DEPTH; i++)
		discarder_start(d, i, 0, 512, false);
	let(DEPTH);
	discarder_free(d);
	assert_int_equal(nr_seen, DEPTH);
}

static void reaping_in_pieces_loses_none(void **state)
{
	struct engine_done done[DEPTH];
	unsigned int nr = 0;

	let(DEPTH);
	for (unsigned int i = 0; i < DEPTH; i++)
		discarder_start(d, i, 0, 512, false);
	while (nr_seen < DEPTH)
		usleep(1000);
	while (nr < DEPTH) { /* the last one is told of after it was seen */
		unsigned int got = discarder_reap(d, done, 1);

		assert_true(got == 0 || done[0].tag == nr);
		nr += got;
	}
	assert_int_equal(discarder_reap(d, done, 1), 0);
	discarder_free(d);
}

static void rest_of_a_reaping_is_told_of(void **state)
{
	struct pollfd p = { .fd = discarder_fd(d), .events = POLLIN };
	struct engine_done done[DEPTH];

	let(2);
	discarder_start(d, 0, 0, 512, false);
	discarder_start(d, 1, 0, 512, false);
	while (nr_seen < 2)
		usleep(1000);
	while (discarder_reap(d, done, 1) == 0)
		;
	assert_int_equal(poll(&p, 1, 10000), 1);
	take(done, 1);
	assert_int_equal(done[0].tag, 1);
	discarder_free(d);
}

static void file_gets_a_hole(void **state)
{
	struct engine_done done;

	discarder_free(d);
	assert_int_equal(discarder_new(FD, BLK_DISCARD_FILE, DEPTH, &d), 0);
	discarder_start(d, 7, 4096, 512, true);
	take(&done, 1);
	assert_int_equal(done.tag, 7);
	assert_int_equal(done.res, 0);
	assert_int_equal(seen[0].request, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE);
	assert_int_equal(seen[0].offset, 4096);
	assert_int_equal(seen[0].len, 512);
	answer = EOPNOTSUPP;
	discarder_start(d, 8, 0, 512, false);
	take(&done, 1);
	assert_int_equal(done.res, -EOPNOTSUPP);
	discarder_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(idle_one_is_not_readable, begin),
		cmocka_unit_test_setup(jobs_are_done_in_order, begin),
		cmocka_unit_test_setup(error_is_that_of_the_device, begin),
		cmocka_unit_test_setup(start_does_not_wait, begin),
		cmocka_unit_test_setup(end_waits_for_what_is_queued, begin),
		cmocka_unit_test_setup(reaping_in_pieces_loses_none, begin),
		cmocka_unit_test_setup(rest_of_a_reaping_is_told_of, begin),
		cmocka_unit_test_setup(file_gets_a_hole, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
