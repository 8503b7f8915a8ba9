// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * backlog.c beside a judge that keeps every look since something began to wait, and finds the last whole
 * window in them: no bound before one is known, then a fiftieth of what the guest took in a
 * second, between the least and the most; and none again as soon as nothing waits.
 */
#include "fuzz.h"

#include "backlog.h"
#include "base/util.h"

#define LOOKS_MAX 1024

struct look {
	uint64_t at, bytes;
};

static struct look looks[LOOKS_MAX];
static unsigned int nr_looks;

/* The windows lie end to end, each at least a tenth of a second. */
static bool last_window(struct look *begin, struct look *end)
{
	struct look from = looks[0];
	bool found = false;

	for (unsigned int i = 1; i < nr_looks; i++) {
		if (looks[i].at - from.at < 100 * NS_PER_MS)
			continue;
		*begin = from;
		*end = from = looks[i];
		found = true;
	}
	return found;
}

static void check(const struct backlog *b)
{
	uint32_t bound = backlog_bound(b);
	struct look begin, end;
	unsigned __int128 taken, one;

	if (!last_window(&begin, &end)) {
		CHECK(bound == UINT32_MAX && !b->stopped);
		return;
	}
	CHECK(b->stopped == (begin.bytes == end.bytes));
	/* bound = taken / one, rounded down: bytes and nanoseconds of the window, fifty to the second. */
	taken = (unsigned __int128)(end.bytes - begin.bytes) * NS_PER_SEC;
	one = (unsigned __int128)(end.at - begin.at) * 50;
	if (bound == UINT32_MAX) {
		CHECK(taken >= one * (1048576 + 1));
		return;
	}
	CHECK(bound >= 131072 && bound <= 1048576);
	CHECK(taken < one * (bound + 1ull));
	CHECK(bound == 131072 || taken >= one * bound);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	uint64_t now = 1ull + fuzz_u32(&f), bytes = fuzz_u32(&f);
	struct backlog b = { 0 };

	nr_looks = 0;
	while (f.left > 0) {
		uint8_t what = fuzz_u8(&f);
		bool waits = what & 31;

		/* From a moment to hours; from nothing to more than any guest takes. */
		now += (uint64_t)fuzz_u16(&f) << (what >> 5) * 4;
		bytes += (uint64_t)fuzz_u16(&f) << (what & 15) * 2;
		backlog_look(&b, waits, bytes, now);
		if (!waits)
			nr_looks = 0;
		else if (nr_looks == LOOKS_MAX)
			return 0;
		else
			looks[nr_looks++] = (struct look){ now, bytes };
		check(&b);
	}
	return 0;
}
