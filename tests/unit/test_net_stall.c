// SPDX-License-Identifier: GPL-2.0-or-later
/* When a guest counts as one that has given up receiving, and when no more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stall.h"

#define LIMIT 60u

static void waiting_for_long_is_a_stall(void **state)
{
	struct stall s = { 0 };

	assert_int_equal(stall_left_ns(&s, 100, LIMIT), UINT64_MAX);
	assert_false(stall_wait(&s, 1, 100, LIMIT));
	assert_int_equal(stall_left_ns(&s, 110, LIMIT), 50);
	assert_false(stall_wait(&s, 1, 159, LIMIT));
	assert_int_equal(stall_left_ns(&s, 170, LIMIT), 0);
	assert_true(stall_wait(&s, 2, 160, LIMIT));
	/* Told once. */
	assert_false(stall_wait(&s, 2, 1000, LIMIT));
	assert_int_equal(stall_left_ns(&s, 170, LIMIT), UINT64_MAX);
}

static void progress_begins_anew(void **state)
{
	struct stall s = { 0 };

	stall_wait(&s, 1, 100, LIMIT);
	stall_progress(&s);
	assert_false(stall_wait(&s, 1, 165, LIMIT));
	assert_true(stall_wait(&s, 1, 225, LIMIT));
}

static void it_ends_with_slots_enough(void **state)
{
	struct stall s = { 0 };

	assert_false(stall_over(&s, 256));
	stall_wait(&s, 2, 100, LIMIT);
	stall_wait(&s, 17, 160, LIMIT);
	assert_false(stall_over(&s, 16));
	assert_true(stall_over(&s, 17));
	assert_false(stall_over(&s, 17));
	assert_false(stall_wait(&s, 1, 200, LIMIT));
}

static void without_a_limit_there_is_none(void **state)
{
	struct stall s = { 0 };

	assert_false(stall_wait(&s, 1, 100, 0));
	assert_false(stall_wait(&s, 1, UINT64_MAX / 2, 0));
	assert_int_equal(stall_left_ns(&s, 170, 0), UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waiting_for_long_is_a_stall),
		cmocka_unit_test(progress_begins_anew),
		cmocka_unit_test(it_ends_with_slots_enough),
		cmocka_unit_test(without_a_limit_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
