/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From raw slots of the tx ring to packets (xen/io/netif.h, "Guest transmit").
 * Pure: judges private copies, decides nothing but what the wire says.
 */
#ifndef PVBACK_NET_TX_PARSE_H
#define PVBACK_NET_TX_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/io/netif.h>

/* Private copy of a slot, not yet judged; which it is depends on its place. */
union net_tx_slot {
	struct netif_tx_request req;
	struct netif_extra_info extra;
};

enum net_tx_verdict {
	NET_TX_OK,	   /* a packet to fetch and forward */
	NET_TX_DUMMY,	   /* carries a multicast request, no packet */
	NET_TX_CROSS_PAGE, /* a slot reaches over the end of its page */
	NET_TX_BAD_SIZE,   /* shorter than Ethernet, or parts exceed the whole */
	NET_TX_BAD_EXTRA,  /* unknown type of extra info, or of GSO */
	NET_TX_INCOMPLETE, /* the chain goes on behind the slots at hand */
};

struct net_tx_pkt {
	enum net_tx_verdict verdict;
	uint16_t nr_slots;  /* that the chain takes, extras included */
	uint16_t nr_extras; /* slots 1..nr_extras of the chain */
	uint16_t size;	    /* of the whole frame */
	uint16_t first_len; /* bytes of it in the first slot */
	uint16_t gso_size;  /* payload of a segment, 0 = not to be segmented */
	uint8_t gso_type;   /* XEN_NETIF_GSO_TYPE_* */
	bool csum_blank;
};

/*
 * Parse the chain that starts at slots[0]; @nr >= 1 slots are at hand. Always
 * sets verdict, and unless that is NET_TX_INCOMPLETE nr_slots and nr_extras,
 * so that a bad chain is answered slot by slot like a good one. The other
 * fields are only set with NET_TX_OK.
 */
void net_tx_parse(const union net_tx_slot *slots, unsigned int nr, struct net_tx_pkt *pkt);

/* Bytes of the frame in slot @i of an OK chain; 0 for extras. */
static inline uint16_t net_tx_slot_len(const union net_tx_slot *slots, const struct net_tx_pkt *pkt,
				       unsigned int i)
{
	if (!i)
		return pkt->first_len;
	return i <= pkt->nr_extras ? 0 : slots[i].req.size;
}

const char *net_tx_verdict_text(enum net_tx_verdict verdict);

#endif
