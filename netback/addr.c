// SPDX-License-Identifier: GPL-2.0-or-later
#include "addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/num.h"

#define WORD_MAX 64

static int parse_ip(const char *text, struct net_addr *ret, uint32_t *ret_bits)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (strchr(text, ':')) {
		*ret_bits = 128;
		return inet_pton(AF_INET6, text, ret->ip) == 1 ? 0 : -EINVAL;
	}
	*ret_bits = 32;
	memcpy(ret->ip, mapped, sizeof(mapped));
	return inet_pton(AF_INET, text, ret->ip + sizeof(mapped)) == 1 ? 0 : -EINVAL;
}

static int parse_one(char *word, struct net_addr *ret)
{
	char *slash = strchr(word, '/');
	uint32_t bits, prefix;
	int err;

	if (slash)
		*slash = '\0';
	err = parse_ip(word, ret, &bits);
	if (err)
		return err;
	prefix = bits;
	if (slash && num_u32(slash + 1, 0, bits, &prefix))
		return -EINVAL;
	ret->prefix = (uint8_t)(128 - bits + prefix);
	return 0;
}

int addr_parse_list(const char *text, struct net_filter *ret)
{
	unsigned int nr = 0;

	for (;;) {
		char word[WORD_MAX];
		size_t len = 0;
		int err;

		while (*text == ' ' || *text == '\t')
			text++;
		if (*text == '\0')
			break;
		while (text[len] != ' ' && text[len] != '\t' && text[len] != '\0')
			len++;
		if (len >= sizeof(word))
			return -EINVAL;
		if (nr == NET_MAX_ADDRS)
			return -E2BIG;
		memcpy(word, text, len);
		word[len] = '\0';
		err = parse_one(word, &ret->addrs[nr]);
		if (err)
			return err;
		nr++;
		text += len;
	}
	ret->nr_addrs = (uint8_t)nr;
	return 0;
}
