// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Does a guest send under addresses of its own? Pure.
 *
 * Theory of operation
 * -------------------
 * The source MAC must be the card's. If there is a list of addresses, only IPv4,
 * IPv6 and ARP pass, with or without VLAN tags, each with a source of the list. What
 * a guest has to say before it has an address passes too, and no more than that:
 *
 *  - from 0.0.0.0 DHCP's client (RFC 2131 4.1), and ARP's probe (RFC 5227 2.1.1)
 *  - from :: what finds duplicates, routers and listeners (RFC 4861 4.1 and 4.3, RFC 3590)
 *  - from link-local addresses of IPv6 anything, unless the list has link-local ones
 *
 * Neighbour discovery says twice what it is about: its target and its option with a MAC
 * are judged like sources. Who announces itself as a router, or redirects, is none here. A
 * fragment passes by its source alone: discovery in fragments is ignored by all
 * (RFC 6980).
 */
#include "filter.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/util.h"
#include "headers.h"

#define MAC_LEN 6u
#define IPV4_LEN 4u
#define IPV6_LEN 16u
#define IPV4_HLEN 20u
#define IPV6_HLEN 40u
#define UDP_HLEN 8u

#define ARP_LEN 28u
#define DHCP_SERVER 67u
#define DHCP_CLIENT 68u

/* ICMPv6: RFC 2710, RFC 3810, RFC 4861. */
#define ICMP6_MLD_REPORT 131
#define ICMP6_MLD_DONE 132
#define ICMP6_RS 133
#define ICMP6_RA 134
#define ICMP6_NS 135
#define ICMP6_NA 136
#define ICMP6_REDIRECT 137
#define ICMP6_MLD2_REPORT 143

#define ND_RS_HLEN 8u
#define ND_TARGET 8u
#define ND_NS_HLEN 24u
#define ND_OPT_UNIT 8u
#define ND_OPT_SOURCE_MAC 1
#define ND_OPT_TARGET_MAC 2

static const uint8_t zero[IPV6_LEN];
static const uint8_t mapped[IPV6_LEN - IPV4_LEN] = { [10] = 0xff, [11] = 0xff };

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static bool begins_same(const uint8_t *a, const uint8_t *b, unsigned int bits)
{
	unsigned int rest = bits % 8;
	uint8_t mask = (uint8_t)(0xff00u >> rest);

	return !memcmp(a, b, bits / 8) && (!rest || !((a[bits / 8] ^ b[bits / 8]) & mask));
}

/* A network of IPv6 as large as ::/0 has no IPv4 in it. */
static bool listed(const struct net_filter *filter, const uint8_t ip[IPV6_LEN],
		   unsigned int min_bits)
{
	for (unsigned int i = 0; i < filter->nr_addrs; i++)
		if (filter->addrs[i].prefix >= min_bits &&
		    begins_same(ip, filter->addrs[i].ip, filter->addrs[i].prefix))
			return true;
	return false;
}

static bool listed_ipv4(const struct net_filter *filter, const uint8_t ip[IPV4_LEN])
{
	uint8_t all[IPV6_LEN];

	memcpy(all, mapped, sizeof(mapped));
	memcpy(all + sizeof(mapped), ip, IPV4_LEN);
	return listed(filter, all, 8 * sizeof(mapped));
}

static bool is_link_local(const uint8_t ip[IPV6_LEN])
{
	return ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80;
}

static bool own_ipv6(const struct net_filter *filter, const uint8_t ip[IPV6_LEN])
{
	bool any_link_local = true;

	if (!memcmp(ip, mapped, sizeof(mapped)))
		return false; /* nobody's (RFC 4291 2.5.5.2); in the list it is IPv4 */
	if (listed(filter, ip, 0))
		return true;
	for (unsigned int i = 0; i < filter->nr_addrs; i++)
		any_link_local &= !is_link_local(filter->addrs[i].ip);
	return any_link_local && is_link_local(ip);
}

/* --- IPv4 --- */

static bool is_dhcp(const uint8_t *ip, size_t left)
{
	size_t hlen = (ip[0] & 0xfu) * 4u;

	return ip[9] == IPPROTO_UDP && !(be16(ip + 6) & 0x1fff) && hlen >= IPV4_HLEN &&
	       hlen + UDP_HLEN <= left && be16(ip + hlen) == DHCP_CLIENT &&
	       be16(ip + hlen + 2) == DHCP_SERVER;
}

static enum filter_verdict judge_ipv4(const struct net_filter *filter, const uint8_t *ip,
				      size_t left)
{
	if (left < IPV4_HLEN || ip[0] >> 4 != 4)
		return FILTER_IPV4;
	if (listed_ipv4(filter, ip + 12))
		return FILTER_PASS;
	return !memcmp(ip + 12, zero, IPV4_LEN) && is_dhcp(ip, left) ? FILTER_PASS : FILTER_IPV4;
}

/* RFC 826: Ethernet and IPv4, then sender's MAC and address. */
static enum filter_verdict judge_arp(const struct net_filter *filter, const uint8_t *arp,
				     size_t left)
{
	static const uint8_t ipv4_over_ethernet[6] = { 0, 1, 8, 0, MAC_LEN, IPV4_LEN };

	if (left < ARP_LEN || memcmp(arp, ipv4_over_ethernet, sizeof(ipv4_over_ethernet)) != 0)
		return FILTER_ARP;
	if (memcmp(arp + 8, filter->mac, MAC_LEN) != 0)
		return FILTER_MAC;
	if (!memcmp(arp + 14, zero, IPV4_LEN) || listed_ipv4(filter, arp + 14))
		return FILTER_PASS;
	return FILTER_ARP;
}

/* --- IPv6 --- */

/* All MACs that discovery's options name as the sender's or the target's. */
static enum filter_verdict judge_options(const struct net_filter *filter, const uint8_t *option,
					 size_t left)
{
	while (left >= ND_OPT_UNIT) {
		size_t bytes = option[1] * ND_OPT_UNIT;

		if (!bytes || bytes > left)
			return FILTER_ND;
		if ((option[0] == ND_OPT_SOURCE_MAC || option[0] == ND_OPT_TARGET_MAC) &&
		    memcmp(option + 2, filter->mac, MAC_LEN) != 0)
			return FILTER_MAC;
		option += bytes;
		left -= bytes;
	}
	return FILTER_PASS;
}

static enum filter_verdict judge_icmp6(const struct net_filter *filter, const uint8_t *icmp,
				       size_t left)
{
	size_t hlen = ND_RS_HLEN;

	switch (icmp[0]) {
	case ICMP6_RA:
	case ICMP6_REDIRECT:
		return FILTER_ND;
	case ICMP6_NS:
		hlen = ND_NS_HLEN;
		break;
	case ICMP6_NA:
		hlen = ND_NS_HLEN;
		if (left < hlen || !own_ipv6(filter, icmp + ND_TARGET))
			return FILTER_ND;
		break;
	case ICMP6_RS:
		break;
	default:
		return FILTER_PASS;
	}
	return left < hlen ? FILTER_ND : judge_options(filter, icmp + hlen, left - hlen);
}

/* From ::, by who has no address yet. */
static enum filter_verdict judge_nobody(const struct net_filter *filter, int type,
					const uint8_t *icmp, size_t left)
{
	if (type != IPPROTO_ICMPV6)
		return FILTER_IPV6;
	switch (icmp[0]) {
	case ICMP6_NS: /* "has anybody the address that I mean to take?" */
		if (left < ND_NS_HLEN || !own_ipv6(filter, icmp + ND_TARGET))
			return FILTER_ND;
		return FILTER_PASS;
	case ICMP6_RS:
	case ICMP6_MLD_REPORT:
	case ICMP6_MLD_DONE:
	case ICMP6_MLD2_REPORT:
		return FILTER_PASS;
	default:
		return FILTER_IPV6;
	}
}

static enum filter_verdict judge_ipv6(const struct net_filter *filter, const uint8_t *ip,
				      size_t left)
{
	size_t off = 0;
	int type = net_ipv6_upper(ip, left, &off);

	if (type < 0 && type != -EPROTONOSUPPORT)
		return FILTER_IPV6;
	if (!memcmp(ip + 8, zero, IPV6_LEN))
		return judge_nobody(filter, type, ip + off, left - off);
	if (!own_ipv6(filter, ip + 8))
		return FILTER_IPV6;
	if (type != IPPROTO_ICMPV6)
		return FILTER_PASS;
	return judge_icmp6(filter, ip + off, left - off);
}

/* --- all of it --- */

enum filter_verdict filter_judge(const struct net_filter *filter, const uint8_t *data, size_t len)
{
	struct net_headers h = { 0 };
	const uint8_t *l3;

	if (!filter->on)
		return FILTER_PASS;
	if (memcmp(data + MAC_LEN, filter->mac, MAC_LEN) != 0)
		return FILTER_MAC;
	if (!filter->nr_addrs)
		return FILTER_PASS;
	switch (net_ethertype(data, len, &h)) {
	case NET_ETHERTYPE_IPV4:
		l3 = data + h.l3_off;
		return judge_ipv4(filter, l3, len - h.l3_off);
	case NET_ETHERTYPE_ARP:
		l3 = data + h.l3_off;
		return judge_arp(filter, l3, len - h.l3_off);
	case NET_ETHERTYPE_IPV6:
		l3 = data + h.l3_off;
		return judge_ipv6(filter, l3, len - h.l3_off);
	default:
		return FILTER_TYPE;
	}
}

void filter_count(struct net_tx_counters *count, enum filter_verdict verdict)
{
	switch (verdict) {
	case FILTER_PASS:
		break;
	case FILTER_MAC:
		count->spoofed_mac++;
		break;
	case FILTER_ARP:
		count->spoofed_arp++;
		break;
	case FILTER_IPV4:
		count->spoofed_ipv4++;
		break;
	case FILTER_IPV6:
		count->spoofed_ipv6++;
		break;
	case FILTER_ND:
		count->spoofed_nd++;
		break;
	case FILTER_TYPE:
		count->spoofed_type++;
		break;
	}
}

const char *filter_text(enum filter_verdict verdict)
{
	static const char *const texts[] = {
		[FILTER_PASS] = "good",
		[FILTER_MAC] = "its MAC is another's",
		[FILTER_ARP] = "ARP for an address that is not in key ip",
		[FILTER_IPV4] = "its IPv4 source is not in key ip",
		[FILTER_IPV6] = "its IPv6 source is not in key ip",
		[FILTER_ND] = "neighbour discovery for an address that is not in key ip",
		[FILTER_TYPE] = "neither IP nor ARP",
	};

	return texts[verdict];
}
