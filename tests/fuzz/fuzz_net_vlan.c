// SPDX-License-Identifier: GPL-2.0-or-later
/* Any text as a list of VLANs: it is refused and nothing changes, or all are VLANs. */
#include "fuzz.h"

#include <string.h>

#include "../../netback/vlan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct net_vlans v = { .untagged = 4095, .nr = 77 };
	char text[513];

	size = size < 512 ? size : 512;
	memcpy(text, data, size);
	text[size] = '\0';
	if (vlan_parse(text, &v)) {
		CHECK(v.untagged == 4095 && v.nr == 77);
		return 0;
	}
	CHECK(v.untagged <= 4094 && v.nr <= VLAN_MAX_RANGES && (v.untagged || v.nr));
	for (unsigned int i = 0; i < v.nr; i++)
		CHECK(v.range[i].first >= 1 && v.range[i].first <= v.range[i].last &&
		      v.range[i].last <= 4094);
	return 0;
}
