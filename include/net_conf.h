/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What netbackd tells a netback-worker: judged values only, no text. */
#ifndef PVBACK_NET_CONF_H
#define PVBACK_NET_CONF_H

#include <stdbool.h>
#include <stdint.h>

/* The tap's descriptor travels beside the message. */
struct net_conf {
	uint16_t domid;
	uint32_t tx_ref;
	uint32_t rx_ref;
	uint32_t evtchn_tx; /* equal to evtchn_rx without split event channels */
	uint32_t evtchn_rx;
	bool sg;	/* frontend takes packets of more than one slot */
	bool gso_tcpv4; /* frontend takes TCP segmentation offload */
	bool gso_tcpv6;
	bool csum_ipv4; /* frontend takes packets without checksum */
	bool csum_ipv6;
	bool rx_notify; /* frontend notifies when it posts rx slots */
};

#endif
