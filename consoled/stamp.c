// SPDX-License-Identifier: GPL-2.0-or-later
/* Time stamps for the log. */
#include "stamp.h"

#include <stdio.h>

void stamp_format(const struct timespec *now, char stamp[FILTER_STAMP_MAX])
{
	struct tm tm;
	size_t len;

	gmtime_r(&now->tv_sec, &tm);
	len = strftime(stamp, FILTER_STAMP_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(stamp + len, FILTER_STAMP_MAX - len, ".%03dZ ", (int)(now->tv_nsec / 1000000));
}
