/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values that a guest may leave in a key where a number belongs. */
#ifndef PVBACK_TEST_BAD_KEYS_H
#define PVBACK_TEST_BAD_KEYS_H

#include <stddef.h>

/* With their length, for those with a NUL; no number of 64 bits among them. */
static const struct bad_key {
	const char *value;
	size_t len;
} bad_keys[] = {
#define BAD(text)                      \
	{                              \
		text, sizeof(text) - 1 \
	}
	BAD(""),
	BAD("-1"),
	BAD("+1"),
	BAD("-0"),
	BAD("18446744073709551616"),			/* 2^64 */
	BAD("99999999999999999999"),			/* as many digits, and wraps to another */
	BAD("340282366920938463463374607431768211457"), /* 2^128 + 1 */
	BAD("text"),
	BAD("0x10"),
	BAD("1e3"),
	BAD("1.0"),
	BAD(" 1"),
	BAD("1 "),
	BAD("1\n"),
	BAD("\t"),
	BAD("1\0"),
	BAD("1\0001"),
	BAD("\0"),
	BAD("\0001"),
	BAD("\x7f"),
	BAD("\xff\xfe"),
	BAD("\xd9\xa1"), /* a digit, in Arabic */
	BAD("%s%n"),
#undef BAD
};

#define BAD_KEY_LONG 4096 /* XENSTORE_PAYLOAD_MAX, and as many digits */

#endif
