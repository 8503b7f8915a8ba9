// SPDX-License-Identifier: GPL-2.0-or-later
/* The log writer: a disk that hangs, one that is full, a log that is full. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../consoled/writer.h"

static atomic_uint asked; /* id of the last log that wanted a fresh file */

static void on_full(uint32_t id)
{
	asked = id;
}

static int temp_file(void)
{
	char path[] = "/tmp/test_con_writer.XXXXXX";
	int fd = mkostemp(path, O_APPEND);

	assert_true(fd >= 0);
	unlink(path);
	return fd;
}

/* @fd: another descriptor of the file that the writer had. */
static void content_is(int fd, const char *text)
{
	char got[256];
	ssize_t n = pread(fd, got, sizeof(got) - 1, 0);

	assert_true(n >= 0);
	got[n] = '\0';
	assert_string_equal(got, text);
}

static void test_writes_in_order(void **state)
{
	struct writer_log *l;
	struct writer *w;
	int fd = temp_file();

	assert_int_equal(writer_start(on_full, &w), 0);
	assert_int_equal(writer_log_new(w, 7, "console/1", dup(fd), 0, &l), 0);
	writer_log_put(l, "one ", 4);
	writer_log_put(l, "two\n", 4);
	writer_log_close(l);
	writer_finish(w, 5000);
	content_is(fd, "one two\n");
	close(fd);
}

/* A pipe that nobody reads is a disk that hangs. */
static void test_hung_disk_holds_nobody_up(void **state)
{
	static char lines[64 * 1024], got[2 * 1024 * 1024];
	struct writer_log *l;
	struct writer *w;
	size_t have = 0;
	int end[2];

	memset(lines, 'x', sizeof(lines));
	assert_int_equal(pipe(end), 0);
	assert_int_equal(writer_start(on_full, &w), 0);
	assert_int_equal(writer_log_new(w, 7, "console/1", end[1], 0, &l), 0);
	for (int i = 0; i < 24; i++)
		writer_log_put(l, lines, sizeof(lines));
	writer_finish(w, 50);
	writer_log_put(l, "end\n", 4);
	writer_log_close(l);
	while (have < sizeof(got) - 1) { /* until the writer closes its end */
		ssize_t n = read(end[0], got + have, sizeof(got) - 1 - have);

		if (n <= 0)
			break;
		have += (size_t)n;
	}
	got[have] = '\0';
	assert_true(have < 24 * sizeof(lines));
	assert_non_null(strstr(got, " bytes lost]\n"));
	assert_string_equal(got + have - 4, "end\n");
	close(end[0]);
}

static void test_full_disk_loses_and_says_so(void **state)
{
	struct writer_log *l;
	struct writer *w;
	int fd = temp_file();

	assert_int_equal(writer_start(on_full, &w), 0);
	assert_int_equal(writer_log_new(w, 7, "console/1", open("/dev/full", O_WRONLY), 0, &l), 0);
	writer_log_put(l, "lost\n", 5);
	writer_finish(w, 5000);
	writer_log_put(l, "lost too\n", 9);
	writer_finish(w, 5000);
	writer_log_switch(l, dup(fd));
	writer_finish(w, 5000);
	writer_log_put(l, "kept\n", 5);
	writer_log_close(l);
	writer_finish(w, 5000);
	content_is(fd, "\n[14 bytes lost]\nkept\n");
	close(fd);
}

static void test_full_log_asks_for_a_fresh_one(void **state)
{
	struct writer_log *l;
	struct writer *w;
	int old = temp_file(), fresh = temp_file();

	asked = 0;
	assert_int_equal(writer_start(on_full, &w), 0);
	assert_int_equal(writer_log_new(w, 7, "console/1", dup(old), 8, &l), 0);
	writer_log_put(l, "1234567", 7);
	writer_finish(w, 5000);
	assert_int_equal(asked, 0);
	writer_log_put(l, "89", 2);
	writer_finish(w, 5000);
	assert_int_equal(asked, 7);
	writer_log_put(l, "10", 2); /* does not wait for it */
	writer_finish(w, 5000);
	writer_log_switch(l, dup(fresh));
	writer_log_put(l, "11", 2);
	writer_log_close(l);
	writer_finish(w, 5000);
	content_is(old, "12345678910");
	content_is(fresh, "11");
	close(old);
	close(fresh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writes_in_order),
		cmocka_unit_test(test_hung_disk_holds_nobody_up),
		cmocka_unit_test(test_full_disk_loses_and_says_so),
		cmocka_unit_test(test_full_log_asks_for_a_fresh_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
