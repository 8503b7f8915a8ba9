/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The time for limits and waits; pure files are told it instead of asking. */
#ifndef PVBACK_CLOCK_H
#define PVBACK_CLOCK_H

#include <stdint.h>
#include <time.h>

#include "base/util.h"

static inline uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

#endif
