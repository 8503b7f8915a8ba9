// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Limits, beside a bucket that counts tokens in 128 bits: over any stretch of time no more starts
 * than the burst, the rate and one request more allow; whoever waits as long as he is
 * told may start then, and not before.
 */
#include "fuzz.h"

#include "base/util.h"
#include "throttle.h"

static struct throttle t;
static struct blk_limits limits;
static struct blk_limits_used used;

/* Of one kind: what was granted since the model began, in tokens times nanoseconds. */
struct model {
	unsigned __int128 granted;
	uint64_t since_ns, largest;
};

static struct model model[BLK_NR_LIMITS];

static void forget(uint64_t now)
{
	memset(model, 0, sizeof(model));
	for (unsigned int i = 0; i < BLK_NR_LIMITS; i++)
		model[i].since_ns = now;
}

static void pick_limits(struct fuzz *f, uint64_t now)
{
	uint8_t bits = fuzz_u8(f);

	for (unsigned int i = 0; i < BLK_NR_LIMITS; i++) {
		uint64_t least = i >= BLK_LIMIT_READ_BYTES ? BLK_LIMIT_MIN_BYTES : 1;

		limits.of[i].rate = bits >> i & 1 ? least + fuzz_u32(f) % 100000 : 0;
		limits.of[i].burst = bits >> (i + 4) & 1 ? fuzz_u32(f) % 1000000 : 0;
	}
	throttle_set(&t, &limits);
	throttle_forgive(&t, now);
	forget(now);
}

/* The largest burst that can have been meant, in tokens. */
static uint64_t burst_of(const struct blk_limit *limit)
{
	return MAX(MAX(limit->burst, limit->rate / 10 + 1), limit->rate / 50 + 1);
}

static void grant(unsigned int kind, uint64_t tokens, uint64_t now)
{
	struct model *m = &model[kind];
	const struct blk_limit *limit = &limits.of[kind];
	unsigned __int128 most;

	if (limit->rate == 0)
		return;
	m->granted += tokens;
	m->largest = MAX(m->largest, tokens);
	most = (unsigned __int128)(now - m->since_ns) * limit->rate / NS_PER_SEC + m->largest +
	       burst_of(limit) + 1;
	/* Prices are whole nanoseconds: a part in a thousand at 100000 a second. */
	CHECK(m->granted <= most + most / 500);
}

static void start(struct fuzz *f, uint64_t *now)
{
	bool write = fuzz_u8(f) & 1;
	uint64_t bytes = (fuzz_u8(f) + 1) * 4096u, wait = throttle_wait_ns(&t, write, *now);

	if (wait > 0) {
		CHECK(throttle_wait_ns(&t, write, *now + wait - 1) > 0);
		CHECK(throttle_wait_ns(&t, write, *now + wait) == 0);
		*now += wait;
	}
	throttle_charge(&t, write, bytes, *now);
	grant(write ? BLK_LIMIT_WRITE_IOPS : BLK_LIMIT_READ_IOPS, 1, *now);
	grant(write ? BLK_LIMIT_WRITE_BYTES : BLK_LIMIT_READ_BYTES, bytes, *now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	uint64_t now = 3600 * NS_PER_SEC + fuzz_u32(&f);

	memset(&used, 0, sizeof(used));
	memset(&limits, 0, sizeof(limits));
	throttle_init(&t, &used);
	pick_limits(&f, now);
	for (unsigned int i = 0; f.left > 0 && i < 10000; i++) {
		uint8_t what = fuzz_u8(&f);

		if (what < 200)
			start(&f, &now);
		else if (what < 250)
			now += fuzz_u32(&f) % (100 * (uint64_t)NS_PER_MS);
		else
			pick_limits(&f, now);
	}
	return 0;
}
