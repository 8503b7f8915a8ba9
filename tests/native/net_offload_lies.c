// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Offload flags that do not fit the frame: an error response and nothing on
 * the wire. Flags that do, however odd the frame: what reaches the wire has right
 * checksums. The card goes on in any case.
 */
#include <netinet/in.h>

#include "net_case.h"

#define BLANK (NETTXF_csum_blank | NETTXF_data_validated)

enum verdict { REFUSE, PASS };

static uint8_t buf[FRAME_MAX], got[FRAME_MAX];
static uint64_t nr_refused;

struct claim {
	const char *what;
	uint16_t flags;
	uint8_t gso_type;
	uint16_t gso_size;
	enum verdict want;
};

/* Frames on the wire before the one of @mark; all of them have right checksums. */
static unsigned int frames_before(uint32_t mark, const char *what)
{
	unsigned int nr = 0;

	for (;;) {
		int len = wire_receive(&net_wire, frame_guest_mac, got, sizeof(got), NULL,
				       PATIENCE_MS);
		uint32_t now = 0;

		check(len > 0, "%s: the wire fell silent", what);
		if (frame_mark(got, (size_t)len, &now) && now == mark)
			return nr;
		check(frame_good(got, (size_t)len), "%s: %d bytes with a wrong checksum", what,
		      len);
		nr++;
	}
}

static void claim(struct net_guest *g, uint32_t len, const struct claim *c)
{
	struct netfront_frame f = { .data = buf,
				    .len = len,
				    .flags = c->flags,
				    .gso_type = c->gso_type,
				    .gso_size = c->gso_size };
	uint8_t next[64];
	uint16_t id;
	uint32_t mark;
	bool ok;

	must(netfront_send(g->nf, &f, &id));
	f = (struct netfront_frame){ .data = next, .len = net_ours(next, 64, &mark) };
	must(netfront_send(g->nf, &f, NULL));
	net_guest_flush(g);
	ok = g->nf->tx.status[id] == NETIF_RSP_OKAY;
	check(ok == (c->want == PASS), "%s, %u bytes: answered with %d", c->what, len,
	      g->nf->tx.status[id]);
	nr_refused += !ok;
	check((frames_before(mark, c->what) > 0) == ok, "%s: %s", c->what,
	      ok ? "nothing came" : "it is on the wire");
}

static uint32_t make(enum frame_kind kind, uint32_t payload, unsigned int ip_opts)
{
	const struct frame_how how = {
		.kind = kind, .payload = payload, .mark = payload, .blank = true, .ip_opts = ip_opts
	};

	return frame_make(buf, &how);
}

/* The header's own sum, which is not what is looked at here. */
static void fix_ip(void)
{
	frame_put16(buf + 24, 0);
	frame_put16(buf + 24, (uint16_t)~frame_sum(buf + 14, (buf[14] & 0xf) * 4u, 0));
}

/* One byte of a TCP/IPv4 frame, or two, are other than they should be. */
static void twist_ipv4(struct net_guest *g)
{
	static const struct {
		const char *what;
		unsigned int at;
		uint8_t hi;
		int lo; /* -1 = one byte only */
		enum verdict want;
	} twists[] = {
		{ "not IP at all", 12, 0x88, 0xb5, REFUSE },
		{ "IP version 5", 14, 0x55, -1, REFUSE },
		{ "IP header of 16 bytes", 14, 0x44, -1, REFUSE },
		{ "IP header of 0 bytes", 14, 0x40, -1, REFUSE },
		{ "IP length 0", 16, 0, 0, REFUSE },
		{ "IP length of the header alone", 16, 0, 20, REFUSE },
		{ "IP length without all of TCP's header", 16, 0, 39, REFUSE },
		{ "IP length one too much", 16, 0, 141, REFUSE },
		{ "IP length 65535", 16, 0xff, 0xff, REFUSE },
		{ "more fragments", 20, 0x20, 0, REFUSE },
		{ "a later fragment", 20, 0, 1, REFUSE },
		{ "do not fragment", 20, 0x40, 0, PASS },
		{ "ICMP", 23, IPPROTO_ICMP, -1, REFUSE },
		{ "GRE", 23, IPPROTO_GRE, -1, REFUSE },
		{ "protocol 0", 23, 0, -1, REFUSE },
		{ "TCP header of 16 bytes", 46, 0x40, -1, REFUSE },
		{ "TCP header of 0 bytes", 46, 0, -1, REFUSE },
		{ "TCP header of 60 bytes", 46, 0xf0, -1, PASS },
		{ "a wrong sum left in the field", 50, 0xbe, 0xef, PASS },
	};

	for (size_t i = 0; i < sizeof(twists) / sizeof(twists[0]); i++) {
		const struct claim c = { twists[i].what, BLANK, 0, 0, twists[i].want };
		uint32_t len = make(FRAME_TCP4, 100, 0);

		buf[twists[i].at] = twists[i].hi;
		if (twists[i].lo >= 0)
			buf[twists[i].at + 1] = (uint8_t)twists[i].lo;
		fix_ip();
		claim(g, len, &c);
	}
}

static void twist_ipv6(struct net_guest *g)
{
	static const struct {
		const char *what;
		unsigned int at;
		uint8_t hi;
		int lo;
		enum verdict want;
	} twists[] = {
		{ "IPv6 version 4", 14, 0x40, -1, REFUSE },
		{ "IPv6 length 0", 18, 0, 0, REFUSE },
		{ "IPv6 length one too much", 18, 0, 137, REFUSE },
		{ "IPv6 length 65535", 18, 0xff, 0xff, REFUSE },
		{ "no next header", 20, 59, -1, REFUSE },
		{ "an unknown header", 20, 253, -1, REFUSE },
		{ "ESP", 20, IPPROTO_ESP, -1, REFUSE },
		{ "hop-by-hop of 2 KiB", 55, 0xff, -1, REFUSE },
		{ "headers that lead behind the end", 55, 15, -1, REFUSE },
		{ "a header after itself", 54, IPPROTO_HOPOPTS, -1, REFUSE },
		{ "a fragment header", 54, IPPROTO_FRAGMENT, -1, REFUSE },
	};

	for (size_t i = 0; i < sizeof(twists) / sizeof(twists[0]); i++) {
		const struct claim c = { twists[i].what, BLANK, 0, 0, twists[i].want };
		uint32_t len = make(FRAME_TCP6, 100, 16);

		memset(buf + 56, 0, 14); /* padding of the option */
		buf[twists[i].at] = twists[i].hi;
		if (twists[i].lo >= 0)
			buf[twists[i].at + 1] = (uint8_t)twists[i].lo;
		claim(g, len, &c);
	}
}

/* Cut off after each byte of its headers. */
static void cut_off(struct net_guest *g)
{
	static const enum frame_kind kinds[] = { FRAME_TCP4, FRAME_UDP4, FRAME_TCP6, FRAME_UDP6 };
	const struct claim c = { "cut off", BLANK, 0, 0, REFUSE };

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		uint32_t len = make(kinds[k], 20, 0);

		for (uint32_t cut = 14; cut < len; cut++)
			claim(g, cut, &c);
	}
}

/* Short frames are filled up with zeros by some drivers. */
static void padded(struct net_guest *g)
{
	static const enum frame_kind kinds[] = { FRAME_TCP4, FRAME_UDP4, FRAME_TCP6, FRAME_UDP6 };
	const struct claim c = { "filled up", BLANK, 0, 0, PASS };

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		uint32_t len = make(kinds[k], 5, 0);

		memset(buf + len, 0, 40);
		for (uint32_t more = 1; more < 40; more++) {
			make(kinds[k], 5, 0);
			claim(g, len + more, &c);
		}
	}
}

static void large(struct net_guest *g)
{
	const uint8_t v4 = XEN_NETIF_GSO_TYPE_TCPV4, v6 = XEN_NETIF_GSO_TYPE_TCPV6;
	const struct {
		enum frame_kind kind;
		uint32_t payload;
		struct claim c;
	} cases[] = {
		{ FRAME_UDP4, 3000, { "GSO of UDP", BLANK, v4, 1000, REFUSE } },
		{ FRAME_UDP6, 3000, { "GSO of UDP over IPv6", BLANK, v6, 1000, REFUSE } },
		{ FRAME_TCP4, 3000, { "GSO of IPv6 in IPv4", BLANK, v6, 1000, REFUSE } },
		{ FRAME_TCP6, 3000, { "GSO of IPv4 in IPv6", BLANK, v4, 1000, REFUSE } },
		{ FRAME_OURS, 3000, { "GSO of no IP", BLANK, v4, 1000, REFUSE } },
		{ FRAME_OURS, 3000, { "GSO of no IP, not blank", 0, v4, 1000, REFUSE } },
		{ FRAME_TCP4, 3000, { "GSO, checksum not blank", 0, v4, 1000, PASS } },
		{ FRAME_TCP6,
		  3000,
		  { "GSO, only validated", NETTXF_data_validated, v6, 1000, PASS } },
		{ FRAME_TCP4, 0, { "GSO of headers alone", BLANK, v4, 1000, PASS } },
		{ FRAME_TCP4, 1000, { "GSO of one segment", BLANK, v4, 1000, PASS } },
		{ FRAME_TCP4, 1001, { "GSO of one segment and a byte", BLANK, v4, 1000, PASS } },
		{ FRAME_TCP4, 300, { "GSO of 1 byte", BLANK, v4, 1, PASS } },
		{ FRAME_TCP6, 65000, { "GSO of 65535 bytes", BLANK, v6, 65535, PASS } },
		{ FRAME_TCP4, 65000, { "GSO of 64999 bytes", BLANK, v4, 64999, PASS } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		claim(g, make(cases[i].kind, cases[i].payload, 0), &cases[i].c);
}

static void run(void)
{
	struct net_guest g;
	uint64_t counted;

	net_guest_new(&g, "lies", &netfront_all);
	twist_ipv4(&g);
	twist_ipv6(&g);
	cut_off(&g);
	padded(&g);
	large(&g);
	net_guest_works(&g);
	net_guest_disconnect(&g);
	counted = net_guest_counter(&g, "tx", "bad_headers");
	check(counted == nr_refused, "%llu refused, %llu counted", (unsigned long long)nr_refused,
	      (unsigned long long)counted);
	net_guest_destroy(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
