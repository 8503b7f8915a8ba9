// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys as guests write them, well and badly, through store.c and keys.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../fuzz/fake_xs.h"
#include "bad_keys.h"
#include "base/util.h"
#include "xenbus/keys.h"

static struct xenbus_device dev = { .front = "front", .back = "back" };
static struct store *store;
static int store_error; /* every call fails with it */

static int fault(enum fake_xs_op op)
{
	return store_error;
}

static struct {
	unsigned int nr;
	int err;
	char text[512];
} told;

struct store *xenbus_store(struct xenbus *bus)
{
	return store;
}

int xenbus_error(struct xenbus_device *d, int err, const char *fmt, ...)
{
	va_list ap;

	told.nr++;
	told.err = err;
	va_start(ap, fmt);
	vsnprintf(told.text, sizeof(told.text), fmt, ap);
	va_end(ap);
	return err ? err : -EINVAL;
}

static int fresh(void **state)
{
	fake_xs_reset();
	fake_xs_fault = fault;
	store_error = 0;
	memset(&told, 0, sizeof(told));
	return store_open(&store);
}

static int done(void **state)
{
	store_close(store);
	fake_xs_reset();
	return 0;
}

/* It is told once, by name, and in a line that a terminal can be shown. */
static void expect_told(const char *key)
{
	assert_int_equal(told.nr, 1);
	assert_non_null(strstr(told.text, key));
	for (const char *p = told.text; *p != '\0'; p++)
		assert_in_range((unsigned char)*p, ' ', '~');
	told.nr = 0;
}

static void number_within_its_bounds_is_taken(void **state)
{
	uint32_t value = 7;

	fake_xs_set_text("front/ring-ref", "0");
	assert_int_equal(front_need_u32(&dev, "ring-ref", 0, GREF_MAX, &value), 0);
	assert_int_equal(value, 0);
	fake_xs_set_text("front/ring-ref", "2147483648");
	assert_int_equal(front_u32(&dev, "ring-ref", 0, GREF_MAX, 1, &value), 0);
	assert_int_equal(value, 1u << 31);
	fake_xs_set_text("front/ring-ref", "4294967295");
	assert_int_equal(front_need_u32(&dev, "ring-ref", 0, GREF_MAX, &value), 0);
	assert_int_equal(value, UINT32_MAX);
	fake_xs_set_text("front/event-channel", "131071");
	assert_int_equal(front_need_u32(&dev, "event-channel", 1, EVTCHN_MAX, &value), 0);
	assert_int_equal(value, EVTCHN_MAX);
	assert_int_equal(told.nr, 0);
}

static void number_out_of_its_bounds_is_told(void **state)
{
	static const char *const values[] = {
		"0",
		"131072",
		"2147483648",
		"4294967295",
		"4294967296",
		"4294967297", /* 1, cut to 32 bits */
		"18446744073709551615",
	};
	uint32_t value = 7;

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		fake_xs_set_text("front/event-channel", values[i]);
		assert_int_equal(front_need_u32(&dev, "event-channel", 1, EVTCHN_MAX, &value),
				 -EINVAL);
		expect_told("event-channel");
		assert_non_null(strstr(told.text, values[i]));
	}
	assert_int_equal(value, 7);
}

static void what_is_no_number_is_told(void **state)
{
	uint32_t value = 7;
	bool yes = true;

	for (size_t i = 0; i < ARRAY_SIZE(bad_keys); i++) {
		fake_xs_set("front/key", bad_keys[i].value, bad_keys[i].len);
		assert_int_equal(front_need_u32(&dev, "key", 0, UINT32_MAX, &value), -EINVAL);
		expect_told("key");
		assert_int_equal(front_u32(&dev, "key", 0, UINT32_MAX, 5, &value), -EINVAL);
		expect_told("key");
		assert_int_equal(front_bool(&dev, "key", false, &yes), -EINVAL);
		expect_told("key");
	}
	assert_int_equal(value, 7);
	assert_true(yes);
}

static void an_admins_switch_is_0_or_1(void **state)
{
	static const char *const wrong[] = { "", "2", "yes", "00", "1 ", "123456789" };
	bool on = false;

	assert_int_equal(back_bool(&dev, "switch", true, &on), 0);
	assert_true(on);
	fake_xs_set_text("back/switch", "0");
	assert_int_equal(back_bool(&dev, "switch", true, &on), 0);
	assert_false(on);
	fake_xs_set_text("back/switch", "1");
	assert_int_equal(back_bool(&dev, "switch", false, &on), 0);
	assert_true(on);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		fake_xs_set_text("back/switch", wrong[i]);
		assert_true(back_bool(&dev, "switch", false, &on) < 0);
		expect_told("switch");
		assert_true(on);
	}
}

static void what_can_be_printed_is_told_as_it_is(void **state)
{
	uint32_t value;

	fake_xs_set_text("front/key", "a ~\t\x7fz");
	assert_int_equal(front_need_u32(&dev, "key", 3, 8, &value), -EINVAL);
	assert_non_null(strstr(told.text, "\"a ~??z\""));
	assert_non_null(strstr(told.text, "from 3 to 8"));
}

static void value_of_4_kib_is_told(void **state)
{
	static char text[BAD_KEY_LONG];
	uint32_t value = 7;

	memset(text, '0', sizeof(text));
	for (size_t len = 62; len <= sizeof(text); len = len < 66 ? len + 1 : len * 2) {
		fake_xs_set("front/key", text, len);
		/* Zeroes are a number, as far as there is room for them. */
		if (len < 64) {
			assert_int_equal(front_need_u32(&dev, "key", 0, 8, &value), 0);
			continue;
		}
		value = 7;
		assert_int_equal(front_need_u32(&dev, "key", 0, 8, &value), -EINVAL);
		expect_told("key");
	}
	assert_int_equal(value, 7);
	fake_xs_set("front/key", memset(text, '\x1b', sizeof(text)), 63);
	assert_int_equal(front_need_u32(&dev, "key", 0, 8, &value), -EINVAL);
	expect_told("key");
}

static void missing_key_takes_its_default_or_is_told(void **state)
{
	uint32_t value = 7;
	bool yes = false;

	assert_int_equal(front_u32(&dev, "key", 0, 8, 5, &value), 0);
	assert_int_equal(value, 5);
	assert_int_equal(front_bool(&dev, "key", true, &yes), 0);
	assert_true(yes);
	assert_int_equal(told.nr, 0);
	assert_int_equal(front_need_u32(&dev, "key", 0, 8, &value), -EINVAL);
	expect_told("key is missing");
	assert_int_equal(value, 5);
}

static void store_that_fails_is_told(void **state)
{
	uint32_t value = 7;
	bool yes = true;

	store_error = EIO;
	assert_int_equal(front_need_u32(&dev, "key", 0, 8, &value), -EIO);
	expect_told("key");
	assert_int_equal(front_u32(&dev, "key", 0, 8, 5, &value), -EIO);
	expect_told("key");
	assert_int_equal(front_bool(&dev, "key", false, &yes), -EIO);
	expect_told("key");
	assert_int_equal(value, 7);
	assert_true(yes);
}

static void booleans_are_zero_or_one(void **state)
{
	bool yes = false;

	fake_xs_set_text("front/key", "1");
	assert_int_equal(front_bool(&dev, "key", false, &yes), 0);
	assert_true(yes);
	fake_xs_set_text("front/key", "0");
	assert_int_equal(front_bool(&dev, "key", true, &yes), 0);
	assert_false(yes);
	fake_xs_set_text("front/key", "2");
	assert_int_equal(front_bool(&dev, "key", true, &yes), -EINVAL);
	expect_told("key");
}

static void keys_of_the_backend(void **state)
{
	char text[16];

	assert_int_equal(back_text(&dev, "mode", text, sizeof(text)), -ENOENT);
	fake_xs_set_text("back/mode", "w");
	assert_int_equal(back_text(&dev, "mode", text, sizeof(text)), 0);
	assert_string_equal(text, "w");
	assert_int_equal(back_write_u64(&dev, "sectors", UINT64_MAX), 0);
	assert_int_equal(back_text(&dev, "sectors", text, sizeof(text)), -E2BIG);
	assert_int_equal(back_write_u64(&dev, "sectors", 0), 0);
	assert_int_equal(back_text(&dev, "sectors", text, sizeof(text)), 0);
	assert_string_equal(text, "0");
}

int main(void)
{
#define KEYS_TEST(test) cmocka_unit_test_setup_teardown(test, fresh, done)
	const struct CMUnitTest tests[] = {
		KEYS_TEST(an_admins_switch_is_0_or_1),
		KEYS_TEST(number_within_its_bounds_is_taken),
		KEYS_TEST(number_out_of_its_bounds_is_told),
		KEYS_TEST(what_is_no_number_is_told),
		KEYS_TEST(what_can_be_printed_is_told_as_it_is),
		KEYS_TEST(value_of_4_kib_is_told),
		KEYS_TEST(missing_key_takes_its_default_or_is_told),
		KEYS_TEST(store_that_fails_is_told),
		KEYS_TEST(booleans_are_zero_or_one),
		KEYS_TEST(keys_of_the_backend),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
