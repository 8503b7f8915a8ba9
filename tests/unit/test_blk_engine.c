// SPDX-License-Identifier: GPL-2.0-or-later
/* What a queue relies on, of each engine, over real files. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine_file.h"

#define FILE_BYTES (1u << 20)
#define DEPTH 32u
#define TAG_WATCH (UINT64_MAX - 3)

static enum blk_engine kind;
static struct engine *e;
static int file;
static _Alignas(4096) uint8_t buf[DEPTH][65536];

static int begin_with(int flags)
{
	file = engine_file(FILE_BYTES, flags);
	return file < 0 || engine_make(kind, file, DEPTH, &e) != 0 ? -1 : 0;
}

static int begin(void **state)
{
	return begin_with(O_RDWR);
}

static int begin_read_only(void **state)
{
	return begin_with(O_RDONLY);
}

static int end(void **state)
{
	engine_close(e);
	e = NULL;
	close(file);
	return 0;
}

/* The one that is in flight. */
static int32_t finish(uint64_t tag)
{
	struct engine_done done[2];
	unsigned int nr;

	do /* the end of an io_uring in this process can interrupt any wait of it */
		assert_int_equal(engine_submit(e, 1, 0), 0);
	while ((nr = engine_reap(e, done, 2)) == 0);
	assert_int_equal(nr, 1);
	assert_int_equal(done[0].tag, tag);
	return done[0].res;
}

static int32_t transfer(bool write, uint64_t offset, uint32_t len)
{
	struct iovec iov = { buf[0], len };

	if (write)
		engine_write(e, 5, &iov, 1, offset);
	else
		engine_read(e, 5, &iov, 1, offset);
	return finish(5);
}

static void nothing_is_done_without_being_started(void **state)
{
	struct engine_done done;

	assert_false(engine_ready(e));
	assert_int_equal(engine_submit(e, 0, 0), 0);
	assert_int_equal(engine_reap(e, &done, 1), 0);
}

static void name_is_that_of_the_option(void **state)
{
	assert_string_equal(engine_name(e), engine_names[kind]);
}

static void each_is_done_once(void **state)
{
	struct iovec iov[DEPTH];
	struct engine_done done[DEPTH];
	uint64_t seen = 0;
	unsigned int nr = 0;

	for (unsigned int i = 0; i < DEPTH; i++) {
		iov[i] = (struct iovec){ buf[i], 4096 };
		engine_read(e, i, &iov[i], 1, 4096ull * i);
	}
	while (nr < DEPTH) {
		unsigned int got;
		bool ready;

		assert_int_equal(engine_submit(e, 1, 0), 0);
		ready = engine_ready(e);
		got = engine_reap(e, done, 3);
		assert_in_range(got, ready ? 1 : 0, 3);
		for (unsigned int i = 0; i < got; i++) {
			assert_int_equal(done[i].res, 4096);
			assert_false(seen & 1ull << done[i].tag);
			seen |= 1ull << done[i].tag;
		}
		nr += got;
	}
	assert_false(engine_ready(e));
}

/* The image has shrunk: what is behind its end is an end, and no garbage. */
static void read_beyond_the_end_moves_nothing(void **state)
{
	assert_int_equal(ftruncate(file, FILE_BYTES / 2), 0);
	assert_int_equal(transfer(false, FILE_BYTES / 2, 4096), 0);
	assert_int_equal(transfer(false, FILE_BYTES - 4096, 4096), 0);
	assert_int_equal(transfer(false, FILE_BYTES / 2 - 1024, 4096), 1024);
}

static void write_to_a_read_only_descriptor_fails(void **state)
{
	assert_int_equal(transfer(true, 0, 4096), -EBADF);
	assert_int_equal(transfer(false, 0, 4096), 4096);
}

static void write_beyond_the_limit_of_files_fails(void **state)
{
	struct rlimit before, limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = FILE_BYTES;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(transfer(true, FILE_BYTES, 4096), -EFBIG);
	assert_int_equal(transfer(true, FILE_BYTES - 4096, 4096), 4096);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
}

/* Of those that are started together each has a result of its own. */
static void failure_is_of_one_alone(void **state)
{
	struct iovec good = { buf[0], 4096 }, bad = { (void *)1, 4096 };
	int32_t res[3] = { 0 };
	unsigned int nr = 0;

	engine_read(e, 0, &good, 1, 0);
	engine_read(e, 1, &bad, 1, 0);
	engine_flush(e, 2);
	while (nr < 3) {
		struct engine_done done[3];
		unsigned int got;

		assert_int_equal(engine_submit(e, 1, 0), 0);
		got = engine_reap(e, done, 3);
		for (unsigned int i = 0; i < got; i++)
			res[done[i].tag] = done[i].res;
		nr += got;
	}
	assert_int_equal(res[0], 4096);
	assert_true(res[1] < 0);
	assert_int_equal(res[2], 0);
}

static void discarded_range_reads_as_zeros(void **state)
{
	static const uint8_t zeros[8192];
	int32_t res;

	engine_discard(e, 9, 4096, 8192, false);
	res = finish(9);
	if (res == -EOPNOTSUPP) { /* a file system without holes says so */
		assert_int_equal(transfer(false, 4096, 8192), 8192);
		return;
	}
	assert_int_equal(res, 0);
	assert_int_equal(transfer(false, 4096, 8192), 8192);
	assert_memory_equal(buf[0], zeros, 8192);
	assert_int_equal(transfer(false, 0, 4096), 4096);
	assert_memory_not_equal(buf[0], zeros, 4096);
}

static void watch_tells_once(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	struct engine_done done[2];
	uint64_t one = 1;

	engine_watch(e, TAG_WATCH, fd);
	assert_int_equal(engine_submit(e, 1, NS_PER_MS), 0);
	assert_int_equal(engine_reap(e, done, 2), 0);
	assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
	finish(TAG_WATCH);
	/* It is readable still. */
	assert_int_equal(engine_submit(e, 1, 20 * NS_PER_MS), 0);
	assert_int_equal(engine_reap(e, done, 2), 0);
	engine_watch(e, TAG_WATCH, fd);
	finish(TAG_WATCH);
	close(fd);
}

static void *write_later(void *fd)
{
	uint64_t one = 1;

	usleep(20 * 1000);
	assert_int_equal(write(*(int *)fd, &one, sizeof(one)), sizeof(one));
	return NULL;
}

static void watched_descriptor_ends_the_sleep(void **state)
{
	int fds[3] = { eventfd(0, 0), eventfd(0, 0), eventfd(0, 0) };
	uint64_t start = now_ns();
	pthread_t thread;

	for (unsigned int i = 0; i < 3; i++)
		engine_watch(e, TAG_WATCH + i, fds[i]);
	assert_int_equal(pthread_create(&thread, NULL, write_later, &fds[1]), 0);
	finish(TAG_WATCH + 1);
	assert_in_range(now_ns() - start, 20 * NS_PER_MS, 5 * NS_PER_SEC);
	pthread_join(thread, NULL);
	for (unsigned int i = 0; i < 3; i++)
		close(fds[i]);
}

static void time_limit_ends_the_sleep(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	struct engine_done done;
	uint64_t start = now_ns();

	engine_watch(e, TAG_WATCH, fd);
	assert_int_equal(engine_submit(e, 1, 30 * NS_PER_MS), 0);
	assert_in_range(now_ns() - start, 30 * NS_PER_MS, 5 * NS_PER_SEC);
	assert_int_equal(engine_reap(e, &done, 1), 0);
	/* For more than can be done as well. */
	start = now_ns();
	engine_flush(e, 3);
	assert_int_equal(engine_submit(e, 2, 30 * NS_PER_MS), 0);
	assert_in_range(now_ns() - start, 30 * NS_PER_MS, 5 * NS_PER_SEC);
	if (engine_reap(e, &done, 1) == 0) /* a slow disk */
		finish(3);
	else
		assert_int_equal(done.tag, 3);
	close(fd);
}

/* The buffers are somebody else's then. */
static void close_waits_for_what_is_in_flight(void **state)
{
	static uint8_t mark[sizeof(buf)];
	struct iovec iov[DEPTH];

	for (unsigned int round = 0; round < 10; round++) {
		memset(buf, 0x5a, sizeof(buf));
		for (unsigned int i = 0; i < DEPTH; i++) {
			iov[i] = (struct iovec){ buf[i], sizeof(buf[i]) };
			engine_read(e, i, &iov[i], 1, FILE_BYTES / DEPTH / 512 * 512 * i);
		}
		engine_discard(e, DEPTH, 0, 512, false);
		assert_int_equal(engine_submit(e, 0, 0), 0);
		engine_close(e);
		memset(buf, 0xa5, sizeof(buf));
		memset(mark, 0xa5, sizeof(mark));
		usleep(2000);
		assert_memory_equal(buf, mark, sizeof(buf));
		assert_int_equal(engine_make(kind, file, DEPTH + 1, &e), 0);
	}
}

/* What was prepared only is not started any more, and not waited for. */
static void close_forgets_watches(void **state)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	engine_watch(e, TAG_WATCH, fd);
	assert_int_equal(engine_submit(e, 0, 0), 0);
	engine_watch(e, TAG_WATCH + 1, fd);
	engine_close(e);
	close(fd);
	assert_int_equal(engine_make(kind, file, DEPTH, &e), 0);
}

/* What a turn of many costs; the synchronous one has a call for each. */
static void many_share_their_system_calls(void **state)
{
	struct iovec iov[DEPTH];
	struct engine_done done[DEPTH];
	uint64_t before = engine_syscalls(e);

	if (kind == BLK_ENGINE_SYNC)
		before += DEPTH;
	for (unsigned int i = 0; i < DEPTH; i++) {
		iov[i] = (struct iovec){ buf[i], 4096 };
		engine_read(e, i, &iov[i], 1, 4096ull * i);
	}
	assert_int_equal(engine_submit(e, DEPTH, 5 * NS_PER_SEC), 0);
	assert_int_equal(engine_reap(e, done, DEPTH), DEPTH);
	assert_in_range(engine_syscalls(e) - before, 1, 2);
	assert_false(engine_ready(e));
	assert_in_range(engine_syscalls(e) - before, 1, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_done_without_being_started, begin, end),
		cmocka_unit_test_setup_teardown(name_is_that_of_the_option, begin, end),
		cmocka_unit_test_setup_teardown(each_is_done_once, begin, end),
		cmocka_unit_test_setup_teardown(read_beyond_the_end_moves_nothing, begin, end),
		cmocka_unit_test_setup_teardown(write_to_a_read_only_descriptor_fails,
						begin_read_only, end),
		cmocka_unit_test_setup_teardown(write_beyond_the_limit_of_files_fails, begin, end),
		cmocka_unit_test_setup_teardown(failure_is_of_one_alone, begin, end),
		cmocka_unit_test_setup_teardown(discarded_range_reads_as_zeros, begin, end),
		cmocka_unit_test_setup_teardown(watch_tells_once, begin, end),
		cmocka_unit_test_setup_teardown(watched_descriptor_ends_the_sleep, begin, end),
		cmocka_unit_test_setup_teardown(time_limit_ends_the_sleep, begin, end),
		cmocka_unit_test_setup_teardown(close_waits_for_what_is_in_flight, begin, end),
		cmocka_unit_test_setup_teardown(close_forgets_watches, begin, end),
		cmocka_unit_test_setup_teardown(many_share_their_system_calls, begin, end),
	};
	int failed = 0;

	if (!engines_are_all_here())
		return 77;
	/* From the last to the first: the end of an io_uring interrupts the waits of others. */
	for (kind = BLK_ENGINE_SYNC; kind != BLK_ENGINE_AUTO; kind--)
		failed += cmocka_run_group_tests_name(engine_names[kind], tests, NULL, NULL);
	return failed;
}
