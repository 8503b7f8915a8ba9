// SPDX-License-Identifier: GPL-2.0-or-later
/* Log lines to stderr or syslog. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"

/* What a guest may cause: a few lines at once, then one each six seconds. */
#define GUEST_LINES_BURST 10
#define GUEST_LINES_PER_MIN 10

static const char *program = "pvback";
static enum log_level max_level = LOG_LEVEL_INFO;
static bool use_syslog;
static bool under_journal;
static bool hushed;

static const int syslog_priority[] = {
	[LOG_LEVEL_ERR] = LOG_ERR,
	[LOG_LEVEL_WARN] = LOG_WARNING,
	[LOG_LEVEL_INFO] = LOG_INFO,
	[LOG_LEVEL_DEBUG] = LOG_DEBUG,
};

void log_open(const char *name, enum log_level max, bool to_syslog)
{
	program = name;
	max_level = max;
	use_syslog = to_syslog;
	under_journal = getenv("JOURNAL_STREAM") != NULL;
	if (use_syslog)
		openlog(program, LOG_PID, LOG_DAEMON);
}

void log_hush(void)
{
	hushed = true;
}

enum log_level log_max(void)
{
	return max_level;
}

bool log_to_syslog(void)
{
	return use_syslog;
}

/* One write(2) per line, so that lines of several processes do not mix. */
static void emit(enum log_level level, const char *dev, const char *text)
{
	const char *sep = dev ? ": " : "";
	char line[512];
	int len;

	if (use_syslog) {
		syslog(syslog_priority[level], "%s%s%s", dev ? dev : "", sep, text);
		return;
	}
	if (under_journal)
		len = snprintf(line, sizeof(line), "<%d>%s%s%s\n", syslog_priority[level],
			       dev ? dev : "", sep, text);
	else
		len = snprintf(line, sizeof(line), "%s: %s%s%s\n", program, dev ? dev : "", sep,
			       text);
	if (len >= (int)sizeof(line)) {
		len = sizeof(line);
		line[len - 1] = '\n';
	}
	if (write(STDERR_FILENO, line, (size_t)len) < 0)
		return; /* nobody left to tell */
}

static void vlog_at(enum log_level level, const char *dev, const char *fmt, va_list ap)
{
	char text[400];

	vsnprintf(text, sizeof(text), fmt, ap);
	emit(level, dev, text);
}

void log_at(enum log_level level, const char *dev, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	if (hushed && level == LOG_LEVEL_INFO)
		level = LOG_LEVEL_DEBUG;
	if (level > max_level)
		return;
	va_start(ap, fmt);
	vlog_at(level, dev, fmt, ap);
	va_end(ap);
	errno = saved;
}

bool log_meter_pay(struct log_meter *meter, const char *dev)
{
	uint64_t now = now_ns();

	/* The bucket counts in sixtieths of a line, rates are per second. */
	if (meter->budget.rate == 0)
		budget_init(&meter->budget, GUEST_LINES_PER_MIN, GUEST_LINES_BURST * 60, now);
	if (budget_available(&meter->budget, 60, now) < 60) {
		meter->dropped++;
		return false;
	}
	budget_spend(&meter->budget, 60);
	if (meter->dropped > 0) {
		log_at(LOG_LEVEL_WARN, dev, "%llu lines like these were dropped",
		       (unsigned long long)meter->dropped);
		meter->dropped = 0;
	}
	return true;
}

void log_guest(struct log_meter *meter, const char *dev, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	if (!log_meter_pay(meter, dev))
		return;
	va_start(ap, fmt);
	vlog_at(LOG_LEVEL_WARN, dev, fmt, ap);
	va_end(ap);
	errno = saved;
}
