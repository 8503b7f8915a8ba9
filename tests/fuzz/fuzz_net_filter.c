// SPDX-License-Identifier: GPL-2.0-or-later
/* Any list of addresses and any frame: nothing outside is looked at, and what passes has a source that it may have. */
#include "net_model.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "../../netback/addr.h"
#include "filter.h"

static struct frame frame;

static bool prefix_is(const uint8_t *ip, const struct net_addr *a)
{
	for (unsigned int bit = 0; bit < a->prefix; bit++)
		if (((ip[bit / 8] ^ a->ip[bit / 8]) >> (7 - bit % 8)) & 1)
			return false;
	return true;
}

static bool in_list(const struct net_filter *filter, const uint8_t *ip)
{
	for (unsigned int i = 0; i < filter->nr_addrs; i++)
		if (prefix_is(ip, &filter->addrs[i]))
			return true;
	return false;
}

static bool is_zero(const uint8_t *p, size_t n)
{
	while (n > 0)
		if (p[--n])
			return false;
	return true;
}

static void check_passed(const struct net_filter *filter, const uint8_t *data, size_t len)
{
	uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff };
	size_t at = 12;

	CHECK(memcmp(data + 6, filter->mac, 6) == 0);
	if (!filter->nr_addrs)
		return;
	while (at + 6 <= len && (get16(data + at) == 0x8100 || get16(data + at) == 0x88a8))
		at += 4;
	switch (get16(data + at)) {
	case 0x0800:
		memcpy(mapped + 12, data + at + 2 + 12, 4);
		CHECK(in_list(filter, mapped) ||
		      (is_zero(mapped + 12, 4) && data[at + 2 + 9] == 17));
		break;
	case 0x0806:
		memcpy(mapped + 12, data + at + 2 + 14, 4);
		CHECK(in_list(filter, mapped) || is_zero(mapped + 12, 4));
		CHECK(memcmp(data + at + 2 + 8, filter->mac, 6) == 0);
		break;
	case 0x86dd:
		CHECK(in_list(filter, data + at + 2 + 8) || is_zero(data + at + 2 + 8, 16) ||
		      (data[at + 2 + 8] == 0xfe && data[at + 2 + 9] >> 6 == 2));
		break;
	default:
		CHECK(false);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	struct net_filter filter = { .on = true };
	char list[200];
	uint8_t *copy;
	size_t nr;

	nr = fuzz_below(&f, sizeof(list) - 1);
	fuzz_bytes(&f, list, nr);
	list[nr] = '\0';
	if (addr_parse_list(list, &filter)) /* else those that are alike in most frames */
		addr_parse_list("170.170.0.0/16 aaaa::/16", &filter);
	CHECK(filter.nr_addrs <= NET_MAX_ADDRS);
	for (unsigned int i = 0; i < filter.nr_addrs; i++)
		CHECK(filter.addrs[i].prefix <= 128);
	fuzz_frame(&f, &frame, 65535);
	if (frame.len < 14)
		return 0;
	copy = exact_copy(&frame);
	memcpy(filter.mac, copy + 6, 6);
	if (filter_judge(&filter, copy, frame.len) == FILTER_PASS)
		check_passed(&filter, copy, frame.len);
	filter.mac[0] ^= 1;
	CHECK(filter_judge(&filter, copy, frame.len) == FILTER_MAC);
	filter.on = false;
	CHECK(filter_judge(&filter, copy, frame.len) == FILTER_PASS);
	free(copy);
	return 0;
}
