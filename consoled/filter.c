// SPDX-License-Identifier: GPL-2.0-or-later
/* Time stamps and text-only output for the log, see filter.h. */
#include "filter.h"

#include <string.h>

#define DEL 0x7f

/* One byte to the log, after the time if it is the first of its line. */
static uint8_t *emit(struct filter *f, const char *stamp, uint8_t byte, uint8_t *out)
{
	if (f->stamps && !f->mid_line) {
		size_t len = strnlen(stamp, FILTER_STAMP_MAX - 1);

		memcpy(out, stamp, len);
		out += len;
	}
	f->mid_line = byte != '\n';
	*out++ = byte;
	return out;
}

/*
 * First byte of a UTF-8 sequence: how many follow, and the bounds of the first
 * of them. They keep out overlong forms and surrogates, and U+0080 to U+009F,
 * which some terminals obey like escapes. False: not such a byte.
 */
static bool utf8_start(struct filter *f, uint8_t byte)
{
	f->low = 0x80;
	f->high = 0xbf;
	if (byte >= 0xc2 && byte <= 0xdf) {
		f->want = 1;
		if (byte == 0xc2)
			f->low = 0xa0;
	} else if (byte >= 0xe0 && byte <= 0xef) {
		f->want = 2;
		if (byte == 0xe0)
			f->low = 0xa0;
		else if (byte == 0xed)
			f->high = 0x9f;
	} else if (byte >= 0xf0 && byte <= 0xf4) {
		f->want = 3;
		if (byte == 0xf0)
			f->low = 0x90;
		else if (byte == 0xf4)
			f->high = 0x8f;
	} else {
		return false;
	}
	return true;
}

/*
 * The first byte of a sequence is passed on before the rest is seen; cut
 * short it is an invalid byte in the log, which no terminal obeys.
 */
static bool is_text(struct filter *f, uint8_t byte)
{
	if (f->want > 0 && byte >= f->low && byte <= f->high) {
		f->want--;
		f->low = 0x80;
		f->high = 0xbf;
		return true;
	}
	f->want = 0;
	if (byte >= 0x80)
		return utf8_start(f, byte);
	return byte == '\t' || byte == '\n' || (byte >= ' ' && byte != DEL);
}

static uint8_t *neutralise(struct filter *f, const char *stamp, uint8_t byte, uint8_t *out)
{
	if (byte == '\r') {
		f->cr = true;
		f->want = 0;
		return out;
	}
	if (f->cr && byte != '\n')
		out = emit(f, stamp, '.', out);
	f->cr = false;
	return emit(f, stamp, is_text(f, byte) ? byte : '.', out);
}

size_t filter_run(struct filter *f, const char *stamp, const uint8_t *in, size_t n, uint8_t *out)
{
	uint8_t *start = out;

	for (size_t i = 0; i < n; i++) {
		if (f->raw)
			out = emit(f, stamp, in[i], out);
		else
			out = neutralise(f, stamp, in[i], out);
	}
	return (size_t)(out - start);
}
