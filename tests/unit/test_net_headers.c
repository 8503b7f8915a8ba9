/* SPDX-License-Identifier: GPL-2.0-or-later */
/* headers.c: finds what is there, and never looks beyond the end. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "headers.h"
#include "net_frames.h"

static struct frame f;

/* A copy that ends where the frame ends, so that a sanitizer sees overreads. */
static int walk(size_t len, struct net_headers *h)
{
	uint8_t *exact = malloc(len ? len : 1);
	int ret;

	memcpy(exact, f.data, len);
	ret = net_headers(exact, len, h);
	free(exact);
	return ret;
}

static void check_spec(const struct frame_spec *s)
{
	struct net_headers h;

	make_frame(&f, s);
	assert_int_equal(walk(f.len, &h), 0);
	assert_int_equal(h.l3_off, f.l3);
	assert_int_equal(h.l4_off, f.l4);
	assert_int_equal(h.hdr_len, f.body);
	assert_int_equal(h.l4_bytes, f.len - f.l4);
	assert_int_equal(h.ipv6, s->v6);
	assert_int_equal(h.tagged, s->tags > 0);
	assert_int_equal(h.csum_off, s->udp ? 6 : 16);
	/* Cut off anywhere before the payload: refused. */
	for (size_t len = 0; len < f.body; len++)
		assert_true(walk(len, &h) < 0);
}

static void every_kind(void **state)
{
	for (unsigned int i = 0; i < 96; i++) {
		struct frame_spec s = {
			.v6 = i & 1,
			.udp = i & 2,
			.tags = i % 3,
			.ip_opts = i & 8    ? 8
				   : i & 16 ? 40
					    : 0,
			.tcp_opts = i & 4 ? 12 : 0,
			.payload = i,
		};

		check_spec(&s);
	}
}

static void three_tags_are_not_followed(void **state)
{
	struct frame_spec s = { .tags = 3, .payload = 10 };
	struct net_headers h;

	make_frame(&f, &s);
	assert_int_equal(walk(f.len, &h), -EPROTONOSUPPORT);
}

static void ipv4_fragments(void **state)
{
	struct frame_spec s = { .payload = 100 };
	struct net_headers h;

	make_frame(&f, &s);
	put16(f.data + f.l3 + 6, 0x4000); /* don't fragment */
	assert_int_equal(walk(f.len, &h), 0);
	put16(f.data + f.l3 + 6, 0x2000);
	assert_int_equal(walk(f.len, &h), -EPROTONOSUPPORT);
	put16(f.data + f.l3 + 6, 0x0001);
	assert_int_equal(walk(f.len, &h), -EPROTONOSUPPORT);
}

static void ipv6_fragment_header(void **state)
{
	struct frame_spec s = { .v6 = true, .ip_opts = 8, .payload = 100 };
	struct net_headers h;

	make_frame(&f, &s);
	f.data[f.l3 + 6] = IPPROTO_FRAGMENT;
	f.data[f.l3 + 41] = 0;
	assert_int_equal(walk(f.len, &h), 0); /* the only fragment */
	put16(f.data + f.l3 + 42, 0x0001);
	assert_int_equal(walk(f.len, &h), -EPROTONOSUPPORT);
	put16(f.data + f.l3 + 42, 0x0008);
	assert_int_equal(walk(f.len, &h), -EPROTONOSUPPORT);
}

static void endless_extension_headers(void **state)
{
	struct frame_spec s = { .v6 = true, .payload = 60000 };
	struct net_headers h;

	make_frame(&f, &s);
	f.data[f.l3 + 6] = IPPROTO_DSTOPTS;
	memset(f.data + f.l4, 0, f.len - f.l4);
	for (size_t at = f.l4; at < f.len; at += 8)
		f.data[at] = IPPROTO_DSTOPTS;
	assert_int_equal(walk(f.len, &h), -EPROTO);
}

/* A frame that ends exactly where a header does is whole so far. */
static void unknown_protocols_at_the_end(void **state)
{
	struct frame_spec s = { .payload = 50 }, tagged = { .tags = 1 };
	struct net_headers h;

	make_frame(&f, &s);
	put16(f.data + 12, 0x0806);
	assert_int_equal(walk(14, &h), -EPROTONOSUPPORT);
	put16(f.data + 12, 0); /* IEEE 802.3: a length */
	assert_int_equal(walk(f.len, &h), -EPROTONOSUPPORT);
	make_frame(&f, &tagged);
	put16(f.data + 16, 0x0806);
	assert_int_equal(walk(18, &h), -EPROTONOSUPPORT);
	make_frame(&f, &s);
	f.data[f.l3 + 9] = IPPROTO_ICMP;
	assert_int_equal(walk(f.l4, &h), -EPROTONOSUPPORT);
	assert_int_equal(walk(f.l4 - 1, &h), -EPROTO);
	s.v6 = true;
	make_frame(&f, &s);
	f.data[f.l3 + 6] = IPPROTO_ICMPV6;
	assert_int_equal(walk(f.l4 + 8, &h), -EPROTONOSUPPORT);
	assert_int_equal(walk(f.l4 + 7, &h), -EPROTO);
}

/* As many as Linux follows: 256 bytes of IPv6, and one header more. */
static void extension_headers_up_to_the_limit(void **state)
{
	struct frame_spec s = { .v6 = true, .udp = true };
	struct net_headers h;

	for (s.ip_opts = 8; s.ip_opts <= 512; s.ip_opts += 8) {
		size_t at;

		make_frame(&f, &s);
		for (at = f.l3 + 40; at + 8 < f.l4; at += 8) {
			f.data[at] = IPPROTO_DSTOPTS;
			f.data[at + 1] = 0;
		}
		f.data[at] = IPPROTO_UDP;
		f.data[at + 1] = 0;
		assert_int_equal(walk(f.len, &h), 40 + s.ip_opts <= 256 + 8 ? 0 : -EPROTO);
	}
}

static void authentication_header_has_its_own_unit(void **state)
{
	struct frame_spec s = { .v6 = true, .udp = true, .ip_opts = 24 };
	struct net_headers h;

	make_frame(&f, &s);
	f.data[f.l3 + 6] = IPPROTO_AH;
	f.data[f.l3 + 41] = 4; /* in words of 4 bytes, less 2 */
	assert_int_equal(walk(f.len, &h), 0);
	assert_int_equal(h.l4_off, f.l4);
}

static void wrong_version_and_lengths(void **state)
{
	struct frame_spec s = { .payload = 50 };
	struct net_headers h;

	make_frame(&f, &s);
	f.data[f.l3] = 0x65;
	assert_int_equal(walk(f.len, &h), -EPROTO);
	f.data[f.l3] = 0x44;		/* header of 16 bytes */
	f.data[f.l3 + 9] = IPPROTO_UDP; /* no header length there to trip over */
	assert_int_equal(walk(f.len, &h), -EPROTO);
	f.data[f.l3 + 9] = IPPROTO_TCP;
	f.data[f.l3] = 0x45;
	f.data[f.l4 + 12] = 0x40; /* TCP header of 16 bytes */
	assert_int_equal(walk(f.len, &h), -EPROTO);
	f.data[f.l4 + 12] = 0x50;
	put16(f.data + f.l3 + 2, 3); /* total length below the header's */
	assert_int_equal(walk(f.len, &h), 0);
	assert_int_equal(h.l4_bytes, 0);
	f.data[f.l3 + 9] = IPPROTO_ICMP;
	assert_int_equal(walk(f.len, &h), -EPROTONOSUPPORT);
}

static void random_bytes_stay_in_bounds(void **state)
{
	struct net_headers h;

	for (unsigned int i = 0; i < 200000; i++) {
		size_t len = (size_t)rand() % 200;

		for (size_t k = 0; k < len; k++)
			f.data[k] = (uint8_t)rand();
		if (len > 14 && i & 1)
			put16(f.data + 12, i & 2 ? 0x86dd : 0x0800);
		if (len > 20 && i & 4)
			f.data[14] = i & 2 ? 0x60 : 0x45;
		if (!walk(len, &h))
			assert_true(h.hdr_len <= len && h.l4_off + h.csum_off + 2u <= len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind),
		cmocka_unit_test(three_tags_are_not_followed),
		cmocka_unit_test(ipv4_fragments),
		cmocka_unit_test(ipv6_fragment_header),
		cmocka_unit_test(endless_extension_headers),
		cmocka_unit_test(unknown_protocols_at_the_end),
		cmocka_unit_test(extension_headers_up_to_the_limit),
		cmocka_unit_test(authentication_header_has_its_own_unit),
		cmocka_unit_test(wrong_version_and_lengths),
		cmocka_unit_test(random_bytes_stay_in_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
