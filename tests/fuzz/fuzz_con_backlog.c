// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bytes that wait for a reader, beside a stream of which each byte is known by its place: what is
 * there is the latest of it that fits, in order, and what was neither read
 * nor is there counts as lost, to the byte.
 */
#include "fuzz.h"

#include "base/util.h"
#include "../../consoled/backlog.h"

#define PUT_MAX 1024u

static struct backlog b;

static struct {
	uint64_t begin, end; /* places of what must be there */
	uint64_t lost;
} model;

static void put(struct fuzz *f)
{
	size_t n = fuzz_u8(f) < 200 ? fuzz_u8(f) : fuzz_below(f, PUT_MAX + 1);
	uint8_t data[PUT_MAX];

	for (size_t i = 0; i < n; i++)
		data[i] = fuzz_pattern(model.end + i);
	backlog_put(&b, data, n);
	model.end += n;
	if (model.end - model.begin > b.size) {
		model.lost += model.end - model.begin - b.size;
		model.begin = model.end - b.size;
	}
}

/* In one piece or two, without dropping anything. */
static void check_all(void)
{
	struct backlog copy = b;
	uint64_t at = model.begin;

	for (unsigned int pieces = 0; at < model.end; pieces++) {
		const uint8_t *data;
		size_t n = backlog_peek(&copy, &data);

		CHECK(n > 0 && n <= model.end - at && pieces < 2);
		for (size_t i = 0; i < n; i++)
			CHECK(data[i] == fuzz_pattern(at + i));
		backlog_drop(&copy, n);
		at += n;
	}
	CHECK(copy.used == 0 && b.lost == model.lost);
}

/* More than is there is all of it. */
static void drop(struct fuzz *f)
{
	size_t n = fuzz_below(f, PUT_MAX + 1);

	backlog_drop(&b, n);
	model.begin += MIN(n, model.end - model.begin);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };

	memset(&model, 0, sizeof(model));
	CHECK(backlog_init(&b, 1 + fuzz_below(&f, 700)) == 0);
	while (f.left > 0) {
		uint8_t what = fuzz_u8(&f);

		if (what < 128)
			put(&f);
		else if (what < 224)
			drop(&f);
		else
			b.lost = model.lost = 0; /* the reader has told of it */
		check_all();
	}
	backlog_fini(&b);
	CHECK(b.used == 0 && !b.buf);
	return 0;
}
