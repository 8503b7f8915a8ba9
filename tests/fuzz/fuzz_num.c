// SPDX-License-Identifier: GPL-2.0-or-later
/* Text to numbers, beside a reader that counts in 128 bits. */
#include "fuzz.h"

#include <errno.h>

#include "base/num.h"

/* Values near which something could go wrong. */
static const uint64_t corners[] = {
	0,	    1,	       255,	   65535,      INT32_MAX,	UINT32_MAX,
	1ull << 32, INT64_MAX, 1ull << 63, UINT64_MAX, UINT64_MAX / 10, 131071
};

static int slow_u64(const char *text, uint64_t min, uint64_t max, uint64_t *ret)
{
	unsigned __int128 value = 0;
	size_t len = strlen(text);

	if (len == 0 || strspn(text, "0123456789") != len)
		return -EINVAL;
	for (; *text; text++)
		if (value <= UINT64_MAX)
			value = value * 10 + (unsigned int)(*text - '0');
	if (value > UINT64_MAX || value < min || value > max)
		return -ERANGE;
	*ret = (uint64_t)value;
	return 0;
}

static void check_numbers(const char *text, uint64_t min, uint64_t max)
{
	uint64_t got = 0xa5a5, want = 0xa5a5;
	uint32_t got32 = 0xa5a5;
	int err = slow_u64(text, min, max, &want);
	int got_err = num_u64(text, min, max, &got);

	/* Which of two errors a text with both gets is not said. */
	CHECK((got_err == 0) == (err == 0) && got == want);
	CHECK(got_err == 0 || got_err == -EINVAL || got_err == -ERANGE);
	CHECK(err != -ERANGE || got_err == -ERANGE);
	want = 0xa5a5;
	err = slow_u64(text, (uint32_t)min, (uint32_t)max, &want);
	CHECK((num_u32(text, (uint32_t)min, (uint32_t)max, &got32) == 0) == (err == 0));
	CHECK(got32 == want);
}

static void check_mac(const char *text)
{
	uint8_t mac[6] = { 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5 };
	char again[20];

	if (num_mac(text, mac) != 0) {
		CHECK(mac[0] == 0xa5 && mac[5] == 0xa5);
		return;
	}
	snprintf(again, sizeof(again), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		 mac[3], mac[4], mac[5]);
	CHECK(strcasecmp(again, text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	uint8_t bits = fuzz_u8(&f);
	uint64_t min = corners[fuzz_u8(&f) % 12], max = corners[fuzz_u8(&f) % 12];
	bool truth = true;
	char *text;

	if (bits & 1)
		max += (uint64_t)(int8_t)fuzz_u8(&f);
	text = calloc(1, f.left + 1);
	fuzz_bytes(&f, text, f.left);
	check_numbers(text, min, max);
	check_mac(text);
	if (num_bool(text, &truth) == 0)
		CHECK(strlen(text) == 1 && text[0] == (truth ? '1' : '0'));
	else
		CHECK(truth && strcmp(text, "0") != 0 && strcmp(text, "1") != 0);
	free(text);
	return 0;
}
