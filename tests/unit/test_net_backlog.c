// SPDX-License-Identifier: GPL-2.0-or-later
/* How much may wait for a guest, by what it takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "backlog.h"
#include "base/util.h"

#define MS NS_PER_MS

/* So many bytes a millisecond, looked at each millisecond. */
static uint64_t take(struct backlog *b, uint64_t *now, unsigned int ms, uint64_t each)
{
	static uint64_t bytes;

	for (unsigned int i = 0; i < ms; i++) {
		*now += MS;
		bytes += each;
		backlog_look(b, true, bytes, *now);
	}
	return bytes;
}

static void a_burst_is_no_backlog(void **state)
{
	struct backlog b = { 0 };
	uint64_t now = MS;

	assert_int_equal(backlog_bound(&b), UINT32_MAX);
	take(&b, &now, 100, 10);
	assert_int_equal(backlog_bound(&b), UINT32_MAX);
	backlog_look(&b, false, 0, 0);
	take(&b, &now, 100, 10);
	assert_int_equal(backlog_bound(&b), UINT32_MAX);
}

static void a_slow_guest_has_what_it_takes_in_20_ms(void **state)
{
	struct backlog b = { 0 };
	uint64_t now = MS;

	take(&b, &now, 101, 10000);
	assert_int_equal(backlog_bound(&b), 200000);
	/* Slower, faster, and fast enough. */
	take(&b, &now, 100, 100);
	assert_int_equal(backlog_bound(&b), 131072);
	take(&b, &now, 100, 50000);
	assert_int_equal(backlog_bound(&b), 1000000);
	take(&b, &now, 100, 60000);
	assert_int_equal(backlog_bound(&b), UINT32_MAX);
	take(&b, &now, 100, 0);
	assert_int_equal(backlog_bound(&b), 131072);
	backlog_look(&b, false, 0, 0);
	assert_int_equal(backlog_bound(&b), UINT32_MAX);
}

static void who_gets_nothing_in_a_window_has_stopped(void **state)
{
	struct backlog b = { 0 };
	uint64_t now = MS;

	take(&b, &now, 100, 0);
	assert_false(b.stopped);
	take(&b, &now, 1, 0);
	assert_true(b.stopped);
	take(&b, &now, 50, 1);
	assert_true(b.stopped);
	take(&b, &now, 50, 0);
	assert_false(b.stopped);
	take(&b, &now, 100, 0);
	assert_true(b.stopped);
	backlog_look(&b, false, 0, 0);
	assert_false(b.stopped);
}

/* Whoever sleeps until then finds out that the guest has stopped. */
static void a_window_has_an_end_when_nothing_happens(void **state)
{
	struct backlog b = { 0 };
	uint64_t now = MS, bytes;

	assert_int_equal(backlog_left_ns(&b, now), UINT64_MAX);
	bytes = take(&b, &now, 1, 10);
	assert_int_equal(backlog_left_ns(&b, now + 30 * MS), 70 * MS);
	assert_int_equal(backlog_left_ns(&b, now + 200 * MS), 0);
	now += backlog_left_ns(&b, now);
	backlog_look(&b, true, bytes, now);
	assert_true(b.stopped);
	assert_int_equal(backlog_left_ns(&b, now), UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_is_no_backlog),
		cmocka_unit_test(a_slow_guest_has_what_it_takes_in_20_ms),
		cmocka_unit_test(who_gets_nothing_in_a_window_has_stopped),
		cmocka_unit_test(a_window_has_an_end_when_nothing_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
