/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PVBACK_CONSOLED_STAMP_H
#define PVBACK_CONSOLED_STAMP_H

#include <time.h>

#include "filter.h"

/*
 * A time of day as ISO 8601 in UTC with milliseconds and a blank, to stand
 * before a line: "2025-03-01T12:00:00.123Z ". UTC, because the worker has no
 * file system to find a time zone in, and because logs of several hosts then
 * sort. Pure.
 */
void stamp_format(const struct timespec *now, char stamp[FILTER_STAMP_MAX]);

#endif
