/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checksum and segmentation offload: what netif says of a frame, and what a
 * tap's virtio_net_hdr says of it. Pure.
 */
#ifndef PVBACK_NET_OFFLOAD_H
#define PVBACK_NET_OFFLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/virtio_net.h>

#include "hash.h"

struct net_tx_pkt;

/* What the frontend takes; from its keys. */
struct net_caps {
	bool sg; /* packets of more than one slot */
	bool gso_tcpv4;
	bool gso_tcpv6;
	bool csum_ipv4; /* blank checksums */
	bool csum_ipv6;
	bool rx_notify; /* it notifies when it posts rx slots */
};

/*
 * Guest to tap: fill @vh for a frame of @len = pkt->size bytes at @data; writes
 * the pseudo header's sum into @data where the checksum is left open. Returns
 * 0, or -errno of net_headers(): the flags contradict the frame.
 */
int net_to_vnet(const struct net_tx_pkt *pkt, uint8_t *data, size_t len,
		struct virtio_net_hdr_mrg_rxbuf *vh);

/* How a frame from the tap is to be given to the guest. */
struct net_rx_pkt {
	uint8_t *data;
	uint32_t len;
	uint16_t flags;	   /* NETRXF_csum_blank, NETRXF_data_validated */
	uint16_t gso_size; /* 0 = a single frame */
	uint8_t gso_type;  /* XEN_NETIF_GSO_TYPE_* */
	bool hashed;
	uint16_t headroom; /* bytes left free in front of it, in its first slot */
	struct net_hashed hash;
};

enum net_rx_verdict {
	NET_RX_PASS,	/* as it is; its checksum may just have been completed */
	NET_RX_SEGMENT, /* cut into frames of gso_size: the guest cannot */
	NET_RX_BAD,	/* header and frame contradict each other */
};

/*
 * Tap to guest: judge the frame rx->data, rx->len; sets the rest of @rx, and
 * *ret_finished if a checksum had to be computed here.
 */
enum net_rx_verdict net_from_vnet(const struct virtio_net_hdr_mrg_rxbuf *vh,
				  const struct net_caps *caps, struct net_rx_pkt *rx,
				  bool *ret_finished);

#endif
