// SPDX-License-Identifier: GPL-2.0-or-later
#include "rate.h"

#include <errno.h>
#include <string.h>

#include "base/bucket.h"
#include "base/num.h"
#include "base/util.h"

#define US_PER_SEC 1000000u
#define BYTES_MAX (1ull << 40) /* in an interval; times a million it still is a number */

/* As Linux' netback: a large frame must fit whatever the interval is (tx_add_credit()). */
#define BURST_MIN_BYTES 131072u
/* Who waits sleeps for a millisecond at least, and is woken late. */
#define BURST_MIN_NS (5 * NS_PER_MS)
#define BURST_MAX_NS (3600 * NS_PER_SEC)

int rate_parse(const char *text, struct net_limit *ret)
{
	struct net_limit limit = { 0 };
	const char *comma = strchr(text, ',');
	char number[24];
	uint64_t bytes;
	uint32_t us;
	int err;

	if (*text == '\0') {
		*ret = limit;
		return 0;
	}
	if (!comma || (size_t)(comma - text) >= sizeof(number))
		return -EINVAL;
	memcpy(number, text, (size_t)(comma - text));
	number[comma - text] = '\0';
	err = num_u64(number, 0, BYTES_MAX, &bytes);
	if (!err)
		err = num_u32(comma + 1, 0, UINT32_MAX, &us);
	if (err)
		return err;
	if (us) {
		limit.rate = bytes * US_PER_SEC / us;
		limit.burst = MAX(bytes, BURST_MIN_BYTES);
		if (limit.rate < RATE_MIN || limit.rate > RATE_MAX)
			return -ERANGE;
	}
	*ret = limit;
	return 0;
}

uint64_t rate_burst_ns(const struct net_limit *limit)
{
	return MAX(bucket_price_ns(limit->rate, limit->burst, BURST_MAX_NS), BURST_MIN_NS);
}
