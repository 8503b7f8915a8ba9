// SPDX-License-Identifier: GPL-2.0-or-later
/* Offloads of a guest's card. See net_vnet.h. */
#include "net_vnet.h"

#include <errno.h>

#include "net_frame.h"

/* A checksum anywhere, as virtio_net_hdr names it: from start to the end. */
static int fill_in(const struct virtio_net_hdr *vh, uint8_t *data, uint32_t len)
{
	uint32_t at = (uint32_t)vh->csum_start + vh->csum_offset;
	uint16_t sum;

	if (at + 2 > len)
		return -EPROTO;
	/* The field holds the pseudo header's sum, so it is part of the sum. */
	sum = (uint16_t)~frame_sum(data + vh->csum_start, len - vh->csum_start, 0);
	frame_put16(data + at, sum ? sum : 0xffff);
	return 0;
}

int vnet_to_netif(const struct virtio_net_hdr *vh, uint8_t *data, uint32_t len,
		  const struct netfront_conf *conf, struct netfront_frame *f)
{
	unsigned int gso = vh->gso_type & ~VIRTIO_NET_HDR_GSO_ECN;
	struct frame_view v;
	bool plain;

	f->flags = 0;
	f->gso_size = 0;
	if (!(vh->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		return gso == VIRTIO_NET_HDR_GSO_NONE ? 0 : -EOPNOTSUPP;
	if (!frame_look(data, len, &v))
		return -EPROTO;
	plain = v.l4 && !v.tagged && vh->csum_start == v.l4 &&
		(size_t)vh->csum_start + vh->csum_offset == v.csum;
	if (gso != VIRTIO_NET_HDR_GSO_NONE) {
		if (!plain || v.udp)
			return -EOPNOTSUPP;
		f->gso_type = v.v6 ? XEN_NETIF_GSO_TYPE_TCPV6 : XEN_NETIF_GSO_TYPE_TCPV4;
		f->gso_size = vh->gso_size;
	} else if (!plain || (v.v6 ? !conf->csum_ipv6 : conf->no_csum)) {
		return fill_in(vh, data, len);
	}
	f->flags = NETTXF_csum_blank | NETTXF_data_validated;
	return 0;
}

/*
 * What is blank is left as it came: the field has to hold the pseudo header's
 * sum, as Linux' frontend relies on it. "Validated" is not passed on, so that
 * the kernel sees for itself.
 */
int vnet_from_netif(const struct netfront_packet *pkt, struct virtio_net_hdr *vh)
{
	struct frame_view v;

	*vh = (struct virtio_net_hdr){ 0 };
	if (!(pkt->flags & NETRXF_csum_blank))
		return pkt->gso_size ? -EPROTO : 0;
	if (!frame_look(pkt->parts[0].data, pkt->parts[0].len, &v) || !v.l4 || v.tagged)
		return -EPROTO;
	vh->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	vh->csum_start = (uint16_t)v.l4;
	vh->csum_offset = (uint16_t)(v.csum - v.l4);
	if (!pkt->gso_size)
		return 0;
	if (v.udp || v.v6 != (pkt->gso_type == XEN_NETIF_GSO_TYPE_TCPV6) ||
	    pkt->len - v.body <= pkt->gso_size)
		return -EPROTO;
	vh->gso_type = v.v6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
	vh->gso_size = pkt->gso_size;
	vh->hdr_len = (uint16_t)v.body;
	return 0;
}
