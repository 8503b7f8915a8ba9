// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Headers that the guest spreads over slots are put together before anybody
 * reads them (XSA-423): the checksum left open is found and computed wherever the
 * cut is, and for headers of one byte in each slot.
 */
#include "net_case.h"

static uint8_t sent[FRAME_MAX], got[FRAME_MAX];
static uint32_t mark;

static void send_cut(struct net_guest *g, const struct frame_how *how, const uint16_t *cuts,
		     unsigned int nr_cuts)
{
	struct netfront_frame f = { .data = sent,
				    .flags = NETTXF_csum_blank | NETTXF_data_validated,
				    .cuts = cuts,
				    .nr_cuts = nr_cuts };
	struct frame_view v;
	uint16_t id;
	int ret;

	f.len = frame_make(sent, how);
	must(netfront_send(g->nf, &f, &id));
	net_guest_flush(g);
	net_guest_answered(g, id, NETIF_RSP_OKAY);
	ret = wire_receive(&net_wire, frame_guest_mac, got, sizeof(got), NULL, PATIENCE_MS);
	check(ret == (int)f.len, "%d bytes came instead of %u", ret, f.len);
	check(frame_good(got, f.len), "cut after %u: the checksum is wrong", cuts[0]);
	frame_look(got, f.len, &v);
	check(frame_payload_good(got, f.len, v.body, how->mark), "cut after %u: other bytes came",
	      cuts[0]);
}

static void cut_everywhere(struct net_guest *g, struct frame_how how)
{
	uint16_t cuts[18] = { 0 };

	for (uint16_t at = 1; at < 128; at++) {
		how.mark = ++mark;
		cuts[0] = at;
		send_cut(g, &how, cuts, 1);
	}
	/* One byte in each of the first slots, then one with many. */
	for (unsigned int nr = 1; nr < 18; nr++) {
		how.mark = ++mark;
		for (unsigned int i = 0; i < nr; i++)
			cuts[i] = 1;
		send_cut(g, &how, cuts, nr);
	}
}

static void run(void)
{
	static const struct frame_how hows[] = {
		{ .kind = FRAME_TCP4, .payload = 400, .blank = true },
		{ .kind = FRAME_UDP4, .payload = 200, .blank = true },
		{ .kind = FRAME_TCP6, .payload = 400, .blank = true },
		{ .kind = FRAME_UDP6, .payload = 201, .blank = true, .ip_opts = 16 },
		{ .kind = FRAME_TCP4,
		  .payload = 77,
		  .blank = true,
		  .tags = 2,
		  .ip_opts = 40,
		  .tcp_opts = 40 },
	};
	struct net_guest g;

	net_guest_new(&g, "headers", &netfront_all);
	for (size_t i = 0; i < sizeof(hows) / sizeof(hows[0]); i++)
		cut_everywhere(&g, hows[i]);
	net_guest_end(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
