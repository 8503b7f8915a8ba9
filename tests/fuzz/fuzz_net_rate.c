// SPDX-License-Identifier: GPL-2.0-or-later
/* Any text as a rate: either it is refused and nothing changes, or it is within bounds and a bucket keeps to it. */
#include "fuzz.h"

#include <string.h>

#include "base/bucket.h"
#include "base/util.h"
#include "../../netback/rate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct net_limit limit = { 3, 4 };
	uint64_t until = 0, now = NS_PER_SEC, sum = 0, start = now;
	char text[65];
	struct bucket b;

	size = size < 64 ? size : 64;
	memcpy(text, data, size);
	text[size] = '\0';
	if (rate_parse(text, &limit)) {
		CHECK(limit.rate == 3 && limit.burst == 4);
		return 0;
	}
	if (!limit.rate)
		return 0;
	CHECK(limit.rate >= RATE_MIN && limit.rate <= RATE_MAX && limit.burst >= 131072);
	bucket_init(&b, &until);
	bucket_set(&b, limit.rate, rate_burst_ns(&limit));
	bucket_forgive(&b, now);
	for (int i = 0; i < 50; i++) {
		uint64_t wait = bucket_wait_ns(&b, now);

		CHECK((wait == 0) == (bucket_left(&b, now) > 0));
		now += wait;
		bucket_charge(&b, 65535, now);
		sum += 65535;
	}
	/* Never more than the rate and one frame; a price is a whole number of nanoseconds. */
	CHECK((unsigned __int128)(now - start + 50) * limit.rate / NS_PER_SEC + 65535 + 1 >= sum);
	return 0;
}
