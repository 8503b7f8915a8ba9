// SPDX-License-Identifier: GPL-2.0-or-later
/* mcast.c: the list of multicast addresses. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mcast.h"

static struct net_mcast m, other;

static const uint8_t *address(unsigned int i)
{
	static uint8_t addr[6] = { 0x33, 0x33 };

	addr[2] = (uint8_t)(i >> 24);
	addr[3] = (uint8_t)(i >> 16);
	addr[4] = (uint8_t)(i >> 8);
	addr[5] = (uint8_t)i;
	return addr;
}

static int set_up(void **state)
{
	memset(&m, 0, sizeof(m));
	return 0;
}

static void empty_has_nothing(void **state)
{
	assert_false(net_mcast_has(&m, address(1)));
	net_mcast_del(&m, address(1));
	assert_int_equal(m.nr, 0);
}

static void holds_what_was_added(void **state)
{
	assert_int_equal(net_mcast_add(&m, address(1)), 0);
	assert_true(net_mcast_has(&m, address(1)));
	assert_false(net_mcast_has(&m, address(2)));
	net_mcast_del(&m, address(1));
	assert_false(net_mcast_has(&m, address(1)));
}

static void address_zero_is_none_and_unicast_is_refused(void **state)
{
	static const uint8_t zero[6], unicast[6] = { 0x02, 0, 0, 0, 0, 1 },
				      lowest[6] = { 1, 0, 0, 0, 0, 0 };

	assert_int_equal(net_mcast_add(&m, zero), -EINVAL);
	assert_int_equal(net_mcast_add(&m, unicast), -EINVAL);
	assert_int_equal(m.nr, 0);
	assert_false(net_mcast_has(&m, zero));
	assert_int_equal(net_mcast_add(&m, lowest), 0);
	assert_true(net_mcast_has(&m, lowest));
}

static void added_twice_is_there_until_deleted_twice(void **state)
{
	net_mcast_add(&m, address(1));
	net_mcast_add(&m, address(1));
	assert_int_equal(m.nr, 1);
	net_mcast_del(&m, address(1));
	assert_true(net_mcast_has(&m, address(1)));
	net_mcast_del(&m, address(1));
	assert_false(net_mcast_has(&m, address(1)));
	net_mcast_del(&m, address(1));
	assert_int_equal(m.nr, 0);
}

static void counts_do_not_overflow(void **state)
{
	for (unsigned int i = 0; i < 0xffff; i++)
		assert_int_equal(net_mcast_add(&m, address(1)), 0);
	assert_int_equal(net_mcast_add(&m, address(1)), -ENOSPC);
	assert_true(net_mcast_has(&m, address(1)));
	assert_int_equal(m.nr, 1);
}

static void takes_1024_addresses_and_no_more(void **state)
{
	for (unsigned int i = 0; i < NET_MCAST_MAX; i++)
		assert_int_equal(net_mcast_add(&m, address(i * 77)), 0);
	assert_int_equal(net_mcast_add(&m, address(1)), -ENOSPC);
	assert_int_equal(net_mcast_add(&m, address(77)), 0); /* one that is there */
	net_mcast_del(&m, address(5 * 77));
	assert_int_equal(net_mcast_add(&m, address(1)), 0);
	for (unsigned int i = 0; i < NET_MCAST_MAX; i++)
		assert_int_equal(net_mcast_has(&m, address(i * 77)), i != 5);
}

/* Against a plain array: what is deleted leaves the others' chains whole. */
static void any_order_of_adding_and_deleting(void **state)
{
	static unsigned int times[1500];
	unsigned int nr = 0;

	memset(times, 0, sizeof(times));
	srand(1);
	for (unsigned int step = 0; step < 60000; step++) {
		unsigned int i = (unsigned int)rand() % 1500, before = times[i];

		if (rand() % 5 < 3) {
			bool fits = times[i] || nr < NET_MCAST_MAX;

			assert_int_equal(net_mcast_add(&m, address(i)), fits ? 0 : -ENOSPC);
			times[i] += fits;
		} else {
			net_mcast_del(&m, address(i));
			times[i] -= times[i] > 0;
		}
		nr += !before && times[i];
		nr -= before && !times[i];
		assert_int_equal(m.nr, nr);
	}
	for (unsigned int i = 0; i < 1500; i++)
		assert_int_equal(net_mcast_has(&m, address(i)), times[i] > 0);
}

static void only_groups_are_kept_away(void **state)
{
	static const uint8_t broadcast[6] = { 255, 255, 255, 255, 255, 255 },
			     nearly[6] = { 255, 255, 255, 255, 255, 254 }, unicast[6] = { 2 };

	assert_false(net_mcast_is_group(broadcast));
	assert_true(net_mcast_is_group(nearly));
	assert_false(net_mcast_is_group(unicast));
	assert_true(net_mcast_is_group(address(0)));
}

static void loads_a_list(void **state)
{
	for (unsigned int i = 0; i < 500; i++)
		net_mcast_add(&m, address(i));
	net_mcast_add(&m, address(7));
	m.nr = 12345; /* is not believed */
	assert_true(net_mcast_load(&other, &m));
	assert_int_equal(other.nr, 500);
	for (unsigned int i = 0; i < 510; i++)
		assert_int_equal(net_mcast_has(&other, address(i)), i < 500);
	net_mcast_del(&other, address(7));
	assert_true(net_mcast_has(&other, address(7)));
}

static void does_not_load_what_is_none(void **state)
{
	m.slots[3] = 0x333300000001ull; /* added no times */
	assert_false(net_mcast_load(&other, &m));
	m.slots[3] = 1ull << 48 | 0x020000000001ull; /* unicast */
	assert_false(net_mcast_load(&other, &m));
	for (unsigned int i = 0; i < NET_MCAST_SLOTS; i++) /* too many */
		m.slots[i] = 1ull << 48 | 0x333300000000ull | i;
	assert_false(net_mcast_load(&other, &m));
	for (unsigned int i = 0; i < NET_MCAST_SLOTS; i++) /* one, too often */
		m.slots[i] = 0xff00ull << 48 | 0x333300000000ull;
	assert_false(net_mcast_load(&other, &m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(empty_has_nothing, set_up),
		cmocka_unit_test_setup(holds_what_was_added, set_up),
		cmocka_unit_test_setup(address_zero_is_none_and_unicast_is_refused, set_up),
		cmocka_unit_test_setup(added_twice_is_there_until_deleted_twice, set_up),
		cmocka_unit_test_setup(counts_do_not_overflow, set_up),
		cmocka_unit_test_setup(takes_1024_addresses_and_no_more, set_up),
		cmocka_unit_test_setup(any_order_of_adding_and_deleting, set_up),
		cmocka_unit_test_setup(only_groups_are_kept_away, set_up),
		cmocka_unit_test_setup(loads_a_list, set_up),
		cmocka_unit_test_setup(does_not_load_what_is_none, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
