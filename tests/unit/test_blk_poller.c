// SPDX-License-Identifier: GPL-2.0-or-later
/* When an idle queue watches its ring, and for how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/util.h"
#include "poller.h"

#define US 1000ull
#define MS (1000 * US)

/* A guest that takes @gap_ns each time, until that is known. */
static void teach(struct poller *p, uint64_t gap_ns)
{
	for (unsigned int i = 0; i < 100; i++)
		poller_learn(p, gap_ns);
}

static void unknown_guest_is_not_watched(void **state)
{
	struct poller p;

	poller_init(&p, 50, 0);
	assert_int_equal(poller_limit(&p, 0), 0);
}

static void quick_guest_is_watched_for_longer_than_it_takes(void **state)
{
	struct poller p;

	poller_init(&p, 50, 0);
	teach(&p, 50 * US);
	assert_in_range(poller_limit(&p, 0), 50 * US, POLL_MAX_NS);
	teach(&p, 900 * US);
	assert_in_range(poller_limit(&p, 0), 900 * US, POLL_MAX_NS);
}

static void slow_guest_is_not_watched(void **state)
{
	struct poller p;

	poller_init(&p, 50, 0);
	teach(&p, 50 * US);
	teach(&p, 2 * MS);
	assert_int_equal(poller_limit(&p, 0), 0);
	teach(&p, UINT64_MAX);
	assert_int_equal(poller_limit(&p, 0), 0);
}

/* One pause among quick requests is no reason to give up; nor does it take long to come back. */
static void some_gaps_do_not_decide(void **state)
{
	struct poller p;
	unsigned int nr = 0;

	poller_init(&p, 50, 0);
	teach(&p, 50 * US);
	poller_learn(&p, UINT64_MAX);
	assert_true(poller_limit(&p, 0) > 0);
	teach(&p, UINT64_MAX);
	for (; poller_limit(&p, 0) == 0; nr++)
		poller_learn(&p, 50 * US);
	assert_in_range(nr, 2, 20);
}

static void no_share_is_no_watching(void **state)
{
	struct poller p;

	poller_init(&p, 0, 0);
	teach(&p, 10 * US);
	for (uint64_t now = 0; now < 100 * MS; now += MS) {
		assert_int_equal(poller_limit(&p, now), 0);
		poller_spent(&p, 0, now);
	}
}

/* @found_ns: when the guest sends, after each going idle; what was spent in a second. */
static uint64_t spent_in_a_second(unsigned int percent, uint64_t found_ns)
{
	uint64_t now = 5 * NS_PER_SEC, start = now, spent = 0;
	struct poller p;

	poller_init(&p, percent, now);
	teach(&p, 400 * US);
	while (now - start < NS_PER_SEC) {
		uint64_t limit = poller_limit(&p, now), time = limit < found_ns ? limit : found_ns;

		assert_in_range(limit, 0, POLL_MAX_NS);
		now += time;
		spent += time;
		poller_spent(&p, time, now);
		now += 10 * US; /* a turn */
	}
	return spent;
}

/* A share, and what had been saved up before (20 ms). */
static void watching_stays_within_its_share(void **state)
{
	for (unsigned int percent = 10; percent <= 50; percent += 20) {
		uint64_t share = percent * NS_PER_SEC / 100;

		assert_in_range(spent_in_a_second(percent, UINT64_MAX), 0, share + 21 * MS);
		assert_in_range(spent_in_a_second(percent, 100 * US), 0, share + 21 * MS);
		/* ... and makes use of it. */
		assert_in_range(spent_in_a_second(percent, UINT64_MAX), share / 2, share + 21 * MS);
	}
}

/* Less than what the guest usually takes would be spent in vain. */
static void empty_purse_sleeps_at_once(void **state)
{
	uint64_t now = 0;
	struct poller p;

	poller_init(&p, 10, now);
	teach(&p, 500 * US);
	poller_spent(&p, 20 * MS, now);
	assert_int_equal(poller_limit(&p, now), 0);
	now += 4 * MS; /* refills by 0.4 ms */
	assert_int_equal(poller_limit(&p, now), 0);
	now += 4 * MS;
	assert_true(poller_limit(&p, now) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_guest_is_not_watched),
		cmocka_unit_test(quick_guest_is_watched_for_longer_than_it_takes),
		cmocka_unit_test(slow_guest_is_not_watched),
		cmocka_unit_test(some_gaps_do_not_decide),
		cmocka_unit_test(no_share_is_no_watching),
		cmocka_unit_test(watching_stays_within_its_share),
		cmocka_unit_test(empty_purse_sleeps_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
