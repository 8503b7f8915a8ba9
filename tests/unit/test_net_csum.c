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
		cmocka_unit_test(finish_writes_what_a_receiver_accepts),
		cmocka_unit_test(finish_never_writes_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
