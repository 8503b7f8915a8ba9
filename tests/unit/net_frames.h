/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames for the network tests, and a plain checksum to compare with. */
#ifndef PVBACK_TEST_NET_FRAMES_H
#define PVBACK_TEST_NET_FRAMES_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct frame_spec {
	bool v6;
	bool udp;
	unsigned int tags;
	unsigned int ip_opts; /* IPv4: bytes; IPv6: hop-by-hop header's bytes */
	unsigned int tcp_opts;
	unsigned int payload;
};

struct frame {
	uint8_t data[70000];
	size_t len;
	size_t l3, l4, body;
};

static inline void put16(uint8_t *p, unsigned int v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline unsigned int get16(const uint8_t *p)
{
	return (unsigned int)(p[0] << 8 | p[1]);
}

/* Byte by byte, big-endian, as RFC 1071 words it. */
static inline unsigned int ref_sum(const uint8_t *p, size_t len, unsigned long sum)
{
	for (size_t i = 0; i < len; i++)
		sum += i & 1 ? p[i] : (unsigned long)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (unsigned int)sum;
}

static inline unsigned int ref_pseudo(const struct frame *f, bool v6, bool udp, size_t l4_bytes)
{
	unsigned long sum = (unsigned long)(l4_bytes >> 16) + (l4_bytes & 0xffff) +
			    (udp ? IPPROTO_UDP : IPPROTO_TCP);

	return v6 ? ref_sum(f->data + f->l3 + 8, 32, sum) : ref_sum(f->data + f->l3 + 12, 8, sum);
}

/* Zero if the L4 checksum of the whole frame is right. */
static inline unsigned int ref_l4_error(const struct frame *f, bool v6, bool udp)
{
	size_t bytes = f->len - f->l4;

	return ref_sum(f->data + f->l4, bytes, ref_pseudo(f, v6, udp, bytes)) ^ 0xffff;
}

static inline void make_frame(struct frame *f, const struct frame_spec *s)
{
	uint8_t *p = f->data;
	size_t l4_len, i;

	memset(p, 0, sizeof(f->data));
	memset(p, 0xaa, 12);
	p += 12;
	for (i = 0; i < s->tags; i++, p += 4)
		put16(p, i + 1 < s->tags ? 0x88a8 : 0x8100);
	put16(p, s->v6 ? 0x86dd : 0x0800);
	p += 2;
	f->l3 = (size_t)(p - f->data);
	f->l4 = f->l3 + (s->v6 ? 40 : 20) + s->ip_opts;
	l4_len = s->udp ? 8 : 20 + s->tcp_opts;
	f->body = f->l4 + l4_len;
	f->len = f->body + s->payload;
	if (s->v6) {
		p[0] = 0x60;
		put16(p + 4, (unsigned int)(f->len - f->l3 - 40));
		p[6] = s->ip_opts ? IPPROTO_HOPOPTS : s->udp ? IPPROTO_UDP : IPPROTO_TCP;
		for (i = 8; i < 40; i++)
			p[i] = (uint8_t)(i * 7);
		if (s->ip_opts) {
			p[40] = s->udp ? IPPROTO_UDP : IPPROTO_TCP;
			p[41] = (uint8_t)(s->ip_opts / 8 - 1);
		}
	} else {
		p[0] = (uint8_t)(0x40 | (20 + s->ip_opts) / 4);
		put16(p + 2, (unsigned int)(f->len - f->l3));
		put16(p + 4, 0x1234);
		p[8] = 64;
		p[9] = s->udp ? IPPROTO_UDP : IPPROTO_TCP;
		for (i = 12; i < 20; i++)
			p[i] = (uint8_t)(i * 11);
		put16(p + 10, ~ref_sum(p, 20 + s->ip_opts, 0) & 0xffff);
	}
	p = f->data + f->l4;
	put16(p, 4000);
	put16(p + 2, 5001);
	if (s->udp)
		put16(p + 4, (unsigned int)(f->len - f->l4));
	else
		p[12] = (uint8_t)((l4_len / 4) << 4);
	for (i = f->body; i < f->len; i++)
		f->data[i] = (uint8_t)(i * 13 + 5);
}

#endif
