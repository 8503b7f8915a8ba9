// SPDX-License-Identifier: GPL-2.0-or-later
/* The buffer that forgets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../consoled/backlog.h"

static void expect(struct backlog *b, const char *text)
{
	char got[64];
	size_t at = 0, n;
	const uint8_t *piece;

	while ((n = backlog_peek(b, &piece)) > 0) {
		assert_true(at + n < sizeof(got));
		memcpy(got + at, piece, n);
		at += n;
		backlog_drop(b, n);
	}
	got[at] = '\0';
	assert_string_equal(got, text);
}

static void put(struct backlog *b, const char *text)
{
	backlog_put(b, text, strlen(text));
}

static void test_first_in_first_out(void **state)
{
	struct backlog b;

	assert_int_equal(backlog_init(&b, 8), 0);
	put(&b, "abc");
	put(&b, "def");
	expect(&b, "abcdef");
	put(&b, "ghijklmn"); /* wraps, exactly full */
	assert_int_equal(b.used, 8);
	expect(&b, "ghijklmn");
	assert_int_equal(b.lost, 0);
	backlog_fini(&b);
}

static void test_oldest_go_first(void **state)
{
	struct backlog b;

	assert_int_equal(backlog_init(&b, 8), 0);
	put(&b, "abcdef");
	put(&b, "ghijk");
	assert_int_equal(b.lost, 3);
	expect(&b, "defghijk");
	backlog_fini(&b);
}

static void test_more_than_it_holds(void **state)
{
	struct backlog b;

	assert_int_equal(backlog_init(&b, 8), 0);
	put(&b, "ab");
	put(&b, "0123456789ABCDEF");
	assert_int_equal(b.lost, 10);
	expect(&b, "89ABCDEF");
	backlog_fini(&b);
}

static void test_drop_a_part(void **state)
{
	struct backlog b;

	assert_int_equal(backlog_init(&b, 8), 0);
	put(&b, "abcdef");
	backlog_drop(&b, 2);
	put(&b, "gh");
	expect(&b, "cdefgh");
	backlog_drop(&b, 5);
	assert_int_equal(b.used, 0);
	backlog_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_in_first_out),
		cmocka_unit_test(test_oldest_go_first),
		cmocka_unit_test(test_more_than_it_holds),
		cmocka_unit_test(test_drop_a_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
