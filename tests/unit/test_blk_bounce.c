// SPDX-License-Identifier: GPL-2.0-or-later
/* The two shelves of buffers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "bounce.h"

#define SMALL 8u
#define LARGE 3u

static struct bounce *shelves;

static int begin(void **state)
{
	(void)state;
	return bounce_new(SMALL, LARGE, &shelves);
}

static int end(void **state)
{
	(void)state;
	bounce_free(shelves);
	return 0;
}

static void buffers_do_not_overlap(void **state)
{
	uint8_t *buf[SMALL + LARGE];
	size_t size[SMALL + LARGE];

	for (unsigned int i = 0; i < SMALL + LARGE; i++) {
		size[i] = i < SMALL ? BOUNCE_SMALL_BYTES : BOUNCE_LARGE_BYTES;
		buf[i] = bounce_get(shelves, size[i]);
		assert_non_null(buf[i]);
		assert_int_equal((uintptr_t)buf[i] % 4096, 0);
		memset(buf[i], (int)i + 1, size[i]);
	}
	for (unsigned int i = 0; i < SMALL + LARGE; i++)
		for (size_t k = 0; k < size[i]; k += 512)
			assert_int_equal(buf[i][k], i + 1);
	for (unsigned int i = 0; i < SMALL + LARGE; i++)
		bounce_put(shelves, buf[i]);
}

/* A large one is large enough for little; the other way round there is nothing to be had. */
static void small_request_takes_a_large_buffer_if_it_must(void **state)
{
	uint8_t *buf[SMALL + LARGE];

	for (unsigned int i = 0; i < SMALL + LARGE; i++) {
		buf[i] = bounce_get(shelves, 512);
		assert_non_null(buf[i]);
	}
	assert_null(bounce_get(shelves, 512));
	assert_null(bounce_get(shelves, BOUNCE_LARGE_BYTES));
	bounce_put(shelves, buf[0]);
	assert_null(bounce_get(shelves, BOUNCE_SMALL_BYTES + 1));
	bounce_put(shelves, buf[SMALL]);
	buf[SMALL] = bounce_get(shelves, BOUNCE_SMALL_BYTES + 1);
	assert_non_null(buf[SMALL]);
	memset(buf[SMALL], 1, BOUNCE_LARGE_BYTES);
	buf[0] = bounce_get(shelves, 1);
	assert_non_null(buf[0]);
	for (unsigned int i = 0; i < SMALL + LARGE; i++)
		bounce_put(shelves, buf[i]);
}

static void more_than_a_large_one_is_not_to_be_had(void **state)
{
	assert_null(bounce_get(shelves, BOUNCE_LARGE_BYTES + 1ull));
	assert_null(bounce_get(shelves, UINT64_MAX));
}

static void last_in_is_first_out(void **state)
{
	for (unsigned int i = 0; i < 100; i++) {
		uint8_t *a = bounce_get(shelves, 4096), *b;

		bounce_put(shelves, a);
		b = bounce_get(shelves, 4096);
		assert_ptr_equal(a, b);
		bounce_put(shelves, b);
	}
}

static unsigned int resident(uint8_t *buf, size_t bytes)
{
	unsigned char present[BOUNCE_LARGE_BYTES / 4096];
	unsigned int nr = 0;

	assert_int_equal(mincore(buf, bytes, present), 0);
	for (size_t i = 0; i < bytes / 4096; i++)
		nr += present[i] & 1;
	return nr;
}

static void trim_gives_memory_back(void **state)
{
	uint8_t *small = bounce_get(shelves, 512), *large = bounce_get(shelves, 1000000);

	memset(small, 1, BOUNCE_SMALL_BYTES);
	memset(large, 1, BOUNCE_LARGE_BYTES);
	bounce_put(shelves, small);
	bounce_put(shelves, large);
	assert_int_equal(resident(small, BOUNCE_SMALL_BYTES), BOUNCE_SMALL_BYTES / 4096);
	assert_int_equal(resident(large, BOUNCE_LARGE_BYTES), BOUNCE_LARGE_BYTES / 4096);
	bounce_trim(shelves);
	assert_int_equal(resident(small, BOUNCE_SMALL_BYTES), 0);
	assert_int_equal(resident(large, BOUNCE_LARGE_BYTES), 0);
}

static void trim_leaves_what_is_in_use(void **state)
{
	uint8_t *small = bounce_get(shelves, 512), *large = bounce_get(shelves, 1000000);

	memset(small, 1, BOUNCE_SMALL_BYTES);
	memset(large, 2, BOUNCE_LARGE_BYTES);
	bounce_trim(shelves);
	assert_int_equal(small[BOUNCE_SMALL_BYTES - 1], 1);
	assert_int_equal(large[BOUNCE_LARGE_BYTES - 1], 2);
	bounce_put(shelves, small);
	bounce_put(shelves, large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(buffers_do_not_overlap, begin, end),
		cmocka_unit_test_setup_teardown(small_request_takes_a_large_buffer_if_it_must,
						begin, end),
		cmocka_unit_test_setup_teardown(more_than_a_large_one_is_not_to_be_had, begin, end),
		cmocka_unit_test_setup_teardown(last_in_is_first_out, begin, end),
		cmocka_unit_test_setup_teardown(trim_gives_memory_back, begin, end),
		cmocka_unit_test_setup_teardown(trim_leaves_what_is_in_use, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
