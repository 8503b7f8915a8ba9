// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hash.c: against the vectors that Microsoft publishes for receive side scaling
 * ("Verifying the RSS hash calculation"), and against netif.h's own function.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define XEN_NETIF_DEFINE_TOEPLITZ
#include "hash.h"

static const uint8_t key[NET_HASH_KEY_MAX] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
	0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
	0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static struct net_toeplitz t;
static uint8_t frame[200];
static struct net_hashed got;

static int set_up(void **state)
{
	net_toeplitz_init(&t, key);
	memset(frame, 0, sizeof(frame));
	return 0;
}

static void ports_at(uint8_t *to, unsigned int from_port, unsigned int to_port)
{
	to[0] = (uint8_t)(from_port >> 8);
	to[1] = (uint8_t)from_port;
	to[2] = (uint8_t)(to_port >> 8);
	to[3] = (uint8_t)to_port;
}

/* A TCP frame: @options bytes of IP options, @tags tags; where IP begins. */
static uint8_t *make_v4(unsigned int tags, unsigned int options)
{
	uint8_t *ip = frame + 14 + 4 * tags;

	memset(frame, 0, sizeof(frame));
	for (unsigned int i = 0; i < tags; i++)
		frame[12 + 4 * i] = 0x81;
	ip[-2] = 0x08;
	ip[0] = (uint8_t)(0x45 + options / 4);
	ip[9] = 6;
	return ip;
}

static uint8_t *make_v6(void)
{
	uint8_t *ip = frame + 14;

	memset(frame, 0, sizeof(frame));
	ip[-2] = 0x86;
	ip[-1] = 0xdd;
	ip[0] = 0x60;
	ip[6] = 6;
	return ip;
}

static void check(uint8_t types, uint8_t type, uint32_t value)
{
	memset(&got, 0xa5, sizeof(got));
	assert_true(net_hash_frame(&t, types, frame, sizeof(frame), &got));
	assert_int_equal(got.type, type);
	assert_int_equal(got.value, value);
}

static void published_vectors_of_ipv4(void **state)
{
	static const struct {
		uint8_t to[4], from[4];
		uint16_t to_port, from_port;
		uint32_t ip, tcp;
	} cases[] = {
		{ { 161, 142, 100, 80 }, { 66, 9, 149, 187 }, 1766, 2794, 0x323e8fc2, 0x51ccc178 },
		{ { 65, 69, 140, 83 }, { 199, 92, 111, 2 }, 4739, 14230, 0xd718262a, 0xc626b0ea },
		{ { 12, 22, 207, 184 }, { 24, 19, 198, 95 }, 38024, 12898, 0xd2d0a5de, 0x5c2b394a },
		{ { 209, 142, 163, 6 }, { 38, 27, 205, 30 }, 2217, 48228, 0x82989176, 0xafc7327f },
		{ { 202, 188, 127, 2 },
		  { 153, 39, 163, 191 },
		  1303,
		  44251,
		  0x5d1809c5,
		  0x10e828a2 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t *ip = make_v4((unsigned int)i % 3, (unsigned int)i * 4);

		memcpy(ip + 12, cases[i].from, 4);
		memcpy(ip + 16, cases[i].to, 4);
		ports_at(ip + (ip[0] & 15) * 4, cases[i].from_port, cases[i].to_port);
		check(XEN_NETIF_CTRL_HASH_TYPE_IPV4, _XEN_NETIF_CTRL_HASH_TYPE_IPV4, cases[i].ip);
		check(XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP, _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP,
		      cases[i].tcp);
		check(NET_HASH_TYPES, _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP, cases[i].tcp);
	}
}

static void published_vectors_of_ipv6(void **state)
{
	static const struct {
		uint16_t from[8], to[8];
		uint16_t from_port, to_port;
		uint32_t ip, tcp;
	} cases[] = {
		{ { 0x3ffe, 0x2501, 0x200, 0x1fff, 0, 0, 0, 7 },
		  { 0x3ffe, 0x2501, 0x200, 3, 0, 0, 0, 1 },
		  2794,
		  1766,
		  0x2cc18cd5,
		  0x40207d3d },
		{ { 0x3ffe, 0x501, 8, 0, 0x260, 0x97ff, 0xfe40, 0xefab },
		  { 0xff02, 0, 0, 0, 0, 0, 0, 1 },
		  14230,
		  4739,
		  0x0f0c461c,
		  0xdde51bbf },
		{ { 0x3ffe, 0x1900, 0x4545, 3, 0x200, 0xf8ff, 0xfe21, 0x67cf },
		  { 0xfe80, 0, 0, 0, 0x200, 0xf8ff, 0xfe21, 0x67cf },
		  44251,
		  38024,
		  0x4b61e985,
		  0x02d1feef },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t *ip = make_v6();

		for (unsigned int k = 0; k < 8; k++) {
			ip[8 + 2 * k] = (uint8_t)(cases[i].from[k] >> 8);
			ip[9 + 2 * k] = (uint8_t)cases[i].from[k];
			ip[24 + 2 * k] = (uint8_t)(cases[i].to[k] >> 8);
			ip[25 + 2 * k] = (uint8_t)cases[i].to[k];
		}
		ports_at(ip + 40, cases[i].from_port, cases[i].to_port);
		check(XEN_NETIF_CTRL_HASH_TYPE_IPV6, _XEN_NETIF_CTRL_HASH_TYPE_IPV6, cases[i].ip);
		check(NET_HASH_TYPES, _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP, cases[i].tcp);
	}
}

static void as_the_header_computes_it(void **state)
{
	uint8_t other[NET_HASH_KEY_MAX];
	uint8_t *ip;

	srand(7);
	for (unsigned int n = 0; n < 200; n++) {
		for (unsigned int i = 0; i < NET_HASH_KEY_MAX; i++)
			other[i] = (uint8_t)(rand() >> 4);
		memset(other + n % NET_HASH_KEY_MAX, 0, NET_HASH_KEY_MAX - n % NET_HASH_KEY_MAX);
		net_toeplitz_init(&t, other);
		ip = make_v6();
		for (unsigned int i = 8; i < 44; i++)
			ip[i] = (uint8_t)(rand() >> 4);
		check(NET_HASH_TYPES, _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP,
		      xen_netif_toeplitz_hash(other, NET_HASH_KEY_MAX, ip + 8, 36));
		check(XEN_NETIF_CTRL_HASH_TYPE_IPV6, _XEN_NETIF_CTRL_HASH_TYPE_IPV6,
		      xen_netif_toeplitz_hash(other, NET_HASH_KEY_MAX, ip + 8, 32));
	}
}

static void key_of_zeros_hashes_to_zero(void **state)
{
	static const uint8_t none[NET_HASH_KEY_MAX];

	net_toeplitz_init(&t, none);
	memset(make_v4(0, 0) + 12, 0xee, 12);
	check(NET_HASH_TYPES, _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP, 0);
}

static void fragments_and_other_protocols_by_their_addresses(void **state)
{
	uint8_t *ip = make_v4(0, 0);

	ip[9] = 17;
	assert_true(net_hash_frame(&t, NET_HASH_TYPES, frame, sizeof(frame), &got));
	assert_int_equal(got.type, _XEN_NETIF_CTRL_HASH_TYPE_IPV4);
	assert_false(
		net_hash_frame(&t, XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP, frame, sizeof(frame), &got));
	ip[9] = 6;
	ip[6] = 0x20; /* more fragments */
	assert_true(net_hash_frame(&t, NET_HASH_TYPES, frame, sizeof(frame), &got));
	assert_int_equal(got.type, _XEN_NETIF_CTRL_HASH_TYPE_IPV4);
	ip[6] = 0x40; /* do not fragment */
	assert_true(net_hash_frame(&t, NET_HASH_TYPES, frame, sizeof(frame), &got));
	assert_int_equal(got.type, _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP);
	ip = make_v6();
	ip[6] = 44;
	assert_true(net_hash_frame(&t, NET_HASH_TYPES, frame, sizeof(frame), &got));
	assert_int_equal(got.type, _XEN_NETIF_CTRL_HASH_TYPE_IPV6);
}

static void what_is_no_ip_has_no_hash(void **state)
{
	uint8_t *ip = make_v4(2, 0);

	ip[-2] = 0x81; /* a third tag */
	assert_false(net_hash_frame(&t, NET_HASH_TYPES, frame, sizeof(frame), &got));
	ip = make_v4(0, 0);
	ip[-1] = 6; /* ARP */
	assert_false(net_hash_frame(&t, NET_HASH_TYPES, frame, sizeof(frame), &got));
	ip[-1] = 0;
	ip[0] = 0x65;
	assert_false(net_hash_frame(&t, NET_HASH_TYPES, frame, sizeof(frame), &got));
	ip[0] = 0x44;
	assert_false(net_hash_frame(&t, NET_HASH_TYPES, frame, sizeof(frame), &got));
	make_v6()[0] = 0x45;
	assert_false(net_hash_frame(&t, NET_HASH_TYPES, frame, sizeof(frame), &got));
}

static void short_frames(void **state)
{
	make_v4(0, 8);
	for (size_t len = 0; len < 60; len++) {
		bool hashed = net_hash_frame(&t, NET_HASH_TYPES, frame, len, &got);

		assert_int_equal(hashed, len >= 34);
		if (hashed)
			assert_int_equal(got.type, len >= 14 + 28 + 4
							   ? _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP
							   : _XEN_NETIF_CTRL_HASH_TYPE_IPV4);
	}
	make_v6();
	for (size_t len = 0; len < 70; len++) {
		bool hashed = net_hash_frame(&t, NET_HASH_TYPES, frame, len, &got);

		assert_int_equal(hashed, len >= 54);
		if (hashed)
			assert_int_equal(got.type, len >= 58 ? _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP
							     : _XEN_NETIF_CTRL_HASH_TYPE_IPV6);
	}
}

static void what_a_guest_could_have_set(void **state)
{
	struct net_hash h = { 0 };

	assert_true(net_hash_is_sound(&h, 1));
	assert_false(net_hash_is_on(&h));
	h.algorithm = 1;
	assert_false(net_hash_is_on(&h));
	h.types = 1;
	assert_true(net_hash_is_on(&h));
	h.nr_mapping = 128;
	h.mapping[127] = 3;
	assert_true(net_hash_is_sound(&h, 4));
	assert_false(net_hash_is_sound(&h, 3));
	h.nr_mapping = 129;
	assert_false(net_hash_is_sound(&h, 4));
	h.nr_mapping = 1;
	h.types = 16;
	assert_false(net_hash_is_sound(&h, 4));
	h.types = 15;
	h.algorithm = 2;
	assert_false(net_hash_is_sound(&h, 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(published_vectors_of_ipv4, set_up),
		cmocka_unit_test_setup(published_vectors_of_ipv6, set_up),
		cmocka_unit_test_setup(as_the_header_computes_it, set_up),
		cmocka_unit_test_setup(key_of_zeros_hashes_to_zero, set_up),
		cmocka_unit_test_setup(fragments_and_other_protocols_by_their_addresses, set_up),
		cmocka_unit_test_setup(what_is_no_ip_has_no_hash, set_up),
		cmocka_unit_test_setup(short_frames, set_up),
		cmocka_unit_test(what_a_guest_could_have_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
