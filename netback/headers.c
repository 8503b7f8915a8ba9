/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the TCP or UDP header of a frame is. Pure.
 *
 * Theory of operation
 * -------------------
 * netif tells that a checksum is blank, not where it is, so the frame has to
 * be read. It was written by the guest: every step checks that the bytes it
 * looks at are there, and the walk over IPv6 extension headers is bounded in
 * number and in length (Linux has the same limit of 256 bytes,
 * MAX_IPV6_HDR_LEN).
 */
#include "headers.h"

#include <errno.h>
#include <netinet/in.h>

#define ETHERTYPE_CTAG 0x8100
#define ETHERTYPE_STAG 0x88a8
#define VLAN_HLEN 4u
#define MAX_TAGS 2

#define IPV4_HLEN 20u
#define IPV6_HLEN 40u
#define IPV6_EXT_HLEN 8u /* the shortest, and the step of their length */
#define IPV6_EXT_BYTES 256u
#define TCP_HLEN 20u
#define UDP_HLEN 8u

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

int net_ethertype(const uint8_t *data, size_t len, struct net_headers *h)
{
	size_t off = NET_ETH_HLEN;
	uint16_t type;
	unsigned int i;

	if (len < off)
		return -EPROTO;
	type = be16(data + off - 2);
	for (i = 0; i < MAX_TAGS; i++) {
		if (type != ETHERTYPE_CTAG && type != ETHERTYPE_STAG)
			break;
		off += VLAN_HLEN;
		if (len < off)
			return -EPROTO;
		type = be16(data + off - 2);
		h->tagged = true;
	}
	h->l3_off = (uint16_t)off;
	return type;
}

static int walk_ipv4(const uint8_t *data, size_t len, struct net_headers *h)
{
	const uint8_t *ip = data + h->l3_off;
	size_t left = len - h->l3_off;
	size_t hlen, total;

	if (left < IPV4_HLEN || ip[0] >> 4 != 4)
		return -EPROTO;
	hlen = (ip[0] & 0xfu) * 4u;
	total = be16(ip + 2);
	if (hlen < IPV4_HLEN || hlen > left)
		return -EPROTO;
	if (be16(ip + 6) & 0x3fff) /* more fragments, or not the first */
		return -EPROTONOSUPPORT;
	h->l4_off = (uint16_t)(h->l3_off + hlen);
	h->l4_bytes = total > hlen ? (uint32_t)(total - hlen) : 0;
	h->l4_proto = ip[9];
	return 0;
}

/* Length of the extension header at @ext, 0 if @type is not one to be passed. */
static size_t ext_len(uint8_t type, const uint8_t *ext)
{
	switch (type) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
		return (ext[1] + 1u) * IPV6_EXT_HLEN;
	case IPPROTO_AH:
		return (ext[1] + 2u) * 4u;
	case IPPROTO_FRAGMENT:
		return IPV6_EXT_HLEN;
	default:
		return 0;
	}
}

int net_ipv6_upper(const uint8_t *ip, size_t left, size_t *ret_off)
{
	size_t off = IPV6_HLEN;
	uint8_t type;

	if (left < IPV6_HLEN || ip[0] >> 4 != 6)
		return -EPROTO;
	type = ip[6];
	while (type != IPPROTO_TCP && type != IPPROTO_UDP) {
		const uint8_t *ext = ip + off;
		size_t step;

		if (off + IPV6_EXT_HLEN > left || off > IPV6_EXT_BYTES)
			return -EPROTO;
		step = ext_len(type, ext);
		if (!step)
			break;
		/* A fragment header with offset 0 and nothing to follow is none. */
		if (type == IPPROTO_FRAGMENT && be16(ext + 2) & 0xfff9)
			return -EPROTONOSUPPORT;
		type = ext[0];
		off += step;
	}
	*ret_off = off;
	return type;
}

static int walk_ipv6(const uint8_t *data, size_t len, struct net_headers *h)
{
	const uint8_t *ip = data + h->l3_off;
	uint32_t payload;
	size_t off;
	int type = net_ipv6_upper(ip, len - h->l3_off, &off);

	if (type < 0)
		return type;
	payload = be16(ip + 4) + IPV6_HLEN;
	h->l4_off = (uint16_t)(h->l3_off + off);
	h->l4_bytes = payload > off ? (uint32_t)(payload - off) : 0;
	h->l4_proto = (uint8_t)type;
	h->ipv6 = true;
	return 0;
}

static int walk_l4(const uint8_t *data, size_t len, struct net_headers *h)
{
	size_t hlen;

	switch (h->l4_proto) {
	case IPPROTO_TCP:
		if (h->l4_off + TCP_HLEN > len)
			return -EPROTO;
		hlen = (data[h->l4_off + 12] >> 4) * 4u;
		if (hlen < TCP_HLEN)
			return -EPROTO;
		h->csum_off = NET_TCP_CSUM;
		break;
	case IPPROTO_UDP:
		hlen = UDP_HLEN;
		h->csum_off = NET_UDP_CSUM;
		break;
	default:
		return -EPROTONOSUPPORT;
	}
	if (h->l4_off + hlen > len)
		return -EPROTO;
	h->hdr_len = (uint16_t)(h->l4_off + hlen);
	return 0;
}

int net_headers(const uint8_t *data, size_t len, struct net_headers *h)
{
	int type, ret;

	*h = (struct net_headers){ 0 };
	type = net_ethertype(data, len, h);
	if (type < 0)
		return type;
	if (type == NET_ETHERTYPE_IPV4)
		ret = walk_ipv4(data, len, h);
	else if (type == NET_ETHERTYPE_IPV6)
		ret = walk_ipv6(data, len, h);
	else
		ret = -EPROTONOSUPPORT;
	return ret ? ret : walk_l4(data, len, h);
}
