// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Checksums and segments against scapy: 2700 frames of IPv4 and IPv6 with options
 * and extension headers, TCP and UDP, no, one and two VLAN tags, fragments,
 * tunnels, padding and GSO, go through a worker both ways, for guests that take
 * all offloads, some and none. Each byte that comes out is compared, and what
 * the guest is told of it. net_oracle_cases.py computes what is right.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net_case.h"

enum { WAY_TX, WAY_RX };
enum { OPEN = 1, VALIDATED = 2 };
enum { CAPS_ALL, CAPS_ONLY_V4, CAPS_NONE, CAPS_NR };

/* As the generator packs them. */
struct case_head {
	uint8_t way, caps, refused, flags, gso_type, unused;
	uint16_t gso_size, csum_start, csum_offset, hdr_len, nr_outs;
	char name[48];
	uint32_t len;
} __attribute__((packed));

struct out_head {
	uint8_t blank, gso_type;
	uint16_t gso_size;
	uint32_t padding; /* the last bytes, which a bridge may cut off */
	uint32_t len;
} __attribute__((packed));

/* A frame that has come, wherever. */
struct came {
	uint32_t len;
	bool blank;
	uint8_t gso_type;
	uint16_t gso_size;
};

static const uint8_t *cases, *cases_end;
static uint8_t got[FRAME_MAX];
static unsigned int nr_done;

static void open_cases(void)
{
	const char *build = getenv("PVBACK_BUILD");
	char path[256];
	struct stat st;
	void *map;
	int fd;

	snprintf(path, sizeof(path), "%s/tests/native/net_oracle.cases", build ? build : ".");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	check(fd >= 0 && !fstat(fd, &st), "%s is not there", path);
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	check(map != MAP_FAILED, "%s cannot be mapped", path);
	close(fd);
	cases = map;
	cases_end = cases + st.st_size;
}

static void compare(const struct case_head *c, unsigned int nr, const struct out_head *want,
		    const struct came *came)
{
	const uint8_t *data = (const uint8_t *)(want + 1);

	check(came->len == want->len || came->len + want->padding == want->len,
	      "%s: frame %u of %u has %u bytes instead of %u", c->name, nr + 1, c->nr_outs,
	      came->len, want->len);
	for (uint32_t i = 0; i < came->len; i++)
		check(got[i] == data[i], "%s: frame %u of %u: byte %u is %#x instead of %#x",
		      c->name, nr + 1, c->nr_outs, i, got[i], data[i]);
	check(came->blank == want->blank, "%s: frame %u: its checksum is %s", c->name, nr + 1,
	      came->blank ? "left open" : "said to be complete");
	check(came->gso_size == want->gso_size && came->gso_type == want->gso_type,
	      "%s: frame %u: GSO %u of %u", c->name, nr + 1, came->gso_type, came->gso_size);
}

static uint8_t gso_type(const struct case_head *c)
{
	if (!c->gso_type)
		return XEN_NETIF_GSO_TYPE_NONE;
	return c->gso_type == 6 ? XEN_NETIF_GSO_TYPE_TCPV6 : XEN_NETIF_GSO_TYPE_TCPV4;
}

static void guest_sends(struct net_guest *g, const struct case_head *c)
{
	struct netfront_frame f = {
		.data = c + 1,
		.len = c->len,
		.flags = (uint16_t)((c->flags & OPEN ? NETTXF_csum_blank : 0) |
				    (c->flags ? NETTXF_data_validated : 0)),
		.gso_type = gso_type(c),
		.gso_size = c->gso_size,
	};
	uint16_t id;

	must(netfront_send(g->nf, &f, &id));
	net_guest_flush(g);
	check((g->nf->tx.status[id] == NETIF_RSP_OKAY) == !c->refused, "%s: answered with %d",
	      c->name, g->nf->tx.status[id]);
}

static void wire_gets(const struct case_head *c, unsigned int nr, struct came *came)
{
	int len = wire_receive(&net_wire, frame_guest_mac, got, sizeof(got), NULL, PATIENCE_MS);

	check(len > 0, "%s: frame %u did not come", c->name, nr + 1);
	*came = (struct came){ .len = (uint32_t)len };
}

static void wire_sends(const struct case_head *c)
{
	struct virtio_net_hdr vh = { 0 };

	if (c->flags & OPEN) {
		vh.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		vh.csum_start = c->csum_start;
		vh.csum_offset = c->csum_offset;
	}
	if (c->gso_type) {
		vh.gso_type =
			c->gso_type == 6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
		vh.gso_size = c->gso_size;
		vh.hdr_len = c->hdr_len;
	}
	must(wire_send(&net_wire, &vh, c + 1, c->len));
}

static void guest_gets(struct net_guest *g, const struct case_head *c, unsigned int nr,
		       struct came *came)
{
	struct netfront_packet pkt;

	check(net_guest_receive(g, &pkt, PATIENCE_MS), "%s: frame %u did not come", c->name,
	      nr + 1);
	came->len = netfront_linear(&pkt, got, sizeof(got));
	came->blank = pkt.flags & NETRXF_csum_blank;
	came->gso_size = pkt.gso_size;
	came->gso_type = pkt.gso_size ? pkt.gso_type == XEN_NETIF_GSO_TYPE_TCPV6 ? 6 : 4 : 0;
	netfront_rx_post(g->nf);
}

/* Returns where the next case is. */
static const uint8_t *run_case(struct net_guest *g, const struct case_head *c, bool mine)
{
	const uint8_t *at = (const uint8_t *)(c + 1) + c->len;

	if (mine && c->way == WAY_TX)
		guest_sends(g, c);
	else if (mine)
		wire_sends(c);
	for (unsigned int i = 0; i < c->nr_outs; i++) {
		const struct out_head *want = (const struct out_head *)at;
		struct came came = { 0 };

		at += sizeof(*want) + want->len;
		if (!mine)
			continue;
		if (c->way == WAY_TX)
			wire_gets(c, i, &came);
		else
			guest_gets(g, c, i, &came);
		compare(c, i, want, &came);
	}
	nr_done += mine;
	return at;
}

static void run_caps(unsigned int caps)
{
	static const struct netfront_conf only_v4 = { .sg = true,
						      .gso_tcpv4 = true,
						      .rx_notify = true };
	static const struct netfront_conf none = { .no_csum = true, .rx_notify = true };
	const struct netfront_conf *confs[CAPS_NR] = { &netfront_all, &only_v4, &none };
	struct net_guest g;

	net_guest_new(&g, "oracle", confs[caps]);
	for (const uint8_t *at = cases; at < cases_end;) {
		const struct case_head *c = (const struct case_head *)at;

		at = run_case(&g, c, c->caps == caps);
	}
	/* Nothing has come that should not have. */
	net_guest_says(&g, 60);
	net_guest_end(&g);
}

static void run(void)
{
	open_cases();
	for (unsigned int caps = 0; caps < CAPS_NR; caps++)
		run_caps(caps);
	check(nr_done > 2500, "only %u frames", nr_done);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
