// SPDX-License-Identifier: GPL-2.0-or-later
/* store.c over a libxenstore in memory: what comes out of it is text, bounded. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../fuzz/fake_xs.h"
#include "base/util.h"
#include "xen/store.h"

static struct store *store;
static int store_error; /* every call fails with it */

static int fault(enum fake_xs_op op)
{
	return store_error;
}

static int fresh(void **state)
{
	fake_xs_reset();
	fake_xs_fault = fault;
	store_error = 0;
	return store_open(&store);
}

static int done(void **state)
{
	store_close(store);
	fake_xs_reset();
	return 0;
}

static void value_is_read_whole(void **state)
{
	char buf[8];

	fake_xs_set_text("a/b", "1234567");
	assert_int_equal(store_read(store, buf, sizeof(buf), "a/%s", "b"), 0);
	assert_string_equal(buf, "1234567");
	fake_xs_set_text("a/b", "");
	assert_int_equal(store_read(store, buf, sizeof(buf), "a/b"), 0);
	assert_string_equal(buf, "");
}

static void value_that_does_not_fit_is_refused(void **state)
{
	char buf[8] = "before";

	fake_xs_set_text("a", "12345678");
	assert_int_equal(store_read(store, buf, sizeof(buf), "a"), -E2BIG);
	assert_string_equal(buf, "before");
}

static void value_with_a_nul_is_refused(void **state)
{
	static const char *const values[] = { "\0one", "one\0", "o\0ne" };
	char buf[8] = "before";

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		fake_xs_set("a", values[i], 4);
		assert_int_equal(store_read(store, buf, sizeof(buf), "a"), -EINVAL);
	}
	assert_string_equal(buf, "before");
}

static void path_that_does_not_fit_is_refused(void **state)
{
	char path[STORE_PATH_MAX + 1], buf[8];
	unsigned int nr;
	char **names;

	memset(path, 'a', STORE_PATH_MAX);
	path[STORE_PATH_MAX] = '\0';
	assert_int_equal(store_read(store, buf, sizeof(buf), "%s", path), -ENAMETOOLONG);
	assert_int_equal(store_write(store, "1", "%s", path), -ENAMETOOLONG);
	assert_int_equal(store_rm(store, "%s", path), -ENAMETOOLONG);
	assert_int_equal(store_list(store, &names, &nr, "%s", path), -ENAMETOOLONG);
	assert_false(store_exists(store, "%s", path));
	path[STORE_PATH_MAX - 1] = '\0';
	assert_int_equal(store_read(store, buf, sizeof(buf), "%s", path), -ENOENT);
}

static void keys_are_written_listed_and_removed(void **state)
{
	char buf[8];
	unsigned int nr;
	char **names;

	assert_int_equal(store_write(store, "x", "a/%d", 1), 0);
	assert_true(store_exists(store, "a/1"));
	assert_int_equal(store_read(store, buf, sizeof(buf), "a/1"), 0);
	assert_string_equal(buf, "x");
	assert_int_equal(store_rm(store, "a/%d", 1), 0);
	assert_int_equal(store_write(store, "", "a/2"), 0);
	assert_false(store_exists(store, "a/1"));
	assert_int_equal(store_list(store, &names, &nr, "a"), 0);
	assert_int_equal(nr, 1);
	assert_string_equal(names[0], "2");
	free(names);
}

static void errors_are_passed_on(void **state)
{
	unsigned int nr;
	char **names;
	char buf[8];

	store_error = EACCES;
	assert_int_equal(store_read(store, buf, sizeof(buf), "a"), -EACCES);
	assert_int_equal(store_write(store, "x", "a"), -EACCES);
	assert_int_equal(store_rm(store, "a"), -EACCES);
	assert_int_equal(store_list(store, &names, &nr, "a"), -EACCES);
	assert_int_equal(store_watch(store, "a", "t"), -EACCES);
	assert_int_equal(store_tx_begin(store), -EACCES);
	assert_false(store_exists(store, "a"));
	store_error = 0;
	assert_int_equal(store_tx_begin(store), 0);
	store_error = EIO;
	assert_int_equal(store_tx_end(store), -EIO);
}

static void writes_between_begin_and_end_are_seen_at_once_or_never(void **state)
{
	char buf[8];

	assert_int_equal(store_tx_begin(store), 0);
	assert_int_equal(store_write(store, "x", "a"), 0);
	assert_int_equal(store_read(store, buf, sizeof(buf), "a"), 0);
	assert_null(fake_xs_get("a"));
	fake_xs_set_text("b", "by another");
	assert_int_equal(store_tx_end(store), -EAGAIN);
	assert_false(store_exists(store, "a"));
	assert_int_equal(store_tx_begin(store), 0);
	assert_int_equal(store_write(store, "x", "a"), 0);
	assert_int_equal(store_tx_end(store), 0);
	assert_string_equal(fake_xs_get("a"), "x");
	assert_int_equal(store_tx_begin(store), 0);
	assert_int_equal(store_write(store, "y", "a"), 0);
	store_tx_abort(store);
	assert_string_equal(fake_xs_get("a"), "x");
	assert_int_equal(store_write(store, "z", "a"), 0);
	assert_string_equal(fake_xs_get("a"), "z");
}

static void watch_tells_of_changes_below_it(void **state)
{
	struct store_event ev;

	assert_int_equal(store_next_event(store, &ev), -EAGAIN);
	assert_int_equal(store_watch(store, "a", "token"), 0);
	assert_int_equal(store_next_event(store, &ev), 0);
	assert_string_equal(ev.path, "a");
	fake_xs_set_text("a/path", "");
	assert_int_equal(store_next_event(store, &ev), 0);
	assert_string_equal(ev.path, "a/path");
	assert_string_equal(ev.token, "token");
	store_unwatch(store, "a", "token");
	fake_xs_set_text("a/path", "");
	assert_int_equal(store_next_event(store, &ev), -EAGAIN);
}

/* A guest names its nodes as it likes; libxenstore passes on what it is sent. */
static void event_is_cut_to_its_room(void **state)
{
	char path[590] = "a/";
	struct store_event ev;

	memset(path + 2, 'b', sizeof(path) - 3);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(store_watch(store, path, path), 0);
	assert_int_equal(store_next_event(store, &ev), 0);
	assert_int_equal(strlen(ev.path), sizeof(ev.path) - 1);
	assert_int_equal(strlen(ev.token), sizeof(ev.token) - 1);
	assert_memory_equal(ev.path, path, sizeof(ev.path) - 1);
}

static void own_domain_is_zero_unless_the_store_says_otherwise(void **state)
{
	static const struct {
		const char *text;
		uint16_t domid;
	} cases[] = {
		{ "5", 5 }, { "32751", 0x7fef }, { "32752", 0 }, { "", 0 }, { "-1", 0 }, { "x", 0 },
	};

	assert_int_equal(store_own_domid(store), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct store *other;

		fake_xs_set_text("domid", cases[i].text);
		assert_int_equal(store_open(&other), 0);
		assert_int_equal(store_own_domid(other), cases[i].domid);
		store_close(other);
	}
}

static void domain_is_alive_while_it_is_introduced(void **state)
{
	fake_xs_domain(3, true);
	assert_true(store_domain_alive(store, 3));
	assert_false(store_domain_alive(store, 4));
}

int main(void)
{
#define STORE_TEST(test) cmocka_unit_test_setup_teardown(test, fresh, done)
	const struct CMUnitTest tests[] = {
		STORE_TEST(value_is_read_whole),
		STORE_TEST(value_that_does_not_fit_is_refused),
		STORE_TEST(value_with_a_nul_is_refused),
		STORE_TEST(path_that_does_not_fit_is_refused),
		STORE_TEST(keys_are_written_listed_and_removed),
		STORE_TEST(errors_are_passed_on),
		STORE_TEST(writes_between_begin_and_end_are_seen_at_once_or_never),
		STORE_TEST(watch_tells_of_changes_below_it),
		STORE_TEST(event_is_cut_to_its_room),
		STORE_TEST(own_domain_is_zero_unless_the_store_says_otherwise),
		STORE_TEST(domain_is_alive_while_it_is_introduced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
