// SPDX-License-Identifier: GPL-2.0-or-later
/* Names and rotation of guests' logs. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../consoled/logfile.h"

static char dir[64];

static int make_dir(void **state)
{
	strcpy(dir, "/tmp/test_con_logfile.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command);
}

static void name_is(const char *guest, const char *file)
{
	char got[LOGFILE_NAME_MAX];

	logfile_name(got, guest);
	assert_string_equal(got, file);
}

static void test_names(void **state)
{
	name_is("guest-01", "guest-guest-01.log");
	name_is("../../etc/cron.d/x", "guest-_._.._etc_cron.d_x.log");
	name_is(".hidden", "guest-_hidden.log");
	name_is("a\nb\033[m\x7f", "guest-a_b_[m_.log");
	name_is("", "guest-.log");
}

static void test_long_name_is_cut(void **state)
{
	char guest[600], got[LOGFILE_NAME_MAX];

	memset(guest, 'g', sizeof(guest) - 1);
	guest[sizeof(guest) - 1] = '\0';
	logfile_name(got, guest);
	assert_int_equal(strlen(got), LOGFILE_NAME_MAX - 1);
	assert_string_equal(got + strlen(got) - 4, ".log");
}

static void append(const char *file, const char *text)
{
	int fd = logfile_open(dir, file);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void content_is(const char *file, const char *text)
{
	char path[128], got[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	f = fopen(path, "r");
	if (!text) {
		assert_null(f);
		return;
	}
	assert_non_null(f);
	got[fread(got, 1, sizeof(got) - 1, f)] = '\0';
	fclose(f);
	assert_string_equal(got, text);
}

static void rotate(unsigned int keep, uint64_t max)
{
	int fd = logfile_rotate(dir, "g.log", keep, max);

	assert_true(fd >= 0);
	close(fd);
}

static void test_rotation_keeps_the_newest(void **state)
{
	append("g.log", "one");
	append("g.log", "1");
	content_is("g.log", "one1");
	rotate(2, 1);
	content_is("g.log", "");
	append("g.log", "two");
	rotate(2, 1);
	append("g.log", "three");
	rotate(2, 1);
	content_is("g.log", "");
	content_is("g.log.1", "three");
	content_is("g.log.2", "two");
	content_is("g.log.3", NULL);
}

static void test_rotation_that_keeps_none(void **state)
{
	append("g.log", "one");
	rotate(0, 1);
	content_is("g.log", "");
	content_is("g.log.1", NULL);
}

static void test_small_file_is_not_rotated(void **state)
{
	append("g.log", "one");
	rotate(2, 4);
	content_is("g.log", "one");
}

static void test_foreign_things_are_refused(void **state)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/l.log", dir);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(logfile_open(dir, "l.log"), -ELOOP);
	snprintf(path, sizeof(path), "%s/p.log", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_true(logfile_open(dir, "p.log") < 0);
	umask(0);
	append("m.log", "x");
	snprintf(path, sizeof(path), "%s/m.log", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
}

static void test_directory_is_made(void **state)
{
	char deep[96];

	snprintf(deep, sizeof(deep), "%s/a/b", dir);
	assert_true(logfile_open(deep, "g.log") < 0);
	assert_int_equal(logfile_prepare(deep), 0);
	assert_int_equal(logfile_prepare(deep), 0);
	close(logfile_open(deep, "g.log"));
	content_is("a/b/g.log", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_long_name_is_cut),
		cmocka_unit_test_setup_teardown(test_rotation_keeps_the_newest, make_dir,
						remove_dir),
		cmocka_unit_test_setup_teardown(test_rotation_that_keeps_none, make_dir,
						remove_dir),
		cmocka_unit_test_setup_teardown(test_small_file_is_not_rotated, make_dir,
						remove_dir),
		cmocka_unit_test_setup_teardown(test_foreign_things_are_refused, make_dir,
						remove_dir),
		cmocka_unit_test_setup_teardown(test_directory_is_made, make_dir, remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
