// SPDX-License-Identifier: GPL-2.0-or-later
#include "outcome.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SKIPPED 77

void (*outcome_before)(bool failed);
void (*outcome_leave)(int status) = exit;

static void before(bool failed)
{
	fflush(stdout);
	if (outcome_before)
		outcome_before(failed);
}

static _Noreturn void leave(int status)
{
	outcome_leave(status);
	abort();
}

_Noreturn void fail_at(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	before(true);
	fprintf(stderr, "%s:%d: ", file, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	leave(EXIT_FAILURE);
}

_Noreturn void skip(const char *fmt, ...)
{
	va_list ap;

	before(false);
	fprintf(stderr, "skipped: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	leave(SKIPPED);
}

int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void sleep_ms(unsigned int ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

bool wait_for(bool (*ready)(void *ctx), void *ctx, int timeout_ms)
{
	int64_t end = now_ms() + timeout_ms;

	while (!ready(ctx)) {
		if (now_ms() > end)
			return false;
		sleep_ms(2);
	}
	return true;
}
