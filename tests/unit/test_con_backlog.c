// SPDX-License-Identifier: GPL-2.0-or-later
/* The buffer that forgets. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
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
	backlog_drop(&b, 5);
	put(&b, "ghijklm"); /* wraps, exactly full */
	assert_int_equal(b.used, 8);
	expect(&b, "fghijklm");
	assert_int_equal(b.lost, 0);
	backlog_fini(&b);
}

/* Else each console would come to use all of its memory, page by page. */
static void test_empty_one_starts_at_the_beginning(void **state)
{
	const uint8_t *piece;
	struct backlog b;

	assert_int_equal(backlog_init(&b, 8), 0);
	put(&b, "abc");
	backlog_drop(&b, 3);
	put(&b, "def");
	assert_int_equal(backlog_peek(&b, &piece), 3);
	assert_ptr_equal(piece, b.buf);
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

/* Linked in malloc()'s place. */
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
static bool no_memory;

void *__wrap_malloc(size_t size)
{
	return no_memory ? NULL : __real_malloc(size);
}

static void test_no_memory(void **state)
{
	struct backlog b = { .size = 99 };

	no_memory = true;
	assert_int_equal(backlog_init(&b, 8), -ENOMEM);
	no_memory = false;
	assert_int_equal(b.size, 99);
}

/* Every length at every place of a small one, against a string that slides. */
static void test_every_length_everywhere(void **state)
{
	static const char text[] = "abcdefghijklmnopqrstuvwxyz";
	struct backlog b;

	for (size_t first = 0; first <= 20; first++)
		for (size_t drop = 0; drop <= 20; drop++)
			for (size_t n = 0; n + first <= 26; n++) {
				size_t held = first > 8 ? 8 : first;
				size_t left = drop > held ? 0 : held - drop;
				size_t used = left + n > 8 ? 8 : left + n;
				const uint8_t *piece;

				assert_int_equal(backlog_init(&b, 8), 0);
				backlog_put(&b, text, first);
				backlog_drop(&b, drop);
				backlog_put(&b, text + first, n / 2);
				backlog_put(&b, text + first + n / 2, n - n / 2);
				assert_int_equal(b.used, used);
				assert_int_equal(b.lost, first - held + left + n - used);
				for (const char *want = text + first + n - used; b.used > 0;) {
					size_t got = backlog_peek(&b, &piece);

					assert_in_range(got, 1, b.used);
					assert_memory_equal(piece, want, got);
					want += got;
					backlog_drop(&b, got);
				}
				assert_int_equal(backlog_peek(&b, &piece), 0);
				backlog_fini(&b);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_in_first_out),
		cmocka_unit_test(test_empty_one_starts_at_the_beginning),
		cmocka_unit_test(test_oldest_go_first),
		cmocka_unit_test(test_more_than_it_holds),
		cmocka_unit_test(test_drop_a_part),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_every_length_everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
