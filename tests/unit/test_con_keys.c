// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys of console 0, through store.c and consoled's keys.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../consoled/keys.h"
#include "../fuzz/fake_xs.h"
#include "bad_keys.h"
#include "base/util.h"

#define CONSOLE "/local/domain/3/console/"

static struct store *store;
static struct con_keys keys;

/* What libxl leaves for domain 3. */
static int fresh(void **state)
{
	fake_xs_reset();
	memset(&keys, 0, sizeof(keys));
	fake_xs_set_text(CONSOLE "port", "2");
	fake_xs_set_text(CONSOLE "ring-ref", "1044476");
	fake_xs_set_text(CONSOLE "type", "xenconsoled");
	fake_xs_set_text(CONSOLE "limit", "1048576");
	fake_xs_set_text("/local/domain/3/vm", "/vm/5e2a1f7e");
	return store_open(&store);
}

static int done(void **state)
{
	store_close(store);
	fake_xs_reset();
	return 0;
}

static void keys_of_libxl_are_taken(void **state)
{
	assert_int_equal(con_keys_read(store, 3, &keys), 0);
	assert_int_equal(keys.port, 2);
	assert_int_equal(keys.ring_ref, 1044476);
	assert_int_equal(keys.limit, 1048576);
	assert_string_equal(keys.vm, "/vm/5e2a1f7e");
}

static void console_without_port_or_ring_is_not_there_yet(void **state)
{
	fake_xs_remove(CONSOLE "ring-ref");
	assert_int_equal(con_keys_read(store, 3, &keys), -ENOENT);
	fake_xs_set_text(CONSOLE "ring-ref", "1");
	fake_xs_remove(CONSOLE "port");
	assert_int_equal(con_keys_read(store, 3, &keys), -ENOENT);
	assert_int_equal(con_keys_read(store, 4, &keys), -ENOENT);
	assert_int_equal(keys.port, 0);
}

static void bad_numbers_are_refused(void **state)
{
	static const char *const needed[] = { CONSOLE "port", CONSOLE "ring-ref" };
	static char text[BAD_KEY_LONG];

	for (size_t k = 0; k < ARRAY_SIZE(needed); k++) {
		for (size_t i = 0; i < ARRAY_SIZE(bad_keys); i++) {
			fake_xs_set(needed[k], bad_keys[i].value, bad_keys[i].len);
			assert_int_equal(con_keys_read(store, 3, &keys), -EINVAL);
		}
		fake_xs_set(needed[k], memset(text, '1', sizeof(text)), sizeof(text));
		assert_int_equal(con_keys_read(store, 3, &keys), -EINVAL);
		fake_xs_set_text(needed[k], "1");
	}
	assert_int_equal(keys.port, 0);
}

static void port_has_its_bounds(void **state)
{
	static const char *const wrong[] = { "0", "131072", "2147483648", "4294967298" };

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		fake_xs_set_text(CONSOLE "port", wrong[i]);
		assert_int_equal(con_keys_read(store, 3, &keys), -EINVAL);
	}
	fake_xs_set_text(CONSOLE "port", "131071");
	assert_int_equal(con_keys_read(store, 3, &keys), 0);
	assert_int_equal(keys.port, 131071);
}

static void console_of_somebody_else_is_left_alone(void **state)
{
	fake_xs_set_text(CONSOLE "type", "ioemu");
	assert_int_equal(con_keys_read(store, 3, &keys), -ENOTSUP);
	fake_xs_set(CONSOLE "type", "xenconsoled\0", 12);
	assert_int_equal(con_keys_read(store, 3, &keys), -ENOTSUP);
	fake_xs_remove(CONSOLE "type");
	assert_int_equal(con_keys_read(store, 3, &keys), 0);
	fake_xs_set_text(CONSOLE "backend-id", "0");
	assert_int_equal(con_keys_read(store, 3, &keys), 0);
	fake_xs_set_text(CONSOLE "backend-id", "5");
	assert_int_equal(con_keys_read(store, 3, &keys), -ENOTSUP);
	fake_xs_set_text(CONSOLE "backend-id", "x");
	assert_int_equal(con_keys_read(store, 3, &keys), -ENOTSUP);
}

static void strange_limit_is_no_reason_not_to_serve(void **state)
{
	static const struct {
		const char *text;
		uint64_t limit;
	} cases[] = {
		{ "0", 64 * 1024 },
		{ "65535", 64 * 1024 },
		{ "65537", 65537 },
		{ "1048577", 1024 * 1024 },
		{ "18446744073709551615", 1024 * 1024 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fake_xs_set_text(CONSOLE "limit", cases[i].text);
		assert_int_equal(con_keys_read(store, 3, &keys), 0);
		assert_int_equal(keys.limit, cases[i].limit);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad_keys); i++) {
		fake_xs_set(CONSOLE "limit", bad_keys[i].value, bad_keys[i].len);
		assert_int_equal(con_keys_read(store, 3, &keys), 0);
		assert_int_equal(keys.limit, 1024 * 1024);
	}
	fake_xs_remove(CONSOLE "limit");
	assert_int_equal(con_keys_read(store, 3, &keys), 0);
	assert_int_equal(keys.limit, 1024 * 1024);
}

static void machine_without_a_name_has_an_empty_one(void **state)
{
	static char text[BAD_KEY_LONG];

	fake_xs_set("/local/domain/3/vm", memset(text, 'v', sizeof(text)), sizeof(text));
	assert_int_equal(con_keys_read(store, 3, &keys), 0);
	assert_string_equal(keys.vm, "");
	fake_xs_remove("/local/domain/3/vm");
	assert_int_equal(con_keys_read(store, 3, &keys), 0);
	assert_string_equal(keys.vm, "");
}

static void ring_is_known_by_port_and_frame(void **state)
{
	struct con_keys other;

	assert_int_equal(con_keys_read(store, 3, &keys), 0);
	other = keys;
	other.limit++;
	assert_true(con_keys_same_ring(&keys, &other));
	other.port++;
	assert_false(con_keys_same_ring(&keys, &other));
	other = keys;
	other.ring_ref++;
	assert_false(con_keys_same_ring(&keys, &other));
}

int main(void)
{
#define KEYS_TEST(test) cmocka_unit_test_setup_teardown(test, fresh, done)
	const struct CMUnitTest tests[] = {
		KEYS_TEST(keys_of_libxl_are_taken),
		KEYS_TEST(console_without_port_or_ring_is_not_there_yet),
		KEYS_TEST(bad_numbers_are_refused),
		KEYS_TEST(port_has_its_bounds),
		KEYS_TEST(console_of_somebody_else_is_left_alone),
		KEYS_TEST(strange_limit_is_no_reason_not_to_serve),
		KEYS_TEST(machine_without_a_name_has_an_empty_one),
		KEYS_TEST(ring_is_known_by_port_and_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
