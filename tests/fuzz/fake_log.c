// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * base/log.h for fuzzers: makes each line as the real one does, but shows it
 * only if FUZZ_LOG is in the environment. Meters never run dry.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

static void make_line(const char *dev, const char *fmt, va_list ap)
{
	static int show = -1;
	int saved = errno;
	char text[400];

	if (show < 0)
		show = getenv("FUZZ_LOG") != NULL;
	vsnprintf(text, sizeof(text), fmt, ap);
	if (show)
		fprintf(stderr, "%s: %s\n", dev ? dev : "-", text);
	errno = saved;
}

void log_open(const char *program, enum log_level max, bool use_syslog)
{
}

enum log_level log_max(void)
{
	return LOG_LEVEL_DEBUG;
}

bool log_to_syslog(void)
{
	return false;
}

void log_at(enum log_level level, const char *dev, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	make_line(dev, fmt, ap);
	va_end(ap);
}

void log_guest(struct log_meter *meter, const char *dev, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	make_line(dev, fmt, ap);
	va_end(ap);
}
