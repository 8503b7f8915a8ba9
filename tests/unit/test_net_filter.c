// SPDX-License-Identifier: GPL-2.0-or-later
/* addr.c and filter.c: under which addresses a guest may send. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "addr.h"
#include "base/util.h"
#include "filter.h"
#include "net_frames.h"

static const uint8_t own_mac[6] = { 0, 0x16, 0x3e, 1, 2, 3 };
static const uint8_t other_mac[6] = { 0, 0x16, 0x3e, 1, 2, 4 };
static struct net_filter filter;
static uint8_t data[512];
static size_t len;

static int set_up(void **state)
{
	filter = (struct net_filter){ .on = true };
	memcpy(filter.mac, own_mac, 6);
	return addr_parse_list("10.0.0.5 192.168.7.0/24 fd00::5 2001:db8:1::/52", &filter);
}

/* A copy that ends where the frame ends, so that a sanitizer sees overreads. */
static enum filter_verdict judge_len(size_t bytes)
{
	uint8_t *exact = malloc(bytes);
	enum filter_verdict verdict;

	memcpy(exact, data, bytes);
	verdict = filter_judge(&filter, exact, bytes);
	free(exact);
	return verdict;
}

static enum filter_verdict judge(void)
{
	return judge_len(len);
}

static uint8_t *eth(unsigned int type, unsigned int tags)
{
	uint8_t *p = data + 12;

	memset(data, 0, sizeof(data));
	memset(data, 0xff, 6);
	memcpy(data + 6, own_mac, 6);
	for (unsigned int i = 0; i < tags; i++, p += 4)
		put16(p, 0x8100);
	put16(p, type);
	return p + 2;
}

static uint8_t *ipv4(const char *source, uint8_t proto, unsigned int tags)
{
	uint8_t *ip = eth(0x0800, tags);

	ip[0] = 0x45;
	ip[9] = proto;
	inet_pton(AF_INET, source, ip + 12);
	len = (size_t)(ip + 28 - data);
	return ip + 20;
}

static uint8_t *ipv6(const char *source, uint8_t proto, bool ext)
{
	uint8_t *ip = eth(0x86dd, 0);

	ip[0] = 0x60;
	ip[6] = ext ? 0 : proto;
	inet_pton(AF_INET6, source, ip + 8);
	if (ext)
		ip[40] = proto;
	len = (size_t)(ip + 40 + 8 * ext + 24 - data);
	return ip + 40 + 8 * ext;
}

static void arp(const char *sender, const uint8_t *mac)
{
	static const uint8_t head[8] = { 0, 1, 8, 0, 6, 4, 0, 1 };
	uint8_t *p = eth(0x0806, 0);

	memcpy(p, head, 8);
	memcpy(p + 8, mac, 6);
	inet_pton(AF_INET, sender, p + 14);
	len = (size_t)(p + 28 - data);
}

static void discovery(const char *source, uint8_t type, const char *target, const uint8_t *mac)
{
	uint8_t *icmp = ipv6(source, 58, false);

	icmp[0] = type;
	inet_pton(AF_INET6, target, icmp + 8);
	if (!mac)
		return;
	icmp[24] = type == 135 ? 1 : 2;
	icmp[25] = 1;
	memcpy(icmp + 26, mac, 6);
	len += 8;
}

static void without_the_switch_all_passes(void **state)
{
	filter.on = false;
	ipv4("1.2.3.4", 6, 0);
	memcpy(data + 6, other_mac, 6);
	assert_int_equal(judge(), FILTER_PASS);
}

static void the_mac_is_the_cards(void **state)
{
	filter.nr_addrs = 0;
	ipv4("1.2.3.4", 6, 0);
	assert_int_equal(judge(), FILTER_PASS);
	eth(0x88cc, 0);
	assert_int_equal(judge_len(14), FILTER_PASS);
	memcpy(data + 6, other_mac, 6);
	assert_int_equal(judge_len(14), FILTER_MAC);
}

static void sources_are_of_the_list(void **state)
{
	static const struct {
		const char *source;
		enum filter_verdict verdict;
	} cases[] = {
		{ "10.0.0.5", FILTER_PASS },	      { "10.0.0.4", FILTER_IPV4 },
		{ "192.168.7.0", FILTER_PASS },	      { "192.168.7.255", FILTER_PASS },
		{ "192.168.8.0", FILTER_IPV4 },	      { "0.0.0.0", FILTER_IPV4 },
		{ "169.254.1.1", FILTER_IPV4 },	      { "fd00::5", FILTER_PASS },
		{ "fd00::6", FILTER_IPV6 },	      { "2001:db8:1:fff::1", FILTER_PASS },
		{ "2001:db8:1:1000::", FILTER_IPV6 }, { "::ffff:10.0.0.5", FILTER_IPV6 },
		{ "fe80::1", FILTER_PASS },	      { "febf::1", FILTER_PASS },
		{ "fec0::1", FILTER_IPV6 },	      { "::", FILTER_IPV6 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (strchr(cases[i].source, ':')) {
			ipv6(cases[i].source, 6, i & 1);
		} else {
			ipv4(cases[i].source, 6, i % 3);
			arp(cases[i].source, own_mac);
			/* A probe is from nobody. */
			assert_int_equal(judge() == FILTER_PASS,
					 cases[i].verdict == FILTER_PASS ||
						 !strcmp(cases[i].source, "0.0.0.0"));
			ipv4(cases[i].source, 6, i % 3);
		}
		assert_int_equal(judge(), cases[i].verdict);
	}
}

static void any_ipv6_is_no_ipv4(void **state)
{
	assert_int_equal(addr_parse_list("::/0", &filter), 0);
	ipv4("10.0.0.5", 6, 0);
	assert_int_equal(judge(), FILTER_IPV4);
	ipv6("1234::1", 6, false);
	assert_int_equal(judge(), FILTER_PASS);
	assert_int_equal(addr_parse_list("0.0.0.0/0", &filter), 0);
	assert_int_equal(judge(), FILTER_IPV6);
	ipv4("10.0.0.5", 6, 0);
	assert_int_equal(judge(), FILTER_PASS);
}

static void dhcp_passes_and_nothing_else_from_nobody(void **state)
{
	uint8_t *udp = ipv4("0.0.0.0", 17, 1);

	put16(udp, 68);
	put16(udp + 2, 67);
	assert_int_equal(judge(), FILTER_PASS);
	udp[-20] = 0x4f; /* its header is longer than the frame */
	assert_int_equal(judge(), FILTER_IPV4);
	udp[-20] = 0x44;
	assert_int_equal(judge(), FILTER_IPV4);
	udp[-20] = 0x45;
	put16(udp - 14, 1); /* behind the first fragment */
	assert_int_equal(judge(), FILTER_IPV4);
	put16(udp - 14, 0);
	put16(udp + 2, 68);
	assert_int_equal(judge(), FILTER_IPV4);
	put16(udp + 2, 67);
	put16(udp, 67);
	assert_int_equal(judge(), FILTER_IPV4);
	for (size_t cut = 14; cut < len; cut++)
		assert_int_not_equal(judge_len(cut), FILTER_PASS);
}

static void arp_tells_the_truth(void **state)
{
	arp("10.0.0.5", other_mac);
	assert_int_equal(judge(), FILTER_MAC);
	arp("10.0.0.6", own_mac);
	assert_int_equal(judge(), FILTER_ARP);
	arp("10.0.0.5", own_mac);
	data[14] = 1; /* not Ethernet */
	assert_int_equal(judge(), FILTER_ARP);
	arp("10.0.0.5", own_mac);
	for (size_t cut = 14; cut < len; cut++)
		assert_int_equal(judge_len(cut), FILTER_ARP);
}

static void discovery_tells_the_truth(void **state)
{
	static const struct {
		const char *source, *target;
		uint8_t type;
		const uint8_t *mac;
		enum filter_verdict verdict;
	} cases[] = {
		{ "fd00::5", "fd00::99", 135, own_mac, FILTER_PASS },
		{ "fd00::5", "fd00::99", 135, other_mac, FILTER_MAC },
		{ "fe80::5", "fd00::5", 136, own_mac, FILTER_PASS },
		{ "fe80::5", "fe80::5", 136, own_mac, FILTER_PASS },
		{ "fe80::5", "fd00::1", 136, own_mac, FILTER_ND },
		{ "fd00::5", "fd00::5", 136, other_mac, FILTER_MAC },
		{ "fd00::5", "fd00::5", 136, NULL, FILTER_PASS },
		{ "fd00::1", "fd00::5", 136, own_mac, FILTER_IPV6 },
		{ "fe80::5", "::", 134, own_mac, FILTER_ND },
		{ "fe80::5", "::", 137, own_mac, FILTER_ND },
		{ "fe80::5", "::", 128, NULL, FILTER_PASS },
		/* from who has no address yet */
		{ "::", "fd00::5", 135, NULL, FILTER_PASS },
		{ "::", "fe80::77", 135, NULL, FILTER_PASS },
		{ "::", "fd00::1", 135, NULL, FILTER_ND },
		{ "::", "::", 133, NULL, FILTER_PASS },
		{ "::", "::", 143, NULL, FILTER_PASS },
		{ "::", "::", 131, NULL, FILTER_PASS },
		{ "::", "::", 132, NULL, FILTER_PASS },
		{ "::", "fd00::5", 136, NULL, FILTER_IPV6 },
		{ "::", "::", 128, NULL, FILTER_IPV6 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		discovery(cases[i].source, cases[i].type, cases[i].target, cases[i].mac);
		assert_int_equal(judge(), cases[i].verdict);
	}
}

static void discovery_is_whole(void **state)
{
	discovery("fd00::5", 136, "fd00::5", own_mac);
	for (size_t cut = 14; cut < len - 8; cut++)
		assert_int_not_equal(judge_len(cut), FILTER_PASS);
	data[14 + 40 + 25] = 0; /* an option without a length */
	assert_int_equal(judge(), FILTER_ND);
	data[14 + 40 + 25] = 2; /* longer than the frame */
	assert_int_equal(judge(), FILTER_ND);
	discovery("fe80::5", 133, "::", NULL);
	len -= 16;
	assert_int_equal(judge(), FILTER_PASS);
	/* From ::, cut off in its target. */
	discovery("::", 135, "fd00::5", NULL);
	assert_int_equal(judge_len(len - 1), FILTER_ND);
}

/* Any address of a link is a guest's, unless it is said which. */
static void link_local_ones_of_the_list_are_the_only_ones(void **state)
{
	assert_int_equal(addr_parse_list("fe80::5", &filter), 0);
	ipv6("fe80::5", 6, true);
	assert_int_equal(judge(), FILTER_PASS);
	ipv6("fe80::6", 6, true);
	assert_int_equal(judge(), FILTER_IPV6);
}

static void fragments_pass_by_their_source(void **state)
{
	uint8_t *ext = ipv6("fd00::5", 44, false);

	ext[0] = 58;
	put16(ext + 2, 1); /* more of it follows */
	assert_int_equal(judge(), FILTER_PASS);
	memset(data + 14 + 8, 0x20, 16);
	assert_int_equal(judge(), FILTER_IPV6);
	memset(data + 14 + 8, 0, 16);
	assert_int_equal(judge(), FILTER_IPV6);
}

static void other_types_only_without_a_list(void **state)
{
	eth(0x8864, 0);
	len = 60;
	assert_int_equal(judge(), FILTER_TYPE);
	eth(0x0800, 3); /* one tag more than anybody removes */
	assert_int_equal(judge(), FILTER_TYPE);
	assert_int_equal(judge_len(14), FILTER_TYPE);
	eth(0x0800, 0)[0] = 0x65;
	assert_int_equal(judge(), FILTER_IPV4);
}

static void lists_are_read_strictly(void **state)
{
	static const char *const bad[] = {
		"10.0.0.1,10.0.0.2",
		"10.0.0",
		"10.0.0.1/33",
		"fd00::/129",
		"10.0.0.1/",
		"/8",
		"host",
		"10.0.0.1/-1",
		"fd00::5%eth0",
		"10.0.0.1/8/8",
		"1::2::3",
		"0000000000000000000000000000000000000000000000000000000000000010.0.0.1",
	};
	char many[12 * (NET_MAX_ADDRS + 1) + 1] = "";
	struct net_filter f = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(addr_parse_list(bad[i], &f), -EINVAL);
	assert_int_equal(addr_parse_list(" \t ", &f), 0);
	assert_int_equal(f.nr_addrs, 0);
	assert_int_equal(addr_parse_list("  10.1.2.3\tfd00::/8 0.0.0.0/0 ", &f), 0);
	assert_int_equal(f.nr_addrs, 3);
	assert_int_equal(f.addrs[0].prefix, 128);
	assert_int_equal(f.addrs[1].prefix, 8);
	assert_int_equal(f.addrs[2].prefix, 96);
	for (unsigned int i = 0; i < NET_MAX_ADDRS + 1; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), "10.0.0.%u ", i);
	assert_int_equal(addr_parse_list(many, &f), -E2BIG);
}

static void each_reason_has_a_counter_and_a_text(void **state)
{
	struct net_tx_counters c = { 0 };

	for (int v = FILTER_PASS; v <= FILTER_TYPE; v++) {
		filter_count(&c, (enum filter_verdict)v);
		assert_true(strlen(filter_text((enum filter_verdict)v)) > 3);
	}
	assert_int_equal(c.spoofed_mac, 1);
	assert_int_equal(c.spoofed_arp, 1);
	assert_int_equal(c.spoofed_ipv4, 1);
	assert_int_equal(c.spoofed_ipv6, 1);
	assert_int_equal(c.spoofed_nd, 1);
	assert_int_equal(c.spoofed_type, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(without_the_switch_all_passes, set_up),
		cmocka_unit_test_setup(the_mac_is_the_cards, set_up),
		cmocka_unit_test_setup(sources_are_of_the_list, set_up),
		cmocka_unit_test_setup(any_ipv6_is_no_ipv4, set_up),
		cmocka_unit_test_setup(dhcp_passes_and_nothing_else_from_nobody, set_up),
		cmocka_unit_test_setup(arp_tells_the_truth, set_up),
		cmocka_unit_test_setup(discovery_tells_the_truth, set_up),
		cmocka_unit_test_setup(discovery_is_whole, set_up),
		cmocka_unit_test_setup(link_local_ones_of_the_list_are_the_only_ones, set_up),
		cmocka_unit_test_setup(fragments_pass_by_their_source, set_up),
		cmocka_unit_test_setup(other_types_only_without_a_list, set_up),
		cmocka_unit_test(lists_are_read_strictly),
		cmocka_unit_test(each_reason_has_a_counter_and_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
