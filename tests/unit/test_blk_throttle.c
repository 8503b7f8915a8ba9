// SPDX-License-Identifier: GPL-2.0-or-later
/* How many requests a limit lets through, and when the next one. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/util.h"
#include "throttle.h"

#define START_NS (1000 * NS_PER_SEC)

struct place {
	struct throttle t;
	struct blk_limits limits;
	struct blk_limits_used used;
	uint64_t now;
};

static void set(struct place *p, enum blk_limit_kind kind, uint64_t rate, uint64_t burst)
{
	p->limits.of[kind] = (struct blk_limit){ rate, burst };
	throttle_set(&p->t, &p->limits);
}

static void init(struct place *p)
{
	*p = (struct place){ .now = START_NS };
	throttle_init(&p->t, &p->used);
}

/* How many start now? */
static unsigned int start_all(struct place *p, bool write, uint64_t bytes)
{
	unsigned int nr = 0;

	for (; throttle_wait_ns(&p->t, write, p->now) == 0 && nr < 100000; nr++)
		throttle_charge(&p->t, write, bytes, p->now);
	return nr;
}

/* How many in @ns, if whoever waits comes back just in time? */
static unsigned int start_for(struct place *p, bool write, uint64_t bytes, uint64_t ns)
{
	uint64_t until = p->now + ns;
	unsigned int nr = 0;

	while (p->now < until) {
		nr += start_all(p, write, bytes);
		p->now += throttle_wait_ns(&p->t, write, p->now);
	}
	return nr;
}

static void nothing_waits_without_a_limit(void **state)
{
	struct place p;

	init(&p);
	assert_false(throttle_is_on(&p.t));
	assert_int_equal(start_all(&p, true, 1 << 20), 100000);
	assert_int_equal(p.used.until_ns[BLK_LIMIT_WRITE_IOPS], 0);
}

static void burst_then_the_rate(void **state)
{
	struct place p;

	init(&p);
	set(&p, BLK_LIMIT_READ_IOPS, 100, 250);
	assert_true(throttle_is_on(&p.t));
	assert_int_equal(start_all(&p, false, 4096), 250);
	assert_in_range(start_for(&p, false, 4096, 10 * NS_PER_SEC), 999, 1000);
	/* A rest of a second brings a second's worth, a long one the burst. */
	p.now += NS_PER_SEC;
	assert_in_range(start_all(&p, false, 4096), 99, 101);
	p.now += 3600 * NS_PER_SEC;
	assert_int_equal(start_all(&p, false, 4096), 250);
}

static void the_wait_is_exact(void **state)
{
	struct place p;
	uint64_t wait;

	init(&p);
	set(&p, BLK_LIMIT_WRITE_IOPS, 1000, 100);
	start_all(&p, true, 0);
	wait = throttle_wait_ns(&p.t, true, p.now);
	assert_int_equal(wait, NS_PER_MS);
	assert_int_not_equal(throttle_wait_ns(&p.t, true, p.now + wait - 1), 0);
	assert_int_equal(throttle_wait_ns(&p.t, true, p.now + wait), 0);
}

static void bursts_that_nobody_gave_or_that_are_too_small(void **state)
{
	struct place p;

	init(&p);
	set(&p, BLK_LIMIT_READ_IOPS, 1000, 0);
	assert_int_equal(start_all(&p, false, 0), 100);
	init(&p);
	set(&p, BLK_LIMIT_READ_IOPS, 1000, 1);
	assert_int_equal(start_all(&p, false, 0), 20);
	init(&p);
	set(&p, BLK_LIMIT_READ_IOPS, 1, 0);
	assert_int_equal(start_all(&p, false, 0), 1);
	init(&p);
	set(&p, BLK_LIMIT_READ_IOPS, 1, BLK_LIMIT_MAX);
	assert_int_equal(start_all(&p, false, 0), 3600);
}

static void bytes_count_and_a_large_one_is_paid_for_afterwards(void **state)
{
	struct place p;

	init(&p);
	set(&p, BLK_LIMIT_WRITE_BYTES, 1 << 20, 1 << 16);
	assert_int_equal(start_all(&p, true, 1 << 20), 1);
	assert_in_range(throttle_wait_ns(&p.t, true, p.now), NS_PER_SEC * 9 / 10, NS_PER_SEC);
	assert_int_equal(throttle_wait_ns(&p.t, false, p.now), 0);
	init(&p);
	set(&p, BLK_LIMIT_WRITE_BYTES, BLK_LIMIT_MIN_BYTES, 0);
	start_all(&p, true, 1 << 20);
	assert_in_range(throttle_wait_ns(&p.t, true, p.now), 255 * NS_PER_SEC, 256 * NS_PER_SEC);
}

static void the_stricter_of_two_counts(void **state)
{
	struct place p;

	init(&p);
	set(&p, BLK_LIMIT_READ_IOPS, 1000, 0);
	set(&p, BLK_LIMIT_READ_BYTES, 40960, 0);
	start_all(&p, false, 4096);
	assert_in_range(start_for(&p, false, 4096, 10 * NS_PER_SEC), 99, 101);
	assert_in_range(start_for(&p, false, 0, NS_PER_SEC), 1000, 1101);
}

/* Both make wait: the longer one, of whichever kind. */
static void the_longer_wait_of_two_counts(void **state)
{
	struct place p;

	init(&p);
	set(&p, BLK_LIMIT_READ_IOPS, 10, 1);
	set(&p, BLK_LIMIT_READ_BYTES, 1 << 20, 1);
	while (throttle_wait_ns(&p.t, false, p.now) == 0)
		throttle_charge(&p.t, false, 1 << 16, p.now);
	assert_int_equal(throttle_wait_ns(&p.t, false, p.now), NS_PER_SEC / 10);
	throttle_charge(&p.t, false, 1 << 20, p.now);
	assert_in_range(throttle_wait_ns(&p.t, false, p.now), NS_PER_SEC, 2 * NS_PER_SEC);
}

/* From 1 a second to 100: neither the old debt is kept, nor is there a burst. */
static void change_forgives(void **state)
{
	struct place p;

	init(&p);
	set(&p, BLK_LIMIT_READ_IOPS, 1, 200);
	start_all(&p, false, 0);
	assert_true(throttle_wait_ns(&p.t, false, p.now) > NS_PER_SEC / 2);
	set(&p, BLK_LIMIT_READ_IOPS, 100, 200);
	throttle_forgive(&p.t, p.now);
	assert_in_range(throttle_wait_ns(&p.t, false, p.now), 1, NS_PER_SEC / 100);
	assert_in_range(start_for(&p, false, 0, NS_PER_SEC), 99, 101);
}

/* Memory that others write as well: whatever is there, the wait has an end. */
static void what_others_write_is_bounded(void **state)
{
	static const uint64_t values[] = { 0,
					   1,
					   START_NS,
					   START_NS + 500 * NS_PER_SEC,
					   START_NS + 5000 * NS_PER_SEC,
					   UINT64_MAX / 2,
					   UINT64_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct place p;

		init(&p);
		set(&p, BLK_LIMIT_READ_IOPS, 10, 0);
		p.used.until_ns[BLK_LIMIT_READ_IOPS] = values[i];
		assert_true(throttle_wait_ns(&p.t, false, p.now) <= 600 * NS_PER_SEC);
		throttle_charge(&p.t, false, 0, p.now);
		assert_true(throttle_wait_ns(&p.t, false, p.now) <= 601 * NS_PER_SEC);
	}
}

/* A byte that takes less than a nanosecond still has a price. */
static void limits_beyond_the_clock(void **state)
{
	struct place p;

	init(&p);
	set(&p, BLK_LIMIT_READ_BYTES, BLK_LIMIT_MAX, 0);
	assert_in_range(start_for(&p, false, 1ull << 40, NS_PER_MS), 1, 105);
}

#define CHARGES 200000
#define THREADS 4

static pthread_barrier_t all_there;

static void *charge_many(void *place)
{
	struct place *p = place;

	pthread_barrier_wait(&all_there);
	for (unsigned int i = 0; i < CHARGES; i++)
		throttle_charge(&p->t, true, 4096, p->now);
	return NULL;
}

/* Those of several threads are all paid for. */
static void nothing_is_lost_between_threads(void **state)
{
	pthread_t threads[THREADS];
	struct place p;

	init(&p);
	assert_int_equal(pthread_barrier_init(&all_there, NULL, THREADS), 0);
	set(&p, BLK_LIMIT_WRITE_IOPS, 1000000, BLK_LIMIT_MAX);
	for (unsigned int i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, charge_many, &p), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&all_there);
	assert_int_equal(p.used.until_ns[BLK_LIMIT_WRITE_IOPS],
			 p.now + ARRAY_SIZE(threads) * CHARGES * 1000ull);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_waits_without_a_limit),
		cmocka_unit_test(burst_then_the_rate),
		cmocka_unit_test(the_wait_is_exact),
		cmocka_unit_test(bursts_that_nobody_gave_or_that_are_too_small),
		cmocka_unit_test(bytes_count_and_a_large_one_is_paid_for_afterwards),
		cmocka_unit_test(the_stricter_of_two_counts),
		cmocka_unit_test(the_longer_wait_of_two_counts),
		cmocka_unit_test(change_forgives),
		cmocka_unit_test(what_others_write_is_bounded),
		cmocka_unit_test(limits_beyond_the_clock),
		cmocka_unit_test(nothing_is_lost_between_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
