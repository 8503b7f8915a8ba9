/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ethernet frames for the network frontends and their tests: made, taken
 * apart, and their checksums computed the plain way. Shares no code with netback.
 */
#ifndef FRONT_NET_FRAME_H
#define FRONT_NET_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX 65600u /* 64 KiB of IP, Ethernet, tags, and some */

/* An ethertype for experiments (IEEE 802): frames of it are nobody else's. */
#define FRAME_TYPE_OURS 0x88b5

enum frame_kind { FRAME_OURS, FRAME_TCP4, FRAME_UDP4, FRAME_TCP6, FRAME_UDP6 };

struct frame_how {
	enum frame_kind kind;
	unsigned int tags;     /* VLAN: 0, 1 or 2 */
	unsigned int ip_opts;  /* bytes: IPv4 options, or a hop-by-hop header; of 4 and 8 */
	unsigned int tcp_opts; /* bytes */
	uint32_t payload;
	uint32_t mark;		  /* the payload follows from it; frame_mark() finds it */
	bool blank;		  /* only the pseudo header's sum in the checksum field */
	const uint8_t *to, *from; /* MACs, NULL = broadcast, and a made-up one */
};

/* Where things are. */
struct frame_view {
	size_t l3, l4, body; /* offsets; l4 == 0: neither TCP nor UDP */
	size_t csum;	     /* of the checksum field */
	bool v6, udp, tagged, fragment;
};

extern const uint8_t frame_broadcast[6], frame_guest_mac[6], frame_wire_mac[6];

/* Returns the length; @buf has FRAME_MAX bytes. */
uint32_t frame_make(uint8_t *buf, const struct frame_how *how);

/* False: cut off before the end of its headers. */
bool frame_look(const uint8_t *data, size_t len, struct frame_view *v);

/* Sum of 16-bit big-endian words, folded, not inverted (RFC 1071). */
uint16_t frame_sum(const uint8_t *data, size_t len, uint32_t start);
/* The pseudo header of @v's L4 part of @bytes. */
uint16_t frame_pseudo(const uint8_t *data, const struct frame_view *v, size_t bytes);
/* Are all checksums right that the frame has? */
bool frame_good(const uint8_t *data, size_t len);
/* Fill in the checksum of @v's L4 part. */
void frame_finish(uint8_t *data, size_t len, const struct frame_view *v);

/* The mark of a FRAME_OURS frame whose payload is whole; false if it is not. */
bool frame_mark(const uint8_t *data, size_t len, uint32_t *ret);
/* Is the payload from @from on what a frame of @mark has? */
bool frame_payload_good(const uint8_t *data, size_t len, size_t body, uint32_t mark);

static inline uint16_t frame_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline void frame_put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

#endif
