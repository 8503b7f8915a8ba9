// SPDX-License-Identifier: GPL-2.0-or-later
/* VLANs of a card, as they are written. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/util.h"
#include "vlan.h"

static void lists_of_numbers_and_ranges(void **state)
{
	struct net_vlans v;

	assert_int_equal(vlan_parse("10p/20/30-40", &v), 0);
	assert_int_equal(v.untagged, 10);
	assert_int_equal(v.nr, 2);
	assert_int_equal(v.range[0].first, 20);
	assert_int_equal(v.range[0].last, 20);
	assert_int_equal(v.range[1].first, 30);
	assert_int_equal(v.range[1].last, 40);
	assert_int_equal(vlan_parse("1-4094", &v), 0);
	assert_int_equal(v.untagged, 0);
	assert_int_equal(v.range[0].last, 4094);
	assert_int_equal(vlan_parse("4094p", &v), 0);
	assert_int_equal(v.nr, 0);
	assert_int_equal(vlan_parse("5-5", &v), 0);
}

static void nonsense_changes_nothing(void **state)
{
	static const char *const bad[] = {
		"",	 "/",	  "10/",    "/10",   "0",
		"4095",	 "10-",	  "-10",    "20-10", "10pp",
		"p",	 "1p/2p", "10u",    "1-2-3", "1-2p",
		"10,20", "10 ",	  "1-4095", "65537", "0000000000000000010",
	};
	char many[3 * (VLAN_MAX_RANGES + 1)] = "";

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct net_vlans v = { .untagged = 7 };

		assert_int_equal(vlan_parse(bad[i], &v), -EINVAL);
		assert_int_equal(v.untagged, 7);
	}
	for (unsigned int i = 0; i <= VLAN_MAX_RANGES; i++)
		memcpy(many + 2 * i, "9/", 3);
	many[2 * VLAN_MAX_RANGES + 1] = '\0';
	{
		struct net_vlans v;

		assert_int_equal(vlan_parse(many, &v), -E2BIG);
		assert_int_equal(vlan_parse(many + 2, &v), 0);
		assert_int_equal(v.nr, VLAN_MAX_RANGES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_of_numbers_and_ranges),
		cmocka_unit_test(nonsense_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
