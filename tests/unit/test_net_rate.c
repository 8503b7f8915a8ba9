// SPDX-License-Identifier: GPL-2.0-or-later
/* What a rate in XenStore means, and how much it lets through. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bucket.h"
#include "base/util.h"
#include "rate.h"

static void xl_writes_bytes_and_microseconds(void **state)
{
	struct net_limit limit;

	/* rate=10MB/s@20ms */
	assert_int_equal(rate_parse("200000,20000", &limit), 0);
	assert_int_equal(limit.rate, 10000000);
	assert_int_equal(limit.burst, 200000);
	/* rate=1Mb/s: a large frame must fit all the same */
	assert_int_equal(rate_parse("6250,50000", &limit), 0);
	assert_int_equal(limit.rate, 125000);
	assert_int_equal(limit.burst, 131072);
}

static void nothing_is_no_limit(void **state)
{
	struct net_limit limit = { 1, 1 };

	assert_int_equal(rate_parse("", &limit), 0);
	assert_int_equal(limit.rate, 0);
	limit.rate = 1;
	assert_int_equal(rate_parse("18446,0", &limit), 0);
	assert_int_equal(limit.rate, 0);
}

static void nonsense_changes_nothing(void **state)
{
	static const struct {
		const char *text;
		int err;
	} bad[] = {
		{ "1000000", -EINVAL },		{ ",", -EINVAL },
		{ "1000,", -EINVAL },		{ ",1000", -EINVAL },
		{ "-1,50000", -EINVAL },	{ "1000000,50000 ", -EINVAL },
		{ "10M,50000", -EINVAL },	{ "1,2,3", -EINVAL },
		{ "0,50000", -ERANGE },		{ "999,1000000", -ERANGE },
		{ "1048577,0x1", -EINVAL },	{ "99999999999999999999,50000", -ERANGE },
		{ "5,4294967296", -ERANGE },	{ "000000000000000000000000005,50000", -EINVAL },
		{ "1099511627776,1", -ERANGE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct net_limit limit = { 7, 8 };
		int err = rate_parse(bad[i].text, &limit);

		assert_int_equal(err, bad[i].err);
		assert_int_equal(limit.rate, 7);
		assert_int_equal(limit.burst, 8);
	}
}

static uint64_t let_through(const struct bucket *b, uint64_t *now, uint64_t ns, uint64_t frame)
{
	uint64_t end = *now + ns, sum = 0;

	while (*now < end) {
		uint64_t wait = bucket_wait_ns(b, *now), left = bucket_left(b, *now);

		assert_int_equal(wait == 0, left > 0);
		if (left) {
			bucket_charge(b, frame, *now);
			sum += frame;
		} else {
			*now += wait;
		}
	}
	return sum;
}

static void the_rate_holds_for_any_size(void **state)
{
	static const uint64_t frames[] = { 60, 1514, 65535, 1 << 20 };
	struct net_limit limit;
	uint64_t until = 0, now = NS_PER_SEC;
	struct bucket b;

	assert_int_equal(rate_parse("500000,50000", &limit), 0);
	bucket_init(&b, &until);
	assert_int_equal(bucket_left(&b, now), UINT64_MAX);
	assert_int_equal(bucket_wait_ns(&b, now), 0);
	bucket_set(&b, limit.rate, rate_burst_ns(&limit));
	for (size_t i = 0; i < ARRAY_SIZE(frames); i++) {
		uint64_t sum;

		bucket_forgive(&b, now);
		sum = let_through(&b, &now, NS_PER_SEC, frames[i]);
		assert_in_range(sum, 10000000 - frames[i], 10000000 + frames[i]);
	}
	/* After a rest, a burst and no more. */
	now += 100 * NS_PER_SEC;
	assert_in_range(bucket_left(&b, now), limit.burst - 10, limit.burst);
	bucket_charge(&b, limit.burst, now);
	assert_int_equal(bucket_left(&b, now), 0);
}

static void a_high_rate_has_room_for_a_late_awakening(void **state)
{
	struct net_limit limit;

	assert_int_equal(rate_parse("1250,1", &limit), 0); /* 10 Gbit/s */
	assert_int_equal(rate_burst_ns(&limit), 5 * NS_PER_MS);
}

/* Less than a nanosecond each, or a third of a second and a bit. */
static void prices_that_do_not_divide(void **state)
{
	uint64_t until = 0, now = NS_PER_SEC;
	struct bucket b;

	bucket_init(&b, &until);
	bucket_charge(&b, 5, now);
	assert_int_equal(until, 0); /* no limit, no price */
	bucket_set(&b, 3 * NS_PER_SEC, 10);
	assert_int_equal(bucket_left(&b, now), 30);
	bucket_charge(&b, 30, now);
	assert_int_equal(bucket_left(&b, now), 0);
	assert_int_equal(bucket_wait_ns(&b, now), 1);
	bucket_set(&b, 3, NS_PER_SEC / 3);
	until = 0;
	assert_int_equal(bucket_wait_ns(&b, now), 0);
	assert_int_equal(bucket_left(&b, now), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(xl_writes_bytes_and_microseconds),
		cmocka_unit_test(nothing_is_no_limit),
		cmocka_unit_test(nonsense_changes_nothing),
		cmocka_unit_test(the_rate_holds_for_any_size),
		cmocka_unit_test(prices_that_do_not_divide),
		cmocka_unit_test(a_high_rate_has_room_for_a_late_awakening),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
