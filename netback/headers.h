/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the TCP or UDP header of a frame is. Pure, bounded. */
#ifndef PVBACK_NET_HEADERS_H
#define PVBACK_NET_HEADERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NET_ETH_HLEN 14u

#define NET_ETHERTYPE_IPV4 0x0800
#define NET_ETHERTYPE_ARP 0x0806
#define NET_ETHERTYPE_IPV6 0x86dd

/* Offsets of the checksum field within the L4 header. */
#define NET_TCP_CSUM 16u
#define NET_UDP_CSUM 6u

struct net_headers {
	uint16_t l3_off;   /* IP header */
	uint16_t l4_off;   /* TCP or UDP header */
	uint16_t hdr_len;  /* where the payload starts */
	uint16_t csum_off; /* NET_TCP_CSUM or NET_UDP_CSUM */
	uint32_t l4_bytes; /* L4 header and payload, by the IP header */
	uint8_t l4_proto;  /* IPPROTO_TCP or IPPROTO_UDP */
	bool ipv6;
	bool tagged; /* has one or two VLAN tags */
};

/*
 * Walk Ethernet, VLAN tags, IPv4 or IPv6 with extension headers, up to the end
 * of the TCP or UDP header. All of it lies within @len when 0 is returned.
 * -EPROTONOSUPPORT: something else, or a fragment, which has no checksum of
 * its own. -EPROTO: cut off or contradicting itself.
 */
int net_headers(const uint8_t *data, size_t len, struct net_headers *h);

/* The steps of it. The ethertype behind the tags, or -EPROTO; sets l3_off and tagged of @h. */
int net_ethertype(const uint8_t *data, size_t len, struct net_headers *h);
/*
 * What is behind the IPv6 header at @ip and its extensions: its type and, in *ret_off,
 * where it is from @ip on; there are 8 bytes of it, unless it is TCP or UDP. -EPROTO, or
 * -EPROTONOSUPPORT: a fragment.
 */
int net_ipv6_upper(const uint8_t *ip, size_t left, size_t *ret_off);

#endif
