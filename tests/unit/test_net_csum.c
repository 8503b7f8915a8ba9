/* SPDX-License-Identifier: GPL-2.0-or-later */
/* csum.c against a byte-wise checksum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "csum.h"
#include "headers.h"
#include "net_frames.h"

static void sum_of_any_length(void **state)
{
	uint8_t buf[600];
	uint16_t got;

	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = (uint8_t)rand();
	for (size_t len = 0; len < 300; len++) {
		for (size_t off = 0; off < 9; off++) {
			got = csum_fold(csum_add(0, buf + off, len));
			assert_int_equal(get16((uint8_t *)&got) % 0xffff,
					 ref_sum(buf + off, len, 0) % 0xffff);
		}
	}
}

static void sum_of_all_ones_does_not_overflow(void **state)
{
	static uint8_t buf[65536];
	uint16_t got;

	memset(buf, 0xff, sizeof(buf));
	got = csum_fold(csum_add(0xffffffffffffull, buf, sizeof(buf)));
	assert_int_equal(got, 0xffff);
}

/* Digits at which carries run through all of the word. */
static void fold_is_the_remainder(void **state)
{
	static const uint64_t digits[] = { 0, 1, 2, 0x7fff, 0x8000, 0xfffe, 0xffff };
	const unsigned int nr = sizeof(digits) / sizeof(digits[0]);

	for (unsigned int i = 0; i < nr * nr * nr * nr; i++) {
		uint64_t sum = digits[i % nr] | digits[i / nr % nr] << 16 |
			       digits[i / nr / nr % nr] << 32 | digits[i / nr / nr / nr] << 48;

		/* The only sum of zero is that of zeroes. */
		assert_int_equal(csum_fold(sum), sum ? (sum - 1) % 0xffff + 1 : 0);
	}
}

static void finish_ends_where_the_frame_ends(void **state)
{
	uint8_t buf[16] = { 9, 9, 9, 9, 1, 2, 3, 4, 0, 0, 9, 9, 9, 9, 9, 9 };

	csum_finish(buf, 10, 4, 4);
	assert_int_equal(ref_sum(buf + 4, 6, 0), 0xffff);
	assert_int_equal(get16(buf + 10), 0x0909);
}

static void finish_writes_what_a_receiver_accepts(void **state)
{
	static struct frame f;
	struct net_headers h;

	for (unsigned int i = 0; i < 64; i++) {
		struct frame_spec s = {
			.v6 = i & 1, .udp = i & 2, .tags = i >> 2 & 1, .payload = 1 + i * 37
		};
		uint16_t sum;

		make_frame(&f, &s);
		assert_int_equal(net_headers(f.data, f.len, &h), 0);
		sum = csum_fold(csum_pseudo(f.data, &h, (uint32_t)(f.len - f.l4)));
		memcpy(f.data + f.l4 + h.csum_off, &sum, 2);
		csum_finish(f.data, f.len, f.l4, h.csum_off);
		assert_int_equal(ref_l4_error(&f, s.v6, s.udp), 0);
	}
}

static void finish_never_writes_zero(void **state)
{
	uint8_t buf[8] = { 0xff, 0xff };

	csum_finish(buf, sizeof(buf), 0, 6);
	assert_int_equal(get16(buf + 6), 0xffff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sum_of_any_length),
		cmocka_unit_test(sum_of_all_ones_does_not_overflow),
		cmocka_unit_test(fold_is_the_remainder),
		cmocka_unit_test(finish_ends_where_the_frame_ends),
		cmocka_unit_test(finish_writes_what_a_receiver_accepts),
		cmocka_unit_test(finish_never_writes_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
