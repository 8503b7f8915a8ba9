/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checksum and segmentation offload between netif and virtio_net_hdr. Pure.
 *
 * Theory of operation
 * -------------------
 * Both sides leave a TCP or UDP checksum open and tell so: the field then
 * holds the sum of the pseudo header. They differ in what they can say.
 * virtio_net_hdr names any place in the frame; netif (xen/io/netif.h) says
 * "blank" and means the outermost TCP or UDP header of an untagged IP packet
 * that is not a fragment, as its receivers look for nothing else.
 *
 * Guest to tap: the place is found by net_headers(), and the pseudo header's
 * sum is written anew, because not every frontend leaves it there (Linux'
 * netback repairs it for GSO only, checksum_setup()). VLAN tags are no
 * obstacle; padding is, as a virtio_net_hdr sums up to the end of the frame. hdr_len is always given for large frames, or tun would ask for one
 * linear buffer of the whole size.
 *
 * Tap to guest: a tap with TUN_F_CSUM has NETIF_F_HW_CSUM, so the kernel may
 * leave open whatever it likes: behind a VLAN tag, inside a tunnel, of IPv6
 * though the guest takes only IPv4. What netif cannot say is completed here.
 * The same goes for segmentation (a tap passes it on to VLANs), and for large
 * frames queued before the guest's driver changed.
 */
#include "offload.h"

#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include <xen/xen.h>
#include <xen/io/netif.h>

#include "base/util.h"
#include "csum.h"
#include "headers.h"
#include "tx_parse.h"

/* Above this tun should not put the frame into one linear buffer. */
#define LINEAR_MAX XEN_PAGE_SIZE
#define LINEAR_HEAD 128u

static bool gso_matches(uint8_t gso_type, const struct net_headers *h)
{
	return h->l4_proto == IPPROTO_TCP && h->ipv6 == (gso_type == XEN_NETIF_GSO_TYPE_TCPV6);
}

static void vnet_gso(const struct net_tx_pkt *pkt, const struct net_headers *h, size_t len,
		     struct virtio_net_hdr *vh)
{
	/* A frame of one segment is none (virtio_net_hdr_to_skb()). */
	if (!pkt->gso_size || len - h->hdr_len <= pkt->gso_size)
		return;
	vh->gso_type = pkt->gso_type == XEN_NETIF_GSO_TYPE_TCPV6 ? VIRTIO_NET_HDR_GSO_TCPV6
								 : VIRTIO_NET_HDR_GSO_TCPV4;
	vh->gso_size = htole16(pkt->gso_size);
}

/* The kernel is told where to cut, or it would want one buffer for all of it. */
static int whole(size_t len, struct virtio_net_hdr *vh)
{
	if (len > LINEAR_MAX)
		vh->hdr_len = htole16(LINEAR_HEAD);
	return 0;
}

int net_to_vnet(const struct net_tx_pkt *pkt, uint8_t *data, size_t len,
		struct virtio_net_hdr_mrg_rxbuf *vh)
{
	struct net_headers h;
	uint32_t l4_bytes;
	uint16_t sum;
	int ret;

	*vh = (struct virtio_net_hdr_mrg_rxbuf){ 0 };
	if (!pkt->csum_blank && !pkt->gso_size)
		return whole(len, &vh->hdr);
	ret = net_headers(data, len, &h);
	if (ret)
		return ret;
	if (pkt->gso_size && !gso_matches(pkt->gso_type, &h))
		return -EPROTO;
	/* The IP length of a frame to be segmented need not be filled in. */
	l4_bytes = pkt->gso_size ? (uint32_t)(len - h.l4_off) : h.l4_bytes;
	if (l4_bytes < (uint32_t)h.hdr_len - h.l4_off || h.l4_off + l4_bytes > len)
		return -EPROTO;

	sum = csum_fold(csum_pseudo(data, &h, l4_bytes));
	memcpy(data + h.l4_off + h.csum_off, &sum, sizeof(sum));
	if (h.l4_off + l4_bytes < len) {
		/* The kernel would add up padding as well, which need not be zero. */
		csum_finish(data, h.l4_off + l4_bytes, h.l4_off, h.csum_off);
		return whole(len, &vh->hdr);
	}
	vh->hdr.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	vh->hdr.csum_start = htole16(h.l4_off);
	vh->hdr.csum_offset = htole16(h.csum_off);
	vh->hdr.hdr_len = htole16(h.hdr_len);
	vnet_gso(pkt, &h, len, &vh->hdr);
	return 0;
}

/* Can netif say that this checksum is open, and does the guest take it? */
static bool netif_blank(const struct virtio_net_hdr *vh, const struct net_caps *caps,
			const struct net_headers *h)
{
	return !h->tagged && le16toh(vh->csum_start) == h->l4_off &&
	       le16toh(vh->csum_offset) == h->csum_off &&
	       (h->ipv6 ? caps->csum_ipv6 : caps->csum_ipv4);
}

static enum net_rx_verdict from_gso(const struct virtio_net_hdr *vh, const struct net_caps *caps,
				    const struct net_headers *h, struct net_rx_pkt *rx)
{
	uint8_t type = vh->gso_type & (uint8_t)~VIRTIO_NET_HDR_GSO_ECN;
	bool take;

	if (type == VIRTIO_NET_HDR_GSO_TCPV4)
		rx->gso_type = XEN_NETIF_GSO_TYPE_TCPV4;
	else if (type == VIRTIO_NET_HDR_GSO_TCPV6)
		rx->gso_type = XEN_NETIF_GSO_TYPE_TCPV6;
	else
		return NET_RX_BAD;
	rx->gso_size = le16toh(vh->gso_size);
	if (!rx->gso_size || !gso_matches(rx->gso_type, h) ||
	    !(vh->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		return NET_RX_BAD;
	take = h->ipv6 ? caps->gso_tcpv6 : caps->gso_tcpv4;
	if (!take || !caps->sg || !netif_blank(vh, caps, h))
		return NET_RX_SEGMENT;
	rx->flags = NETRXF_csum_blank | NETRXF_data_validated;
	return NET_RX_PASS;
}

enum net_rx_verdict net_from_vnet(const struct virtio_net_hdr_mrg_rxbuf *mvh,
				  const struct net_caps *caps, struct net_rx_pkt *rx,
				  bool *ret_finished)
{
	const struct virtio_net_hdr *vh = &mvh->hdr;
	size_t start = le16toh(vh->csum_start);
	size_t offset = le16toh(vh->csum_offset);
	struct net_headers h;
	int ret;

	rx->flags = 0;
	rx->gso_size = 0;
	rx->gso_type = XEN_NETIF_GSO_TYPE_NONE;
	*ret_finished = false;
	if (rx->len < NET_ETH_HLEN)
		return NET_RX_BAD;
	if (vh->flags & VIRTIO_NET_HDR_F_DATA_VALID)
		rx->flags = NETRXF_data_validated;
	if (!(vh->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) && vh->gso_type == VIRTIO_NET_HDR_GSO_NONE)
		return NET_RX_PASS;

	ret = net_headers(rx->data, rx->len, &h);
	if (vh->gso_type != VIRTIO_NET_HDR_GSO_NONE)
		return ret ? NET_RX_BAD : from_gso(vh, caps, &h, rx);
	rx->flags = NETRXF_data_validated;
	if (!ret && netif_blank(vh, caps, &h)) {
		rx->flags |= NETRXF_csum_blank;
		return NET_RX_PASS;
	}
	if (start + offset + sizeof(uint16_t) > rx->len)
		return NET_RX_BAD;
	csum_finish(rx->data, rx->len, start, offset);
	*ret_finished = true;
	return NET_RX_PASS;
}
