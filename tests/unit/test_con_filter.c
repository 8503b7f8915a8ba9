// SPDX-License-Identifier: GPL-2.0-or-later
/* What of a guest's output gets into the log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../consoled/filter.h"

static void expect(struct filter *f, const char *in, const char *out)
{
	uint8_t buf[FILTER_OUT_MAX(256)];
	size_t n = filter_run(f, "T ", (const uint8_t *)in, strlen(in), buf);

	buf[n] = '\0';
	assert_string_equal((char *)buf, out);
}

static void dots(const char *in, const char *out)
{
	struct filter f = { 0 };

	expect(&f, in, out);
}

static void test_text_passes(void **state)
{
	dots("Linux version 6.1\n\tok ~ !\n", "Linux version 6.1\n\tok ~ !\n");
}

static void test_escapes_become_dots(void **state)
{
	dots("\033[2J\033]0;root\a#\b\x7f", ".[2J.]0;root.#..");
}

static void test_line_ends(void **state)
{
	dots("a\r\nb\r\r\nc\rd", "a\nb\nc.d");
}

static void test_carriage_return_at_the_end_of_a_turn(void **state)
{
	struct filter f = { 0 };

	expect(&f, "a\r", "a");
	expect(&f, "\nb\r", "\nb");
	expect(&f, "c", ".c");
}

static void test_utf8_passes(void **state)
{
	dots("\xe2\x97\x8f caf\xc3\xa9 \xf0\x9f\x98\x80",
	     "\xe2\x97\x8f caf\xc3\xa9 \xf0\x9f\x98\x80");
}

static void test_utf8_over_two_turns(void **state)
{
	struct filter f = { 0 };

	expect(&f, "\xe2\x97", "\xe2\x97");
	expect(&f, "\x8f\x8f", "\x8f.");
}

static void test_c1_controls_become_dots(void **state)
{
	dots("\x9b"
	     "2J",
	     ".2J"); /* CSI as one byte */
	dots("\xc2\x9b"
	     "2J",
	     "\xc2.2J"); /* the same in UTF-8 */
	dots("\xe0\x82\x9b"
	     "2J",
	     "\xe0..2J"); /* overlong */
	dots("\xf0\x80\x82\x9b", "\xf0...");
	dots("\xc1\x9b", "..");
	dots("\xed\xa0\x80", "\xed.."); /* surrogate */
	dots("\xc3\xc0", "\xc3.");
	dots("\xe2\x97\xc0", "\xe2\x97.");
	dots("\xf0\x9f\x98\x80\x80", "\xf0\x9f\x98\x80."); /* one too many */
	dots("\xc2\xc3\x80", "\xc2\xc3\x80");		   /* bounds of the first are gone */
	dots("\xf4\x90\x80\x80\xf5", "\xf4....");
}

static size_t encode(uint32_t c, uint8_t out[4])
{
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (uint8_t)(0x80 | (c & 0x3f));
	out[0] = (uint8_t)((0xf00 >> n) | c);
	return n;
}

/* All of Unicode but what terminals may obey, and what is no character. */
static void test_every_character_passes(void **state)
{
	static uint8_t out[FILTER_OUT_MAX(4)];
	uint8_t in[4];

	for (uint32_t c = 0x80; c < 0x110000; c++) {
		bool bad = c < 0xa0 || (c >= 0xd800 && c <= 0xdfff);
		struct filter f = { 0 };
		size_t n = encode(c, in);

		assert_int_equal(filter_run(&f, "", in, n, out), n);
		if (bad ? memcmp(in, out, n) == 0 : memcmp(in, out, n) != 0)
			fail_msg("U+%04X", c);
	}
}

static void test_sequence_cut_short(void **state)
{
	dots("\xe2\x97\033[m", "\xe2\x97.[m");
	dots("\xe2\r\x97\n", "\xe2..\n");
}

static void test_raw_is_raw(void **state)
{
	struct filter f = { .raw = true };

	expect(&f, "\033[2J\r\n\x9b\xff", "\033[2J\r\n\x9b\xff");
}

static void test_stamp_before_each_line(void **state)
{
	struct filter f = { .stamps = true };

	expect(&f, "a\nb", "T a\nT b");
	expect(&f, "c\r", "c");
	expect(&f, "\n\n", "\nT \n");
	expect(&f, "d\n", "T d\n");
}

static void test_stamps_of_two_guests_do_not_mix(void **state)
{
	struct filter a = { .stamps = true }, b = { .stamps = true };

	expect(&a, "a", "T a");
	expect(&b, "b\n", "T b\n");
	expect(&a, "a\n", "a\n");
}

/* The most a turn can become must fit into what the header promises. */
static void test_worst_case_fits(void **state)
{
	static uint8_t in[2048], out[FILTER_OUT_MAX(2048)];
	char stamp[FILTER_STAMP_MAX + 8];
	struct filter f = { .stamps = true, .cr = true };
	size_t n;

	memset(stamp, 's', sizeof(stamp) - 1);
	stamp[sizeof(stamp) - 1] = '\0';
	memset(in, '\n', sizeof(in));
	n = filter_run(&f, stamp, in, sizeof(in), out);
	assert_int_equal(n, sizeof(in) * FILTER_STAMP_MAX);
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = i % 2 ? 'x' : '\r';
	assert_in_range(filter_run(&f, stamp, in, sizeof(in), out), 1, sizeof(out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_passes),
		cmocka_unit_test(test_escapes_become_dots),
		cmocka_unit_test(test_line_ends),
		cmocka_unit_test(test_carriage_return_at_the_end_of_a_turn),
		cmocka_unit_test(test_utf8_passes),
		cmocka_unit_test(test_utf8_over_two_turns),
		cmocka_unit_test(test_c1_controls_become_dots),
		cmocka_unit_test(test_every_character_passes),
		cmocka_unit_test(test_sequence_cut_short),
		cmocka_unit_test(test_raw_is_raw),
		cmocka_unit_test(test_stamp_before_each_line),
		cmocka_unit_test(test_stamps_of_two_guests_do_not_mix),
		cmocka_unit_test(test_worst_case_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
