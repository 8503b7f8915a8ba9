/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a native test says that it has failed or cannot run, and how it waits. */
#ifndef NATIVE_OUTCOME_H
#define NATIVE_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

_Noreturn void fail_at(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
_Noreturn void skip(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
#define fail(...) fail_at(__FILE__, __LINE__, __VA_ARGS__)
#define check(ok, ...)                                            \
	do {                                                      \
		if (!(ok))                                        \
			fail_at(__FILE__, __LINE__, __VA_ARGS__); \
	} while (0)
/* Of what returns 0 or -errno. */
#define must(call)                                                                         \
	do {                                                                               \
		int must_ret = (call);                                                     \
		if (must_ret)                                                              \
			fail_at(__FILE__, __LINE__, "%s: %s", #call, strerror(-must_ret)); \
	} while (0)

/*
 * An area may have something to do before the last line is said (show the log of its
 * daemon), and a way of its own to leave; exit() if it has none.
 */
extern void (*outcome_before)(bool failed);
extern void (*outcome_leave)(int status);

int64_t now_ms(void); /* monotonic */
void sleep_ms(unsigned int ms);
/* Poll @ready(@ctx) every few ms; false when @timeout_ms are over. */
bool wait_for(bool (*ready)(void *ctx), void *ctx, int timeout_ms);

#endif
