// SPDX-License-Identifier: GPL-2.0-or-later
/* The console page: wrap, clamp, private indices. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <xen/io/console.h>

#include "../../consoled/ring.h"

static union {
	struct xencons_interface ring;
	uint8_t bytes[4096];
} page;

static struct con_ring attach(void)
{
	struct con_ring r;

	assert_int_equal(con_ring_attach(&r, &page), 0);
	return r;
}

static int clear_page(void **state)
{
	memset(&page, 0, sizeof(page));
	return 0;
}

static void guest_says(const char *text)
{
	for (; *text != '\0'; text++)
		page.ring.out[page.ring.out_prod++ & (CON_RING_OUT_SIZE - 1)] = *text;
}

static void test_fresh_page_is_empty(void **state)
{
	struct con_ring r = attach();
	uint32_t n;

	assert_int_equal(con_ring_avail(&r, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(con_ring_room(&r, &n), 0);
	assert_int_equal(n, CON_RING_IN_SIZE);
}

static void test_take_across_the_end(void **state)
{
	uint8_t buf[16];
	struct con_ring r;
	uint32_t n;

	page.ring.out_cons = page.ring.out_prod = UINT32_MAX - 2;
	r = attach();
	guest_says("abcdefgh");
	assert_int_equal(con_ring_avail(&r, &n), 0);
	assert_int_equal(n, 8);
	con_ring_take(&r, buf, 8);
	assert_memory_equal(buf, "abcdefgh", 8);
	assert_int_equal(page.ring.out_cons, 5);
}

static void test_take_a_part(void **state)
{
	struct con_ring r = attach();
	uint8_t buf[16];
	uint32_t n;

	guest_says("abcdefgh");
	con_ring_take(&r, buf, 3);
	assert_int_equal(page.ring.out_cons, 3);
	assert_int_equal(con_ring_avail(&r, &n), 0);
	assert_int_equal(n, 5);
	con_ring_take(&r, buf, 5);
	assert_memory_equal(buf, "defgh", 5);
}

static void test_full_ring_is_legal_and_more_is_not(void **state)
{
	struct con_ring r = attach();
	uint32_t n;

	page.ring.out_prod = CON_RING_OUT_SIZE;
	assert_int_equal(con_ring_avail(&r, &n), 0);
	assert_int_equal(n, CON_RING_OUT_SIZE);
	page.ring.out_prod = CON_RING_OUT_SIZE + 1;
	assert_int_equal(con_ring_avail(&r, &n), -EPROTO);
	page.ring.out_prod = UINT32_MAX;
	assert_int_equal(con_ring_avail(&r, &n), -EPROTO);
}

static void test_put_fills_and_wraps(void **state)
{
	uint8_t buf[CON_RING_IN_SIZE];
	struct con_ring r;
	uint32_t n;

	page.ring.in_cons = page.ring.in_prod = 1000;
	r = attach();
	memset(buf, 'x', sizeof(buf));
	buf[0] = 'a';
	buf[sizeof(buf) - 1] = 'z';
	con_ring_put(&r, buf, sizeof(buf));
	assert_int_equal(page.ring.in[1000], 'a');
	assert_int_equal(page.ring.in[999], 'z');
	assert_int_equal(page.ring.in_prod, 1000 + CON_RING_IN_SIZE);
	assert_int_equal(con_ring_room(&r, &n), 0);
	assert_int_equal(n, 0);
	page.ring.in_cons += 7;
	assert_int_equal(con_ring_room(&r, &n), 0);
	assert_int_equal(n, 7);
}

static void test_reader_ahead_of_writer(void **state)
{
	struct con_ring r = attach();
	uint32_t n;

	page.ring.in_cons = 1;
	assert_int_equal(con_ring_room(&r, &n), -EPROTO);
}

/* The guest can write to our indices in the page: nobody reads them there. */
static void test_own_indices_are_private(void **state)
{
	struct con_ring r = attach();
	uint8_t buf[4];
	uint32_t n;

	guest_says("ab");
	page.ring.out_cons = 0x80000000;
	page.ring.in_prod = 0x80000000;
	assert_int_equal(con_ring_avail(&r, &n), 0);
	assert_int_equal(n, 2);
	con_ring_take(&r, buf, 2);
	assert_int_equal(page.ring.out_cons, 2);
	assert_int_equal(con_ring_room(&r, &n), 0);
	assert_int_equal(n, CON_RING_IN_SIZE);
}

static void test_take_over_where_the_last_one_left(void **state)
{
	uint8_t buf[4];
	struct con_ring r;
	uint32_t n;

	guest_says("abcd");
	page.ring.out_cons = 2;
	page.ring.in_prod = 9;
	page.ring.in_cons = 4;
	r = attach();
	assert_int_equal(con_ring_avail(&r, &n), 0);
	assert_int_equal(n, 2);
	con_ring_take(&r, buf, 2);
	assert_memory_equal(buf, "cd", 2);
	assert_int_equal(con_ring_room(&r, &n), 0);
	assert_int_equal(n, CON_RING_IN_SIZE - 5);
}

static void test_broken_page_is_not_taken_over(void **state)
{
	struct con_ring r;

	page.ring.out_prod = CON_RING_OUT_SIZE + 1;
	assert_int_equal(con_ring_attach(&r, &page), -EPROTO);
	page.ring.out_prod = 0;
	page.ring.in_cons = 1;
	assert_int_equal(con_ring_attach(&r, &page), -EPROTO);
}

/* Every corner of the guest's index either is refused or fits. */
static void test_no_index_gives_more_than_the_ring(void **state)
{
	static const uint32_t corner[] = { 0,
					   1,
					   1023,
					   1024,
					   1025,
					   2047,
					   2048,
					   2049,
					   0x7fffffff,
					   0x80000000,
					   UINT32_MAX - 2048,
					   UINT32_MAX - 1024,
					   UINT32_MAX - 1,
					   UINT32_MAX };
	const size_t nr = sizeof(corner) / sizeof(corner[0]);

	for (size_t i = 0; i < nr * nr; i++) {
		struct con_ring r = { .shared = &page,
				      .out_cons = corner[i / nr],
				      .in_prod = corner[i / nr] };
		uint32_t n;

		page.ring.out_prod = page.ring.in_cons = corner[i % nr];
		if (con_ring_avail(&r, &n) == 0)
			assert_in_range(n, 0, CON_RING_OUT_SIZE);
		if (con_ring_room(&r, &n) == 0)
			assert_in_range(n, 0, CON_RING_IN_SIZE);
	}
}

static void test_connection_byte(void **state)
{
	uint8_t *connection = &page.bytes[3072 + 16];

	*connection = 1;
	attach();
	assert_int_equal(*connection, 0);
	*connection = 0x5a; /* no such value: not ours to touch */
	attach();
	assert_int_equal(*connection, 0x5a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_fresh_page_is_empty, clear_page),
		cmocka_unit_test_setup(test_take_across_the_end, clear_page),
		cmocka_unit_test_setup(test_take_a_part, clear_page),
		cmocka_unit_test_setup(test_full_ring_is_legal_and_more_is_not, clear_page),
		cmocka_unit_test_setup(test_put_fills_and_wraps, clear_page),
		cmocka_unit_test_setup(test_reader_ahead_of_writer, clear_page),
		cmocka_unit_test_setup(test_own_indices_are_private, clear_page),
		cmocka_unit_test_setup(test_take_over_where_the_last_one_left, clear_page),
		cmocka_unit_test_setup(test_broken_page_is_not_taken_over, clear_page),
		cmocka_unit_test_setup(test_no_index_gives_more_than_the_ring, clear_page),
		cmocka_unit_test_setup(test_connection_byte, clear_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
