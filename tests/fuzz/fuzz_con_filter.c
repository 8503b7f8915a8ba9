// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The log's filter: the same bytes in other pieces give the same text, and
 * the text has nothing in it that a terminal obeys.
 */
#include "fuzz.h"

#include "../../consoled/filter.h"

#define IN_MAX 4096u

static uint8_t whole[FILTER_OUT_MAX(IN_MAX)], parts[FILTER_OUT_MAX(IN_MAX)];

/* Bytes of the well-formed character at @p, 0 if there is none; decoded by value. */
static size_t utf8_len(const uint8_t *p, size_t left)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = p[0] < 0x80       ? 1
		     : p[0] >> 5 == 6  ? 2
		     : p[0] >> 4 == 14 ? 3
		     : p[0] >> 3 == 30 ? 4
				       : 0;
	uint32_t value;

	if (len == 0 || len > left)
		return 0;
	value = len == 1 ? p[0] : p[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if (p[i] >> 6 != 2)
			return 0;
		value = value << 6 | (p[i] & 0x3f);
	}
	if (value < least[len] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	if ((value >= 0x80 && value <= 0x9f) || value == 0x7f)
		return 0;
	return value >= ' ' || value == '\t' || value == '\n' ? len : 0;
}

/* The beginning of a character whose end is missing, and that has an end: bytes of it; else 0. */
static size_t cut_short(const uint8_t *p, size_t left)
{
	size_t len = p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 : p[0] >> 3 == 30 ? 4 : 0, have = 1;
	uint8_t low[4], high[4];

	while (have < len && have < left && p[have] >> 6 == 2)
		have++;
	if (have >= len)
		return 0;
	memset(low, 0x80, sizeof(low));
	memset(high, 0xbf, sizeof(high));
	memcpy(low, p, have);
	memcpy(high, p, have);
	return utf8_len(low, len) || utf8_len(high, len) ? have : 0;
}

/* The filter passes a character on byte by byte, so it may be cut short; no terminal obeys that. */
static void check_text(const uint8_t *p, size_t left)
{
	while (left > 0) {
		size_t len = utf8_len(p, left);

		if (len == 0)
			len = cut_short(p, left);
		CHECK(len > 0);
		p += len;
		left -= len;
	}
}

static size_t count(const uint8_t *p, size_t n, uint8_t byte)
{
	size_t nr = 0;

	for (size_t i = 0; i < n; i++)
		nr += p[i] == byte;
	return nr;
}

static void check_lines(const uint8_t *p, size_t n, const char *stamp, bool stamps)
{
	size_t len = strlen(stamp);
	bool start = true;

	for (size_t i = 0; stamps && i < n; i++) {
		if (start) {
			CHECK(n - i > len && memcmp(p + i, stamp, len) == 0);
			i += len;
		}
		start = p[i] == '\n';
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	uint8_t bits = fuzz_u8(&f), piece = fuzz_u8(&f);
	struct filter one = { .raw = bits & 1, .stamps = bits & 2 }, other = one;
	const char *stamp = bits & 4 ? "[2026-01-02 03:04:05] " : "";
	size_t n = f.left < IN_MAX ? f.left : IN_MAX, out, out_parts = 0;

	out = filter_run(&one, stamp, f.at, n, whole);
	CHECK(out <= FILTER_OUT_MAX(n));
	for (size_t at = 0; at < n;) {
		size_t len = 1 + piece % 7 < n - at ? 1u + piece % 7 : n - at;

		out_parts += filter_run(&other, stamp, f.at + at, len, parts + out_parts);
		at += len;
		piece = (uint8_t)(piece * 5 + 3);
	}
	CHECK(out == out_parts && memcmp(whole, parts, out) == 0);
	CHECK(count(whole, out, '\n') == count(f.at, n, '\n'));
	check_lines(whole, out, stamp, one.stamps);
	if (one.raw && !one.stamps)
		CHECK(out == n && memcmp(whole, f.at, n) == 0);
	if (!one.raw)
		check_text(whole, out);
	return 0;
}
