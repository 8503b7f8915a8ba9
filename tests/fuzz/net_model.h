/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames for the network fuzzers, and slow models of what is done with them:
 * headers found by a cursor that may fail, checksums byte by byte.
 */
#ifndef PVBACK_FUZZ_NET_MODEL_H
#define PVBACK_FUZZ_NET_MODEL_H

#include "fuzz.h"

#include "../unit/net_frames.h"

/* A frame of which the guest or the tap has chosen each byte, or a made one. */
static inline void fuzz_frame(struct fuzz *f, struct frame *frame, size_t max)
{
	uint8_t kind = fuzz_u8(f), opts = fuzz_u8(f);
	struct frame_spec s = {
		.v6 = kind & 1,
		.udp = kind & 2,
		.tags = (kind >> 2) & 3,
		.ip_opts = kind & 1 ? (opts & 3u) * 8 : (opts % 11u) * 4,
		.tcp_opts = (opts >> 4) % 11u * 4,
	};
	size_t fixed = 14 + 3 * 4 + 64 + 64;

	if (kind & 0x80) {
		frame->len = fuzz_u16(f) % (max + 1);
		fuzz_bytes(f, frame->data, frame->len);
		return;
	}
	s.payload = (kind & 0x40 ? fuzz_u16(f) : fuzz_u8(f)) % (unsigned int)(max - fixed + 1);
	make_frame(frame, &s);
	for (unsigned int n = (kind >> 4) & 3; n > 0; n--) {
		size_t at = fuzz_u8(f);

		frame->data[at % frame->len] = fuzz_u8(f);
	}
	if (fuzz_u8(f) == 1) /* cut off */
		frame->len = fuzz_u16(f) % (frame->len + 1);
}

/* A copy that ends where the frame does, so that looking further is seen. */
static inline uint8_t *exact_copy(const struct frame *frame)
{
	uint8_t *copy = malloc(frame->len + !frame->len);

	memcpy(copy, frame->data, frame->len);
	return copy;
}

struct cursor {
	const uint8_t *data;
	size_t len, at;
	bool bad;
};

static inline unsigned int eat(struct cursor *c, size_t n)
{
	unsigned int value = 0;

	if (c->bad || c->at > c->len || c->len - c->at < n) {
		c->bad = true;
		return 0;
	}
	for (; n > 0; n--)
		value = value << 8 | c->data[c->at++];
	return value;
}

static inline void skip(struct cursor *c, size_t n)
{
	if (c->bad || c->len - c->at < n)
		c->bad = true;
	else
		c->at += n;
}

struct model_headers {
	bool v6, tcp, tagged;
	size_t l3, l4, end;
	size_t l4_bytes; /* by the IP header */
	size_t csum;	 /* where the field is */
};

static inline unsigned int model_v4(struct cursor *c, struct model_headers *m)
{
	unsigned int ihl = eat(c, 1), total, frag, proto;

	skip(c, 1);
	total = eat(c, 2);
	skip(c, 2);
	frag = eat(c, 2);
	skip(c, 1);
	proto = eat(c, 1);
	skip(c, 10);
	if (ihl >> 4 != 4 || (ihl & 15) < 5 || frag & 0x2000 || frag & 0x1fff)
		c->bad = true;
	else
		skip(c, (ihl & 15) * 4 - 20);
	m->l4_bytes = total > c->at - m->l3 ? total - (c->at - m->l3) : 0;
	return proto;
}

static inline unsigned int model_v6(struct cursor *c, struct model_headers *m)
{
	unsigned int version = eat(c, 1) >> 4, bytes, proto, type, second, frag;

	skip(c, 3);
	bytes = eat(c, 2);
	proto = eat(c, 1);
	skip(c, 33);
	c->bad |= version != 6;
	while (!c->bad && proto != 6 && proto != 17) {
		size_t start = c->at;

		type = proto;
		proto = eat(c, 1);
		second = eat(c, 1);
		frag = eat(c, 2);
		skip(c, 4);
		if (start - m->l3 > 256) /* as headers.c says */
			c->bad = true;
		else if (type == 0 || type == 43 || type == 60)
			skip(c, second * 8);
		else if (type == 51 && second == 0)
			c->at = start + 8;
		else if (type == 51)
			skip(c, second * 4);
		else if (type != 44 || frag & 0xfff8 || frag & 1)
			c->bad = true;
	}
	m->l4_bytes = bytes + 40 > c->at - m->l3 ? bytes + 40 - (c->at - m->l3) : 0;
	return proto;
}

/* False: no TCP or UDP header to be found. */
static inline bool model_find(const uint8_t *data, size_t len, struct model_headers *m)
{
	struct cursor c = { .data = data, .len = len };
	unsigned int type, proto, off;

	memset(m, 0, sizeof(*m));
	skip(&c, 12);
	type = eat(&c, 2);
	for (int tags = 0; tags < 2 && (type == 0x8100 || type == 0x88a8); tags++) {
		skip(&c, 2);
		type = eat(&c, 2);
		m->tagged = true;
	}
	m->l3 = c.at;
	m->v6 = type == 0x86dd;
	if (c.bad || (type != 0x0800 && !m->v6))
		return false;
	proto = m->v6 ? model_v6(&c, m) : model_v4(&c, m);
	m->l4 = c.at;
	m->tcp = proto == 6;
	m->csum = m->l4 + (m->tcp ? 16 : 6);
	if (proto != 6 && proto != 17)
		return false;
	skip(&c, m->tcp ? 12 : 8);
	off = m->tcp ? (eat(&c, 1) >> 4) * 4 : 8;
	if (m->tcp && off < 20)
		return false;
	if (m->tcp)
		skip(&c, off - 13);
	m->end = c.at;
	return !c.bad;
}

/* Finish the checksum whose field at @field holds the sum of what comes before @start. */
static inline void model_finish(uint8_t *data, size_t len, size_t start, size_t field)
{
	unsigned int sum = ~ref_sum(data + start, len - start, 0) & 0xffff;

	put16(data + field, sum ? sum : 0xffff);
}

/* Zero if the checksum of TCP or UDP over @l4_bytes from m->l4 on is right. */
static inline unsigned int model_l4_error(const uint8_t *data, const struct model_headers *m,
					  size_t l4_bytes, size_t covered)
{
	unsigned long sum = (l4_bytes >> 16) + (l4_bytes & 0xffff) + (m->tcp ? 6 : 17);

	sum = m->v6 ? ref_sum(data + m->l3 + 8, 32, sum) : ref_sum(data + m->l3 + 12, 8, sum);
	return ref_sum(data + m->l4, covered, sum) ^ 0xffff;
}

#endif
