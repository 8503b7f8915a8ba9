// SPDX-License-Identifier: GPL-2.0-or-later
/* Time stamps: ISO 8601, UTC, milliseconds, and always of the same length. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../consoled/stamp.h"

static void time_is_utc_with_milliseconds(void **state)
{
	static const struct {
		struct timespec ts;
		const char *text;
	} cases[] = {
		{ { 0, 0 }, "1970-01-01T00:00:00.000Z " },
		{ { 1740830400, 123999999 }, "2025-03-01T12:00:00.123Z " },
		{ { 951782400, 999999999 }, "2000-02-29T00:00:00.999Z " },
		{ { 2147483648, 1000000 }, "2038-01-19T03:14:08.001Z " },
		{ { 253402300799, 0 }, "9999-12-31T23:59:59.000Z " },
	};
	char stamp[FILTER_STAMP_MAX];

	setenv("TZ", "Asia/Tokyo", 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		stamp_format(&cases[i].ts, stamp);
		assert_string_equal(stamp, cases[i].text);
		assert_int_equal(strlen(stamp), 25);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_is_utc_with_milliseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
