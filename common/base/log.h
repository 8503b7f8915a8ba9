/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line per event, to stderr or syslog, naming the device.
 *
 * err: an operator must act; warn: degraded; info: connect and disconnect;
 * debug: the control path. The data path has counters and does not log.
 * Every function keeps errno.
 */
#ifndef PVBACK_LOG_H
#define PVBACK_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/budget.h"

enum log_level { LOG_LEVEL_ERR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/*
 * @program: what stands at the start of each line (kept, not copied)
 * @use_syslog: send to syslog(3) instead of stderr
 */
void log_open(const char *program, enum log_level max, bool use_syslog);
/* From now on what is info counts as debug: for what a guest can make us say again and again. */
void log_hush(void);
enum log_level log_max(void);
bool log_to_syslog(void);

/* @dev: "vbd/3/51712" and the like, or NULL where no device is concerned. */
void log_at(enum log_level level, const char *dev, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define log_err(dev, ...) log_at(LOG_LEVEL_ERR, dev, __VA_ARGS__)
#define log_warn(dev, ...) log_at(LOG_LEVEL_WARN, dev, __VA_ARGS__)
#define log_info(dev, ...) log_at(LOG_LEVEL_INFO, dev, __VA_ARGS__)
#define log_debug(dev, ...) log_at(LOG_LEVEL_DEBUG, dev, __VA_ARGS__)

/*
 * The only logging that a guest may cause: a warning paid for from @meter,
 * dropped when the meter is empty. The next line that gets through says how
 * many were dropped. Each thread has its own meter.
 */
struct log_meter {
	struct budget budget; /* all zero = not used yet */
	uint64_t dropped;
};

void log_guest(struct log_meter *meter, const char *dev, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* For lines of other levels: pays for one, or counts it as dropped and returns false. */
bool log_meter_pay(struct log_meter *meter, const char *dev);

#endif
