/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VLANs as they are written in key "vlan". Pure. */
#ifndef PVBACK_NET_VLAN_H
#define PVBACK_NET_VLAN_H

#include <stdint.h>

#define VLAN_ID_MAX 4094u
#define VLAN_MAX_RANGES 64

struct net_vlans {
	uint16_t untagged; /* the guest's frames without a tag are in this one; 0: in none */
	uint16_t nr;
	struct {
		uint16_t first, last;
	} range[VLAN_MAX_RANGES]; /* with a tag */
};

/*
 * "10p/20/30-40": the one with p is without a tag, and there is at most one. -EINVAL: it is
 * not of this form; -E2BIG: more than VLAN_MAX_RANGES.
 */
int vlan_parse(const char *text, struct net_vlans *ret);

#endif
