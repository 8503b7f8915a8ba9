// SPDX-License-Identifier: GPL-2.0-or-later
/* store.c over a fake libxenstore: what comes out of it is text, bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fake_xenstore.h"
#include "xen/store.h"

static struct store *store;

static int fresh(void **state)
{
	fake_store_clear();
	return store_open(&store);
}

static int done(void **state)
{
	store_close(store);
	return 0;
}

static void value_is_read_whole(void **state)
{
	char buf[8];

	fake_store_text("a/b", "1234567");
	assert_int_equal(store_read(store, buf, sizeof(buf), "a/%s", "b"), 0);
	assert_string_equal(buf, "1234567");
	fake_store_text("a/b", "");
	assert_int_equal(store_read(store, buf, sizeof(buf), "a/b"), 0);
	assert_string_equal(buf, "");
}

static void value_that_does_not_fit_is_refused(void **state)
{
	char buf[8] = "before";

	fake_store_text("a", "12345678");
	assert_int_equal(store_read(store, buf, sizeof(buf), "a"), -E2BIG);
	assert_string_equal(buf, "before");
}

static void value_with_a_nul_is_refused(void **state)
{
	static const char *const values[] = { "\0one", "one\0", "o\0ne" };
	char buf[8] = "before";

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		fake_store_set("a", values[i], 4);
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
	assert_false(store_exists(store, "a/1"));
	assert_int_equal(store_list(store, &names, &nr, "a"), 0);
	assert_int_equal(nr, 1);
	assert_string_equal(names[0], "0");
	free(names);
}

static void errors_are_passed_on(void **state)
{
	struct store_event ev;
	struct store *other;
	unsigned int nr;
	char **names;
	char buf[8];

	fake_store.error = EACCES;
	assert_int_equal(store_open(&other), -EACCES);
	assert_int_equal(store_read(store, buf, sizeof(buf), "a"), -EACCES);
	assert_int_equal(store_write(store, "x", "a"), -EACCES);
	assert_int_equal(store_rm(store, "a"), -EACCES);
	assert_int_equal(store_list(store, &names, &nr, "a"), -EACCES);
	assert_int_equal(store_watch(store, "a", "t"), -EACCES);
	assert_int_equal(store_next_event(store, &ev), -EACCES);
	assert_int_equal(store_tx_begin(store), -EACCES);
	assert_false(store_exists(store, "a"));
}

static void calls_between_begin_and_end_are_of_the_transaction(void **state)
{
	assert_int_equal(store_tx_begin(store), 0);
	assert_int_equal(store_write(store, "x", "a"), 0);
	assert_int_equal(fake_store.tx, 7);
	fake_store.tx_conflicts = 1;
	assert_int_equal(store_tx_end(store), -EAGAIN);
	assert_int_equal(store_write(store, "x", "a"), 0);
	assert_int_equal(fake_store.tx, XBT_NULL);
	assert_int_equal(store_tx_begin(store), 0);
	assert_int_equal(store_tx_end(store), 0);
	assert_int_equal(store_tx_begin(store), 0);
	store_tx_abort(store);
	assert_false(store_exists(store, "b"));
	assert_int_equal(fake_store.tx, XBT_NULL);
}

static void event_is_cut_to_its_room(void **state)
{
	struct store_event ev;

	assert_int_equal(store_next_event(store, &ev), -EAGAIN);
	fake_store_text("a/path", "");
	assert_int_equal(store_next_event(store, &ev), 0);
	assert_string_equal(ev.path, "a/path");
	assert_string_equal(ev.token, "token");
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

		fake_store_text("domid", cases[i].text);
		assert_int_equal(store_open(&other), 0);
		assert_int_equal(store_own_domid(other), cases[i].domid);
		store_close(other);
	}
}

static void domain_is_alive_while_it_is_introduced(void **state)
{
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
		STORE_TEST(calls_between_begin_and_end_are_of_the_transaction),
		STORE_TEST(event_is_cut_to_its_room),
		STORE_TEST(own_domain_is_zero_unless_the_store_says_otherwise),
		STORE_TEST(domain_is_alive_while_it_is_introduced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
