/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP segmentation in software. Pure. */
#include "segment.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include "base/util.h"
#include "csum.h"

#define TCP_FLAGS 13u
#define TCP_FIN 0x01u
#define TCP_PSH 0x08u
#define TCP_CWR 0x80u

unsigned int net_segments(const struct net_headers *h, size_t len, uint16_t gso_size)
{
	return (unsigned int)((len - h->hdr_len + gso_size - 1) / gso_size);
}

static void store16(uint8_t *p, uint16_t value)
{
	uint16_t wire = htons(value);

	memcpy(p, &wire, sizeof(wire));
}

static uint16_t load16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* Length, identification and header checksum (RFC 791; RFC 8200 for IPv6). */
static void patch_ip(uint8_t *out, size_t len, const struct net_headers *h, unsigned int index)
{
	uint8_t *ip = out + h->l3_off;
	size_t hlen = h->l4_off - h->l3_off;

	if (h->ipv6) {
		store16(ip + 4, (uint16_t)(len - h->l3_off - 40));
		return;
	}
	store16(ip + 2, (uint16_t)(len - h->l3_off));
	store16(ip + 4, (uint16_t)(load16(ip + 4) + index));
	memset(ip + 10, 0, 2);
	csum_finish(ip, hlen, 0, 10);
}

static void patch_tcp(uint8_t *out, size_t len, const struct net_headers *h, uint32_t payload_off,
		      bool first, bool last)
{
	uint8_t *tcp = out + h->l4_off;
	uint32_t seq;
	uint16_t sum;

	memcpy(&seq, tcp + 4, sizeof(seq));
	seq = htonl(ntohl(seq) + payload_off);
	memcpy(tcp + 4, &seq, sizeof(seq));
	/* The end of the stream belongs to the last, RFC 3168's CWR to the first. */
	if (!last)
		tcp[TCP_FLAGS] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	if (!first)
		tcp[TCP_FLAGS] &= (uint8_t)~TCP_CWR;
	sum = csum_fold(csum_pseudo(out, h, (uint32_t)(len - h->l4_off)));
	memcpy(tcp + NET_TCP_CSUM, &sum, sizeof(sum));
	csum_finish(out, len, h->l4_off, NET_TCP_CSUM);
}

size_t net_segment(const uint8_t *data, size_t len, const struct net_headers *h, uint16_t gso_size,
		   unsigned int index, uint8_t *out)
{
	size_t done = (size_t)index * gso_size;
	size_t payload = MIN(len - h->hdr_len - done, (size_t)gso_size);
	size_t out_len = h->hdr_len + payload;
	bool last = h->hdr_len + done + payload == len;

	memcpy(out, data, h->hdr_len);
	memcpy(out + h->hdr_len, data + h->hdr_len + done, payload);
	patch_ip(out, out_len, h, index);
	patch_tcp(out, out_len, h, (uint32_t)done, !index, last);
	return out_len;
}
