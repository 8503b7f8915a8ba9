/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log's form of what a guest prints. Pure.
 *
 * A log is read with cat, less and grep, often by root on a terminal that
 * obeys escape sequences. So by default only text gets through: printable
 * ASCII, tab, line feed, and well-formed UTF-8 that is not a control
 * character. A carriage return before a line feed is left out, and every
 * other byte becomes a dot.
 */
#ifndef PVBACK_CONSOLED_FILTER_H
#define PVBACK_CONSOLED_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct filter {
	bool raw;      /* bytes as they are */
	bool stamps;   /* time at the start of each line */
	bool mid_line; /* something of the current line is out already */
	bool cr;       /* a carriage return is held back */
	uint8_t want;  /* UTF-8: continuation bytes still to come */
	uint8_t low;   /* UTF-8: least value of the next one */
	uint8_t high;  /* UTF-8: and the greatest */
};

#define FILTER_STAMP_MAX 32

/* Bytes of output that @n bytes of input can become. */
#define FILTER_OUT_MAX(n) (((n) + 1) * (FILTER_STAMP_MAX + 2))

/*
 * @stamp: text to put at line starts if stamps are on, shorter than
 * FILTER_STAMP_MAX; @out: FILTER_OUT_MAX(n) bytes. Returns bytes written.
 */
size_t filter_run(struct filter *f, const char *stamp, const uint8_t *in, size_t n, uint8_t *out);

#endif
