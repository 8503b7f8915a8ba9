// SPDX-License-Identifier: GPL-2.0-or-later
/* Writes that are kept until the server has taken a flush. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unflushed.h"

#define SIZE (4u << 20)

static _Alignas(16) uint8_t memory[SIZE];
static uint8_t data[UNFLUSHED_WRITE_MAX];
static struct unflushed u;

static void begin(void)
{
	unflushed_init(&u, memory, SIZE);
}

static void add(uint64_t offset, uint32_t len)
{
	assert_true(unflushed_reserve(&u, len));
	memset(data, (int)(offset & 0xff), len);
	unflushed_add(&u, offset, data, len);
}

/* From *@position: the write of @offset. */
static void expect(uint64_t *position, uint64_t offset, uint32_t len)
{
	struct unflushed_write w;

	assert_true(unflushed_next(&u, position, &w));
	assert_int_equal(w.offset, offset);
	assert_int_equal(w.len, len);
	for (uint32_t i = 0; i < len; i++)
		assert_int_equal(w.data[i], offset & 0xff);
}

static void expect_end(uint64_t position)
{
	struct unflushed_write w;

	assert_false(unflushed_next(&u, &position, &w));
}

static void come_back_in_their_order(void **state)
{
	uint64_t at;

	begin();
	at = u.begin;
	expect_end(at);
	add(7, 512);
	add(7, 1);
	add(9, 4096);
	expect(&at, 7, 512);
	expect(&at, 7, 1);
	expect(&at, 9, 4096);
	expect_end(at);
}

static void flush_covers_what_was_there(void **state)
{
	uint64_t mark, at;

	begin();
	add(1, 512);
	mark = u.end;
	add(2, 512);
	unflushed_drop(&u, mark);
	at = u.begin;
	expect(&at, 2, 512);
	expect_end(at);
	unflushed_drop(&u, mark); /* an older flush changes nothing */
	assert_true(unflushed_bytes(&u) > 512);
	unflushed_drop(&u, u.end);
	assert_int_equal(unflushed_bytes(&u), 0);
	expect_end(u.begin);
}

static void room_is_bounded_and_comes_back(void **state)
{
	unsigned int nr = 0;

	begin();
	while (unflushed_reserve(&u, UNFLUSHED_WRITE_MAX))
		nr++;
	assert_in_range(nr, 1, SIZE / UNFLUSHED_WRITE_MAX - 1);
	unflushed_cancel(&u, UNFLUSHED_WRITE_MAX);
	assert_true(unflushed_reserve(&u, UNFLUSHED_WRITE_MAX));
	for (unsigned int i = 0; i < nr; i++)
		unflushed_add(&u, i, data, UNFLUSHED_WRITE_MAX);
	assert_int_equal(u.reserved, 0);
	assert_false(unflushed_reserve(&u, UNFLUSHED_WRITE_MAX));
	unflushed_drop(&u, u.end);
	assert_true(unflushed_reserve(&u, UNFLUSHED_WRITE_MAX));
}

/* Many laps around the memory, against a list of what is in there. */
static void nothing_is_mixed_up_at_the_end_of_the_memory(void **state)
{
	static struct {
		uint64_t offset, end;
		uint32_t len;
	} model[100000];
	unsigned int first = 0, nr = 0;

	begin();
	srand(7);
	for (unsigned int i = 0; i < 3000; i++) {
		uint32_t len = 1u + (uint32_t)rand() % (i % 7 == 0 ? UNFLUSHED_WRITE_MAX : 5000);
		uint64_t at;

		while (!unflushed_reserve(&u, len))
			unflushed_drop(&u, model[first++].end);
		memset(data, (int)(i & 0xff), len);
		unflushed_add(&u, i, data, len);
		assert_true(unflushed_bytes(&u) <= SIZE);
		model[nr].offset = i;
		model[nr].len = len;
		model[nr++].end = u.end;
		if (i % 50 != 0)
			continue;
		at = u.begin;
		for (unsigned int j = first; j < nr; j++)
			expect(&at, model[j].offset, model[j].len);
		expect_end(at);
	}
	assert_true(u.end > 20ull * SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(come_back_in_their_order),
		cmocka_unit_test(flush_covers_what_was_there),
		cmocka_unit_test(room_is_bounded_and_comes_back),
		cmocka_unit_test(nothing_is_mixed_up_at_the_end_of_the_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
