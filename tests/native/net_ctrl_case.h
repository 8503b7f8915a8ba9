/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the control ring share. */
#ifndef NATIVE_NET_CTRL_CASE_H
#define NATIVE_NET_CTRL_CASE_H

#define XEN_NETIF_DEFINE_TOEPLITZ
#include "net_case.h"

static const uint8_t ctrl_key[40] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
	0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
	0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

/* The request is answered with @status; returns the response's data. */
static inline uint32_t ctrl_expect(struct netfront *nf, uint16_t type, uint32_t a, uint32_t b,
				   uint32_t c, uint32_t status)
{
	const uint32_t data[3] = { a, b, c };
	struct xen_netif_ctrl_response rsp;
	int ret = netfront_ctrl(nf, type, data, &rsp);

	check(!ret, "request %u: %s", type, strerror(-ret));
	check(rsp.status == status, "request %u (%#x %#x %#x): status %u instead of %u", type, a, b,
	      c, rsp.status, status);
	return rsp.data;
}

#define CTRL_OKAY XEN_NETIF_CTRL_STATUS_SUCCESS

static inline void ctrl_set_key(struct netfront *nf, const uint8_t *key, uint32_t len)
{
	uint16_t id;

	/* A page that the backend may read only. */
	must(netfront_tx_id(nf, &id));
	memcpy(netfront_tx_page(nf, id), key, len);
	ctrl_expect(nf, XEN_NETIF_CTRL_TYPE_SET_HASH_KEY, nf->tx.grefs[id], len, 0, CTRL_OKAY);
	netfront_tx_give_back(nf, id);
}

static inline void ctrl_set_mapping(struct netfront *nf, const uint32_t *queues, uint32_t nr)
{
	ctrl_expect(nf, XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE, nr, 0, 0, CTRL_OKAY);
	memcpy(nf->ctrl.page, queues, nr * sizeof(*queues));
	ctrl_expect(nf, XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING, nf->ctrl.page_gref, nr, 0, CTRL_OKAY);
}

/* Toeplitz over @types with the key above. */
static inline void ctrl_hash_on(struct netfront *nf, uint32_t types)
{
	ctrl_expect(nf, XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM,
		    XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ, 0, 0, CTRL_OKAY);
	ctrl_set_key(nf, ctrl_key, sizeof(ctrl_key));
	ctrl_expect(nf, XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS, types, 0, 0, CTRL_OKAY);
	for (unsigned int i = 0; i < (nf->conf.queues ? nf->conf.queues : 1); i++)
		netfront_queue(nf, i)->ctrl.expect_hash = true;
}

/* A frame from the wire whose source port is @port; its hash, addresses and ports or addresses alone. */
static inline uint32_t ctrl_wire_says(enum frame_kind kind, uint16_t port, bool with_ports)
{
	static uint8_t buf[FRAME_MAX];
	const struct frame_how how = {
		.kind = kind, .from = frame_wire_mac, .payload = 200, .mark = port
	};
	uint32_t len = frame_make(buf, &how);
	struct frame_view v;
	uint8_t input[36];
	unsigned int addrs;

	check(frame_look(buf, len, &v), "the frame is no frame");
	frame_put16(buf + v.l4, port);
	frame_finish(buf, len, &v);
	must(wire_send(&net_wire, NULL, buf, len));
	addrs = v.v6 ? 32 : 8;
	memcpy(input, buf + v.l3 + (v.v6 ? 8 : 12), addrs);
	memcpy(input + addrs, buf + v.l4, 4);
	return xen_netif_toeplitz_hash(ctrl_key, sizeof(ctrl_key), input,
				       addrs + (with_ports ? 4 : 0));
}

/* The next packet of that source port, on any queue; its queue. */
static inline unsigned int ctrl_receive(struct netfront *nf, uint16_t port,
					struct netfront_packet *pkt)
{
	int64_t end = netfront_now_ms() + PATIENCE_MS;
	static uint8_t buf[FRAME_MAX];
	struct frame_view v;

	while (netfront_now_ms() < end) {
		for (unsigned int i = 0; i < (nf->conf.queues ? nf->conf.queues : 1); i++) {
			struct netfront *queue = netfront_queue(nf, i);
			bool found = false;

			while (!found && netfront_rx_next(queue, pkt)) {
				netfront_linear(pkt, buf, sizeof(buf));
				found = frame_look(buf, pkt->len, &v) && v.l4 &&
					frame_get16(buf + v.l4) == port;
			}
			netfront_rx_post(queue);
			check(!netfront_fault(queue), "queue %u: %s", i, netfront_fault(queue));
			if (found)
				return i;
		}
		sleep_ms(1);
	}
	check(false, "the packet of port %u does not come", port);
	return 0;
}

static inline void ctrl_connect(struct net_guest *g, unsigned int queues)
{
	struct netfront_conf conf = netfront_all;

	conf.queues = queues;
	conf.ctrl = true;
	net_guest_connect(g, &conf);
}

#endif
