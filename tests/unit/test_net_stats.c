// SPDX-License-Identifier: GPL-2.0-or-later
/* A queue's counters in the page that everybody can read, and in the log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "stats.h"

static void the_page_goes_on_from_where_it_was(void **state)
{
	struct net_stats_slot slot = { .tx = { 10, 20 }, .rx = { 3 }, .loop = { 1, 2, 4 } };
	struct net_tx_counters tx = { .packets = 1, .bytes = 60 };
	struct net_rx_counters rx = { .packets = 2, .expired = 7 };
	struct net_loop_counters loop = { .events = 5 };
	struct stats_out out;

	stats_begin(&out, &slot);
	stats_publish(&out, &tx, &rx, &loop);
	/* Once more is not twice. */
	tx.packets++;
	stats_publish(&out, &tx, &rx, &loop);
	assert_int_equal(slot.tx[0], 12);
	assert_int_equal(slot.tx[1], 80);
	assert_int_equal(slot.rx[0], 5);
	assert_int_equal(slot.rx[offsetof(struct net_rx_counters, expired) / sizeof(uint64_t)], 7);
	assert_int_equal(slot.loop[0], 1);
	assert_int_equal(slot.loop[2], 9);
}

static void all_of_them_have_a_name_and_room(void **state)
{
	static const struct net_tx_counters tx = { .packets = 1, .tap_refused = UINT64_MAX };
	struct net_rx_counters rx;
	static const struct net_loop_counters loop = { .turns = 9 };
	char text[STATS_TEXT_MAX];

	stats_tx_text(&tx, text);
	assert_true(strstr(text, " packets=1 bytes=0 ") == text);
	assert_non_null(strstr(text, " tap_refused=18446744073709551615"));
	memset(&rx, 0xff, sizeof(rx));
	stats_rx_text(&rx, text);
	assert_non_null(strstr(text, " expired=18446744073709551615"));
	assert_true(strlen(text) < STATS_TEXT_MAX - 1);
	stats_loop_text(&loop, text);
	assert_string_equal(text, " turns=9 sleeps=0 events=0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_goes_on_from_where_it_was),
		cmocka_unit_test(all_of_them_have_a_name_and_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
