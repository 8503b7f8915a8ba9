// SPDX-License-Identifier: GPL-2.0-or-later
/* Hashing of frames towards the guest. Pure. */
#include "hash.h"

#include <string.h>

#define ETH_HLEN 14u
#define ETH_TYPE 12u
#define TYPE_IPV4 0x0800u
#define TYPE_IPV6 0x86ddu
#define TYPE_VLAN 0x8100u
#define TYPE_QINQ 0x88a8u
#define MAX_TAGS 2
#define TAG_LEN 4u
#define IPV4_HLEN 20u
#define IPV6_HLEN 40u
#define PORTS_LEN 4u
#define PROTO_TCP 6u

bool net_hash_is_sound(const struct net_hash *h, unsigned int nr_queues)
{
	if (h->algorithm > XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ || h->types & ~NET_HASH_TYPES ||
	    h->nr_mapping > NET_HASH_MAPPING_MAX)
		return false;
	for (unsigned int i = 0; i < NET_HASH_MAPPING_MAX; i++)
		if (h->mapping[i] >= nr_queues)
			return false;
	return true;
}

/* The 32 bits of the key that begin at bit @at; what lies behind it is zero. */
static uint32_t window(const uint8_t key[NET_HASH_KEY_MAX], unsigned int at)
{
	uint64_t bits = 0;

	for (unsigned int i = 0; i < 5; i++) {
		unsigned int byte = at / 8 + i;

		bits = bits << 8 | (byte < NET_HASH_KEY_MAX ? key[byte] : 0);
	}
	return (uint32_t)(bits >> (8 - at % 8));
}

void net_toeplitz_init(struct net_toeplitz *t, const uint8_t key[NET_HASH_KEY_MAX])
{
	for (unsigned int place = 0; place < NET_HASH_INPUT_MAX; place++) {
		uint32_t *of = t->of[place];

		of[0] = 0;
		for (unsigned int bit = 0; bit < 8; bit++)
			of[0x80u >> bit] = window(key, place * 8 + bit);
		for (unsigned int value = 3; value < 256; value++) {
			unsigned int rest = value & (value - 1);

			if (rest)
				of[value] = of[rest] ^ of[value ^ rest];
		}
	}
}

static uint32_t add(const struct net_toeplitz *t, unsigned int place, const uint8_t *data,
		    unsigned int len)
{
	uint32_t hash = 0;

	for (unsigned int i = 0; i < len; i++)
		hash ^= t->of[place + i][data[i]];
	return hash;
}

static unsigned int be16(const uint8_t *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

/* @addrs: both addresses; @ports: NULL if the frame has none that count. */
static bool hash_ip(const struct net_toeplitz *t, uint8_t types, bool v6, const uint8_t *addrs,
		    const uint8_t *ports, struct net_hashed *ret)
{
	const uint8_t ip = v6 ? _XEN_NETIF_CTRL_HASH_TYPE_IPV6 : _XEN_NETIF_CTRL_HASH_TYPE_IPV4;
	const uint8_t tcp =
		v6 ? _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP : _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP;
	unsigned int len = v6 ? 32 : 8;
	bool with_ports = ports && types & 1u << tcp;

	if (!with_ports && !(types & 1u << ip))
		return false;
	ret->type = with_ports ? tcp : ip;
	ret->value = add(t, 0, addrs, len);
	if (with_ports)
		ret->value ^= add(t, len, ports, PORTS_LEN);
	return true;
}

static bool hash_ipv4(const struct net_toeplitz *t, uint8_t types, const uint8_t *ip, size_t len,
		      struct net_hashed *ret)
{
	size_t hlen = (ip[0] & 15u) * 4;
	const uint8_t *ports = NULL;

	if (len < IPV4_HLEN || ip[0] >> 4 != 4 || hlen < IPV4_HLEN)
		return false;
	if (ip[9] == PROTO_TCP && !(be16(ip + 6) & 0x3fff) && len >= hlen + PORTS_LEN)
		ports = ip + hlen;
	return hash_ip(t, types, false, ip + 12, ports, ret);
}

static bool hash_ipv6(const struct net_toeplitz *t, uint8_t types, const uint8_t *ip, size_t len,
		      struct net_hashed *ret)
{
	const uint8_t *ports = NULL;

	if (len < IPV6_HLEN || ip[0] >> 4 != 6)
		return false;
	if (ip[6] == PROTO_TCP && len >= IPV6_HLEN + PORTS_LEN)
		ports = ip + IPV6_HLEN;
	return hash_ip(t, types, true, ip + 8, ports, ret);
}

bool net_hash_frame(const struct net_toeplitz *t, uint8_t types, const uint8_t *data, size_t len,
		    struct net_hashed *ret)
{
	size_t l3 = ETH_HLEN;
	unsigned int type;

	for (unsigned int tags = 0;; tags++, l3 += TAG_LEN) {
		if (len < l3 + 1)
			return false;
		type = be16(data + l3 - 2);
		if (tags == MAX_TAGS || (type != TYPE_VLAN && type != TYPE_QINQ))
			break;
	}
	if (type == TYPE_IPV4)
		return hash_ipv4(t, types, data + l3, len - l3, ret);
	if (type == TYPE_IPV6)
		return hash_ipv6(t, types, data + l3, len - l3, ret);
	return false;
}
