// SPDX-License-Identifier: GPL-2.0-or-later
#include "vlan.h"

#include <errno.h>
#include <string.h>

#include "base/num.h"

#define WORD_MAX 16

static int parse_id(const char *text, uint16_t min, uint16_t *ret)
{
	uint32_t id;

	if (num_u32(text, min, VLAN_ID_MAX, &id))
		return -EINVAL;
	*ret = (uint16_t)id;
	return 0;
}

static int parse_range(char *word, struct net_vlans *v)
{
	char *dash = strchr(word, '-');
	uint16_t first, last;

	if (dash)
		*dash = '\0';
	if (parse_id(word, 1, &first))
		return -EINVAL;
	last = first;
	if (dash && parse_id(dash + 1, first, &last))
		return -EINVAL;
	if (v->nr == VLAN_MAX_RANGES)
		return -E2BIG;
	v->range[v->nr].first = first;
	v->range[v->nr].last = last;
	v->nr++;
	return 0;
}

static int parse_one(char *word, size_t len, struct net_vlans *v)
{
	if (len == 0 || word[len - 1] != 'p')
		return parse_range(word, v);
	word[len - 1] = '\0';
	return v->untagged ? -EINVAL : parse_id(word, 1, &v->untagged);
}

int vlan_parse(const char *text, struct net_vlans *ret)
{
	struct net_vlans v = { 0 };

	for (;;) {
		const char *slash = strchr(text, '/');
		size_t len = slash ? (size_t)(slash - text) : strlen(text);
		char word[WORD_MAX];
		int err;

		if (len >= sizeof(word))
			return -EINVAL;
		memcpy(word, text, len);
		word[len] = '\0';
		err = parse_one(word, len, &v);
		if (err)
			return err;
		if (!slash)
			break;
		text = slash + 1;
	}
	*ret = v;
	return 0;
}
