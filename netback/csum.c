/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Internet checksum (RFC 1071). Pure. */
#include "csum.h"

#include <arpa/inet.h>
#include <string.h>

#include "headers.h"

/*
 * 32-bit words into 64 bits: no carry can be lost below 2^32 words, and the
 * compiler turns the loop into vector code.
 */
uint64_t csum_add(uint64_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t word;
	uint16_t half;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		sum += word;
	}
	if (len >= sizeof(half)) {
		memcpy(&half, p, sizeof(half));
		sum += half;
		p += sizeof(half);
		len -= sizeof(half);
	}
	if (len) {
		half = 0;
		memcpy(&half, p, 1);
		sum += half;
	}
	return sum;
}

uint16_t csum_fold(uint64_t sum)
{
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)((sum >> 16) + (sum & 0xffff));
}

/* RFC 9293 3.1 and RFC 768 (IPv4), RFC 8200 8.1 (IPv6). */
uint64_t csum_pseudo(const uint8_t *data, const struct net_headers *h, uint32_t l4_bytes)
{
	const uint8_t *ip = data + h->l3_off;
	uint32_t words[2] = { htonl(l4_bytes), htonl(h->l4_proto) };
	uint64_t sum = csum_add(0, words, sizeof(words));

	if (h->ipv6)
		return csum_add(sum, ip + 8, 32);
	return csum_add(sum, ip + 12, 8);
}

void csum_finish(uint8_t *data, size_t len, size_t start, size_t offset)
{
	uint16_t sum = (uint16_t)~csum_fold(csum_add(0, data + start, len - start));

	/* Zero means "no checksum" in UDP and is the same number in TCP. */
	if (!sum)
		sum = 0xffff;
	memcpy(data + start + offset, &sum, sizeof(sum));
}
