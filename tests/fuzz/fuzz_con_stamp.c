// SPDX-License-Identifier: GPL-2.0-or-later
/* A stamp beside one that counts years and months from 1970 on. All times that Linux lets a clock have. */
#include "fuzz.h"

#include "../../consoled/stamp.h"

#define CLOCK_SECONDS_MAX 9223372036u /* 2^63 nanoseconds */

static bool is_leap(unsigned int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned int days_of(unsigned int year, unsigned int month)
{
	static const unsigned int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	uint64_t seconds = fuzz_u64(&f) % (CLOCK_SECONDS_MAX + 1u);
	struct timespec now = { (time_t)seconds, (long)(fuzz_u32(&f) % 1000000000u) };
	unsigned int year = 1970, month = 1, s = (unsigned int)(seconds % 86400);
	uint64_t days = seconds / 86400;
	char stamp[FILTER_STAMP_MAX], want[64];

	for (; days >= 365u + is_leap(year); year++)
		days -= 365u + is_leap(year);
	for (; days >= days_of(year, month); month++)
		days -= days_of(year, month);
	snprintf(want, sizeof(want), "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ ", year, month,
		 (unsigned int)days + 1, s / 3600, s / 60 % 60, s % 60,
		 (unsigned int)(now.tv_nsec / 1000000));
	stamp_format(&now, stamp);
	CHECK(strcmp(stamp, want) == 0);
	return 0;
}
