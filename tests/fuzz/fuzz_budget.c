// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * budget.c beside a bucket that counts billionths of a token: what may be spent is the same at every
 * look, however often one looks; who waits as long as told has what he wants, and not before.
 */
#include "fuzz.h"

#include "base/budget.h"
#include "base/util.h"

typedef unsigned __int128 u128;

static u128 parts;
static uint64_t seen_ns;

static void pass(const struct budget *b, uint64_t now)
{
	parts += (u128)(now - seen_ns) * b->rate;
	parts = MIN(parts, (u128)b->burst * NS_PER_SEC);
	seen_ns = now;
}

static void spend(struct budget *b, uint64_t want, uint64_t now)
{
	uint64_t have = budget_available(b, want, now);

	if (b->rate == 0) {
		CHECK(have == want && budget_wait_ns(b, want) == 0);
		budget_spend(b, have);
		return;
	}
	pass(b, now);
	CHECK(have == MIN(want, parts / NS_PER_SEC));
	budget_spend(b, have);
	parts -= (u128)have * NS_PER_SEC;
}

static void wait(const struct budget *b, uint64_t want, uint64_t now)
{
	uint64_t ns = budget_wait_ns(b, want);
	struct budget early = *b, late = *b;

	want = b->rate ? MIN(want, b->burst) : want;
	CHECK(budget_available(&late, want, now + ns) == want);
	CHECK(ns == 0 || budget_available(&early, want, now + ns - 1) < want);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	uint64_t now = fuzz_u32(&f), rate = fuzz_u32(&f), burst;
	struct budget b;

	/* Slow ones, and as fast as a nanosecond each. */
	rate = rate & 1 ? rate >> 2 : rate % 1000;
	burst = rate ? 1ull + fuzz_u32(&f) : fuzz_u32(&f);
	budget_init(&b, rate, burst, now);
	parts = (u128)burst * NS_PER_SEC;
	seen_ns = now;
	while (f.left > 0) {
		uint8_t what = fuzz_u8(&f);

		now += (uint64_t)fuzz_u16(&f) << (what >> 4) * 2;
		spend(&b, what & 8 ? fuzz_u32(&f) : fuzz_u8(&f), now);
		wait(&b, fuzz_u32(&f), now);
	}
	return 0;
}
