/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Offloads of a guest's card: what a tap's virtio_net_hdr says of a frame and
 * what netif says of it. The guest's mirror of netback/offload.c and
 * written without it, so that a mistake there is not made twice.
 */
#ifndef FRONT_NET_VNET_H
#define FRONT_NET_VNET_H

#include <linux/virtio_net.h>

#include "netfront.h"

/*
 * The guest sends: a frame that its kernel gave with @vh. @data is all of it,
 * side by side; a checksum that netif cannot leave blank is filled in there. Sets
 * flags and gso_* of @f. 0, or -EOPNOTSUPP: netif has no word for it.
 */
int vnet_to_netif(const struct virtio_net_hdr *vh, uint8_t *data, uint32_t len,
		  const struct netfront_conf *conf, struct netfront_frame *f);

/* The guest receives: fill @vh; -EPROTO: the packet contradicts itself. */
int vnet_from_netif(const struct netfront_packet *pkt, struct virtio_net_hdr *vh);

#endif
