// SPDX-License-Identifier: GPL-2.0-or-later
/* Ethernet frames for the network frontends and their tests. See net_frame.h. */
#include "net_frame.h"

#include <netinet/in.h>
#include <string.h>

#define TYPE_V4 0x0800
#define TYPE_V6 0x86dd
#define TYPE_CTAG 0x8100
#define TYPE_STAG 0x88a8

const uint8_t frame_broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
const uint8_t frame_guest_mac[6] = { 0x02, 0, 0, 0, 0, 0x0a };
const uint8_t frame_wire_mac[6] = { 0x02, 0, 0, 0, 0, 0x0b };

uint16_t frame_sum(const uint8_t *data, size_t len, uint32_t start)
{
	uint64_t sum = start;

	for (size_t i = 0; i < len; i++)
		sum += i & 1 ? data[i] : (uint32_t)data[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

uint16_t frame_pseudo(const uint8_t *data, const struct frame_view *v, size_t bytes)
{
	uint32_t sum = (uint32_t)(bytes >> 16) + (uint32_t)(bytes & 0xffff) +
		       (v->udp ? IPPROTO_UDP : IPPROTO_TCP);

	return v->v6 ? frame_sum(data + v->l3 + 8, 32, sum) : frame_sum(data + v->l3 + 12, 8, sum);
}

static bool is_v6(enum frame_kind kind)
{
	return kind == FRAME_TCP6 || kind == FRAME_UDP6;
}

static bool is_udp(enum frame_kind kind)
{
	return kind == FRAME_UDP4 || kind == FRAME_UDP6;
}

/* Mark, then bytes that follow from it, so that no two frames are alike. */
static uint8_t payload_byte(uint32_t mark, size_t i)
{
	if (i < 4)
		return (uint8_t)(mark >> (8 * (3 - i)));
	return (uint8_t)((i * 131) ^ (i >> 8) ^ (mark * 31));
}

static size_t put_ethernet(uint8_t *buf, const struct frame_how *how)
{
	size_t off = 12;

	memcpy(buf, how->to ? how->to : frame_broadcast, 6);
	memcpy(buf + 6, how->from ? how->from : frame_guest_mac, 6);
	for (unsigned int i = 0; i < how->tags; i++, off += 4) {
		frame_put16(buf + off, i + 1 < how->tags ? TYPE_STAG : TYPE_CTAG);
		frame_put16(buf + off + 2, 100 + i);
	}
	frame_put16(buf + off, how->kind == FRAME_OURS ? FRAME_TYPE_OURS
			       : is_v6(how->kind)      ? TYPE_V6
						       : TYPE_V4);
	return off + 2;
}

static size_t put_ipv4(uint8_t *ip, const struct frame_how *how, size_t l4_bytes)
{
	size_t hlen = 20 + how->ip_opts;

	memset(ip, 0, hlen);
	ip[0] = (uint8_t)(0x40 | hlen / 4);
	frame_put16(ip + 2, (uint32_t)(hlen + l4_bytes));
	frame_put16(ip + 4, how->mark & 0xffff);
	ip[8] = 64;
	ip[9] = is_udp(how->kind) ? IPPROTO_UDP : IPPROTO_TCP;
	memcpy(ip + 12, (const uint8_t[]){ 10, 99, 0, 1, 10, 99, 0, 2 }, 8);
	memset(ip + 20, 1, how->ip_opts); /* no operation */
	frame_put16(ip + 10, (uint16_t)~frame_sum(ip, hlen, 0));
	return hlen;
}

static size_t put_ipv6(uint8_t *ip, const struct frame_how *how, size_t l4_bytes)
{
	uint8_t l4 = is_udp(how->kind) ? IPPROTO_UDP : IPPROTO_TCP;

	memset(ip, 0, 40 + how->ip_opts);
	ip[0] = 0x60;
	frame_put16(ip + 4, (uint32_t)(how->ip_opts + l4_bytes));
	ip[6] = how->ip_opts ? IPPROTO_HOPOPTS : l4;
	ip[7] = 64;
	memcpy(ip + 8, (const uint8_t[16]){ 0xfd, 0x99, [15] = 1 }, 16);
	memcpy(ip + 24, (const uint8_t[16]){ 0xfd, 0x99, [15] = 2 }, 16);
	if (how->ip_opts) {
		ip[40] = l4;
		ip[41] = (uint8_t)(how->ip_opts / 8 - 1);
		ip[42] = 1; /* PadN */
		ip[43] = (uint8_t)(how->ip_opts - 4);
	}
	return 40 + how->ip_opts;
}

static size_t put_l4(uint8_t *l4, const struct frame_how *how)
{
	size_t hlen = is_udp(how->kind) ? 8 : 20 + how->tcp_opts;

	memset(l4, 0, hlen);
	frame_put16(l4, 40000);
	frame_put16(l4 + 2, 50000);
	if (is_udp(how->kind)) {
		frame_put16(l4 + 4, (uint32_t)(hlen + how->payload));
		return hlen;
	}
	frame_put16(l4 + 6, how->mark & 0xffff); /* sequence number */
	l4[12] = (uint8_t)(hlen / 4 << 4);
	l4[13] = 0x18; /* PSH, ACK */
	frame_put16(l4 + 14, 0x1000);
	memset(l4 + 20, 1, how->tcp_opts);
	return hlen;
}

uint32_t frame_make(uint8_t *buf, const struct frame_how *how)
{
	size_t at = put_ethernet(buf, how), l4_hlen, len;
	struct frame_view v;

	if (how->kind != FRAME_OURS) {
		l4_hlen = is_udp(how->kind) ? 8 : 20 + how->tcp_opts;
		at += is_v6(how->kind) ? put_ipv6(buf + at, how, l4_hlen + how->payload)
				       : put_ipv4(buf + at, how, l4_hlen + how->payload);
		at += put_l4(buf + at, how);
	}
	for (size_t i = 0; i < how->payload; i++)
		buf[at + i] = payload_byte(how->mark, i);
	len = at + how->payload;
	if (how->kind == FRAME_OURS || !frame_look(buf, len, &v))
		return (uint32_t)len;
	if (how->blank)
		frame_put16(buf + v.csum, frame_pseudo(buf, &v, len - v.l4));
	else
		frame_finish(buf, len, &v);
	return (uint32_t)len;
}

void frame_finish(uint8_t *data, size_t len, const struct frame_view *v)
{
	uint16_t sum;

	frame_put16(data + v->csum, 0);
	sum = (uint16_t)~frame_sum(data + v->l4, len - v->l4, frame_pseudo(data, v, len - v->l4));
	frame_put16(data + v->csum, v->udp && !sum ? 0xffff : sum);
}

static bool look_l4(const uint8_t *data, size_t len, uint8_t proto, struct frame_view *v)
{
	size_t hlen;

	if (v->fragment || (proto != IPPROTO_TCP && proto != IPPROTO_UDP)) {
		v->l4 = 0;
		return true;
	}
	v->udp = proto == IPPROTO_UDP;
	v->csum = v->l4 + (v->udp ? 6 : 16);
	if (v->l4 + (v->udp ? 8 : 20) > len)
		return false;
	hlen = v->udp ? 8 : (data[v->l4 + 12] >> 4) * 4u;
	v->body = v->l4 + hlen;
	return hlen >= (v->udp ? 8 : 20) && v->body <= len;
}

static bool look_ipv6(const uint8_t *data, size_t len, struct frame_view *v)
{
	size_t at = v->l3 + 40;
	uint8_t next;

	if (at > len)
		return false;
	v->v6 = true;
	next = data[v->l3 + 6];
	while (next == IPPROTO_HOPOPTS || next == IPPROTO_DSTOPTS || next == IPPROTO_ROUTING) {
		if (at + 8 > len)
			return false;
		next = data[at];
		at += (data[at + 1] + 1u) * 8;
	}
	v->fragment = next == IPPROTO_FRAGMENT;
	v->l4 = at;
	return look_l4(data, len, next, v);
}

bool frame_look(const uint8_t *data, size_t len, struct frame_view *v)
{
	uint16_t type;

	*v = (struct frame_view){ .l3 = 14 };
	if (len < v->l3)
		return false;
	type = frame_get16(data + 12);
	while (type == TYPE_CTAG || type == TYPE_STAG) {
		v->tagged = true;
		v->l3 += 4;
		if (len < v->l3)
			return false;
		type = frame_get16(data + v->l3 - 2);
	}
	if (type == TYPE_V6)
		return look_ipv6(data, len, v);
	if (type != TYPE_V4)
		return true;
	if (v->l3 + 20 > len)
		return false;
	v->l4 = v->l3 + (data[v->l3] & 0xfu) * 4;
	v->fragment = frame_get16(data + v->l3 + 6) & 0x3fff;
	return look_l4(data, len, data[v->l3 + 9], v);
}

bool frame_good(const uint8_t *data, size_t len)
{
	struct frame_view v;
	size_t l4_bytes;

	if (!frame_look(data, len, &v))
		return false;
	if (!v.l4)
		return true;
	if (!v.v6 && frame_sum(data + v.l3, v.l4 - v.l3, 0) != 0xffff)
		return false;
	l4_bytes = v.v6 ? frame_get16(data + v.l3 + 4) + 40 - (v.l4 - v.l3)
			: frame_get16(data + v.l3 + 2) - (v.l4 - v.l3);
	if (v.l4 + l4_bytes > len)
		return false;
	if (v.udp && !frame_get16(data + v.csum))
		return !v.v6; /* not computed, which IPv6 forbids */
	return frame_sum(data + v.l4, l4_bytes, frame_pseudo(data, &v, l4_bytes)) == 0xffff;
}

bool frame_payload_good(const uint8_t *data, size_t len, size_t body, uint32_t mark)
{
	for (size_t i = 0; body + i < len; i++)
		if (data[body + i] != payload_byte(mark, i))
			return false;
	return true;
}

bool frame_mark(const uint8_t *data, size_t len, uint32_t *ret)
{
	if (len < 18 || frame_get16(data + 12) != FRAME_TYPE_OURS)
		return false;
	*ret = (uint32_t)frame_get16(data + 14) << 16 | frame_get16(data + 16);
	return frame_payload_good(data, len, 14, *ret);
}
