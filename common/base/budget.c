// SPDX-License-Identifier: GPL-2.0-or-later
/* Token bucket. */
#include "base/budget.h"

#include "base/util.h"

void budget_init(struct budget *b, uint64_t rate, uint64_t burst, uint64_t now)
{
	b->rate = rate;
	b->burst = burst;
	b->tokens = burst;
	b->last_ns = now;
}

/* Time in which a token appears is kept, not rounded away. */
static void refill(struct budget *b, uint64_t now)
{
	uint64_t elapsed = now > b->last_ns ? now - b->last_ns : 0;
	uint64_t fresh;

	/* A full bucket needs no precision; this also bounds the product. */
	if (elapsed >= NS_PER_SEC && elapsed / NS_PER_SEC >= b->burst / b->rate + 1) {
		b->tokens = b->burst;
		b->last_ns = now;
		return;
	}
	fresh = (uint64_t)((unsigned __int128)elapsed * b->rate / NS_PER_SEC);
	if (fresh == 0)
		return;
	b->last_ns += (uint64_t)((unsigned __int128)fresh * NS_PER_SEC / b->rate);
	b->tokens = fresh > b->burst - b->tokens ? b->burst : b->tokens + fresh;
}

uint64_t budget_available(struct budget *b, uint64_t want, uint64_t now)
{
	if (b->rate == 0)
		return want;
	refill(b, now);
	return MIN(want, b->tokens);
}

void budget_spend(struct budget *b, uint64_t n)
{
	if (b->rate != 0)
		b->tokens -= MIN(n, b->tokens);
}

uint64_t budget_wait_ns(const struct budget *b, uint64_t want)
{
	uint64_t missing;

	want = MIN(want, b->burst);
	if (b->rate == 0 || b->tokens >= want)
		return 0;
	missing = want - b->tokens;
	return (uint64_t)(((unsigned __int128)missing * NS_PER_SEC + b->rate - 1) / b->rate);
}
