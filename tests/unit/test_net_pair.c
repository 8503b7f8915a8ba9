/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames between two workers: pair.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pair.h"

#define MAX (12u + 65535u)

static struct net_pair_half *half;
static struct pair_tx tx;
static struct pair_rx rx;
static uint8_t data[MAX + 100];

static int set_up(void **state)
{
	half = aligned_alloc(4096, sizeof(*half));
	memset(half, 0, sizeof(*half));
	tx = (struct pair_tx){ .shared = half };
	rx = (struct pair_rx){ .shared = half };
	return 0;
}

static int tear_down(void **state)
{
	free(half);
	return 0;
}

static void fill(uint32_t seed, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		data[i] = (uint8_t)(seed * 31 + i * 7 + i / 256);
}

static int put(uint32_t seed, uint32_t len)
{
	fill(seed, len);
	return pair_put(&tx, data, len);
}

static void expect(uint32_t seed, uint32_t len)
{
	struct net_pair_slot slot;

	assert_int_equal(pair_next(&rx, &slot), 1);
	assert_int_equal(slot.len, len);
	assert_int_equal((slot.off + 12) % 64, 0);
	fill(seed, len);
	assert_memory_equal(half->area + slot.off, data, len);
	pair_done(&rx);
}

static void test_what_is_put_comes(void **state)
{
	struct net_pair_slot slot;

	assert_int_equal(pair_waiting(&rx), 0);
	assert_int_equal(pair_next(&rx, &slot), 0);
	assert_int_equal(put(1, 72), 0);
	assert_int_equal(put(2, MAX), 0);
	assert_int_equal(pair_waiting(&rx), 0); /* not published */
	pair_publish(&tx);
	assert_int_equal(pair_waiting(&rx), 1);
	expect(1, 72);
	expect(2, MAX);
	assert_int_equal(pair_waiting(&rx), 0);
}

static void test_slots_run_out(void **state)
{
	for (uint32_t i = 0; i < NET_PAIR_SLOTS; i++)
		assert_int_equal(put(i, 72), 0);
	assert_int_equal(put(0, 72), -ENOSPC);
	pair_publish(&tx);
	expect(0, 72);
	assert_int_equal(put(0, 72), -ENOSPC); /* we have not looked */
	assert_int_equal(pair_refresh(&tx), 0);
	assert_int_equal(put(7, 72), 0);
	pair_publish(&tx);
	for (uint32_t i = 1; i < NET_PAIR_SLOTS; i++)
		expect(i, 72);
	expect(7, 72);
}

static void test_area_runs_out(void **state)
{
	uint32_t nr = 0;

	while (!put(nr, MAX))
		nr++;
	assert_int_equal(nr, NET_PAIR_AREA / (MAX + 64)); /* a line for each header */
	assert_int_equal(put(0, 72), 0); /* behind it there is room for a small one */
	pair_publish(&tx);
	expect(0, MAX);
	assert_int_equal(pair_refresh(&tx), 0);
	assert_int_equal(put(9, MAX), 0); /* in its place */
	assert_int_equal(put(10, 72), -ENOSPC);
}

/* All sizes, any number on their way, over the area's end and the indices' end. */
static void test_area_wraps(void **state)
{
	uint32_t in = 0, out = 0, n = 4711, refused = 0;

	atomic_store(&half->prod, (uint32_t)-300);
	atomic_store(&half->cons, (uint32_t)-300);
	tx.prod = tx.cons = rx.cons = (uint32_t)-300;
	while (out < 3000) {
		n = n * 1664525 + 1013904223;
		for (uint32_t i = (n >> 8) % 90; i; i--) {
			uint32_t len = 26 + in * 7919 % (MAX - 26);

			if (put(in, len)) {
				refused++;
				break;
			}
			in++;
		}
		pair_publish(&tx);
		for (uint32_t i = (n >> 16) % 90; i && out < in; i--, out++)
			expect(out, 26 + out * 7919 % (MAX - 26));
		assert_int_equal(pair_refresh(&tx), 0);
	}
	assert_true(refused > 5);
}

static void test_an_empty_area_begins_anew(void **state)
{
	struct net_pair_slot slot;

	for (uint32_t i = 0; i < 1000; i++) {
		assert_int_equal(put(i, 5000), 0);
		pair_publish(&tx);
		assert_int_equal(pair_next(&rx, &slot), 1);
		assert_true(slot.off < 64);
		expect(i, 5000);
		assert_int_equal(pair_refresh(&tx), 0);
	}
}

static void test_wakes_a_sleeper_once(void **state)
{
	assert_true(pair_publish(&tx)); /* who has just come sleeps */
	assert_false(pair_publish(&tx));
	pair_doze(&rx);
	assert_true(pair_publish(&tx));
	assert_false(pair_publish(&tx));
	pair_doze(&rx);
	pair_rouse(&rx);
	assert_false(pair_publish(&tx));
}

static void test_impossible_indices(void **state)
{
	struct net_pair_slot slot;

	put(1, 72);
	pair_publish(&tx);
	atomic_store(&half->cons, 2);
	assert_int_equal(pair_refresh(&tx), -EPROTO);
	atomic_store(&half->cons, (uint32_t)-1);
	assert_int_equal(pair_refresh(&tx), -EPROTO);
	atomic_store(&half->prod, NET_PAIR_SLOTS + 1);
	assert_int_equal(pair_waiting(&rx), -EPROTO);
	assert_int_equal(pair_next(&rx, &slot), -EPROTO);
	assert_int_equal(pair_skip(&rx), -EPROTO);
	atomic_store(&half->prod, (uint32_t)-1);
	assert_int_equal(pair_waiting(&rx), -EPROTO);
}

static void test_impossible_slots(void **state)
{
	static const struct net_pair_slot wrong[] = {
		{ 0, 0 },
		{ 0, 25 },
		{ 0, 12 + 65535 + 14 + 8 + 1 },
		{ 0, UINT32_MAX },
		{ NET_PAIR_AREA - 99, 100 },
		{ UINT32_MAX, 100 },
		{ NET_PAIR_AREA, 26 },
	};
	static const struct net_pair_slot right[] = {
		{ 0, 26 },
		{ 1, 12 + 65535 + 14 + 8 },
		{ NET_PAIR_AREA - 100, 100 },
	};
	struct net_pair_slot slot = { 0 };

	atomic_store(&half->prod, 1);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		half->slots[0] = wrong[i];
		assert_int_equal(pair_next(&rx, &slot), -EPROTO);
	}
	assert_int_equal(slot.len, 0);
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		half->slots[0] = right[i];
		assert_int_equal(pair_next(&rx, &slot), 1);
		assert_memory_equal(&slot, &right[i], sizeof(slot));
	}
}

static void test_skip(void **state)
{
	for (uint32_t i = 0; i < 10; i++)
		put(i, 72);
	pair_publish(&tx);
	assert_int_equal(pair_skip(&rx), 10);
	assert_int_equal(pair_skip(&rx), 0);
	assert_int_equal(pair_refresh(&tx), 0);
	assert_int_equal(tx.cons, 10);
}

static void test_which_frames_go_past_the_tap(void **state)
{
	static const uint8_t own[6] = { 0, 0x16, 0x3e, 0, 1, 0 };
	static const uint8_t peer[6] = { 0, 0x16, 0x3e, 0, 2, 0 };
	static const uint8_t last[6] = { 0, 0x16, 0x3e, 0, 3, 0 };
	static const uint8_t all[6] = { 255, 255, 255, 255, 255, 255 };
	struct pair_view v = { .own = pair_mac(own), .nr = 2 };
	uint8_t f[64] = { 0 };

	v.to[0].mac = pair_mac(peer);
	v.to[0].max_len = v.to[1].max_len = 1514;
	v.to[1].mac = pair_mac(last);
	memcpy(f, peer, 6);
	memcpy(f + 6, own, 6);
	f[12] = 8;
	assert_int_equal(pair_pick(&v, f, 1514, false), 0);
	assert_int_equal(pair_pick(&v, f, 1515, false), -1);
	assert_int_equal(pair_pick(&v, f, 65535, true), 0);
	memcpy(f, last, 6);
	assert_int_equal(pair_pick(&v, f, 60, false), 1);
	v.nr = 1;
	assert_int_equal(pair_pick(&v, f, 60, false), -1);
	v.nr = 0;
	assert_int_equal(pair_pick(&v, f, 60, false), -1);
	v.nr = 2;
	memcpy(f, all, 6);
	assert_int_equal(pair_pick(&v, f, 60, false), -1);
	memcpy(f, peer, 6);
	f[12] = 0x81; /* a tag */
	assert_int_equal(pair_pick(&v, f, 60, false), -1);
	f[12] = 0x88;
	f[13] = 0xa8;
	assert_int_equal(pair_pick(&v, f, 60, false), -1);
	f[12] = 0x88;
	f[13] = 0xb5;
	assert_int_equal(pair_pick(&v, f, 60, false), 0);
	memcpy(f + 6, last, 6); /* under another's MAC */
	assert_int_equal(pair_pick(&v, f, 60, false), -1);
}

static void test_mark_is_to_oneself(void **state)
{
	static const uint8_t own[6] = { 0, 0x16, 0x3e, 0, 1, 0 };
	uint8_t mark[PAIR_MARK_BYTES];

	pair_mark(pair_mac(own), mark);
	for (unsigned int i = 0; i < 12; i++)
		assert_int_equal(mark[i], 0);
	assert_memory_equal(mark + 12, own, 6);
	assert_memory_equal(mark + 18, own, 6);
	assert_int_equal(mark[24] << 8 | mark[25], 0x9000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_is_put_comes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_slots_run_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_area_runs_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_area_wraps, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_an_empty_area_begins_anew, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_wakes_a_sleeper_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_impossible_indices, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_impossible_slots, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_skip, set_up, tear_down),
		cmocka_unit_test(test_which_frames_go_past_the_tap),
		cmocka_unit_test(test_mark_is_to_oneself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
