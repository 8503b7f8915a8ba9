/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What netbackd tells a netback-worker: judged values only, no text. */
#ifndef PVBACK_NET_CONF_H
#define PVBACK_NET_CONF_H

#include <stdbool.h>
#include <stdint.h>

#define NET_MAX_QUEUES 16

enum net_way {
	NET_TX, /* what the guest sends */
	NET_RX, /* what it gets */
	NET_NR_WAYS,
};

struct net_limit {
	uint64_t rate;	/* bytes a second; 0: no limit */
	uint64_t burst; /* as many at once after a rest */
};

#define NET_MAX_ADDRS 32

/* IPv4 addresses are IPv6's ::ffff:a.b.c.d/(96 + n). */
struct net_addr {
	uint8_t ip[16];
	uint8_t prefix; /* 0..128 bits of it */
};

/* Which source addresses the guest may use. */
struct net_filter {
	bool on;
	uint8_t mac[6];
	uint8_t nr_addrs; /* 0: any */
	struct net_addr addrs[NET_MAX_ADDRS];
};

struct net_queue_conf {
	uint32_t tx_ref;
	uint32_t rx_ref;
	uint32_t evtchn_tx; /* equal to evtchn_rx without split event channels */
	uint32_t evtchn_rx;
};

/*
 * Descriptors beside the first message: those of enum net_fd, then the tap's, one for each
 * queue, then with conf.steer the program and its map.
 */
enum net_fd {
	NET_FD_STATS,  /* the page of net_stats.h; to be written */
	NET_FD_MEMORY, /* of NET_MEMORY_BYTES: what the guest has told our predecessor */
	NET_FD_TAP,
};

#define NET_MAX_HEADROOM 2048u /* Linux' netfront wants 256 */

/* What may change while a frontend is connected. */
struct net_live {
	/* As it likes. */
	bool mcast_filter; /* only multicasts that it has asked for */
	uint16_t headroom; /* bytes that it wants in front of a packet, for XDP */
	/* As the admin likes. */
	bool complete_csum; /* nothing open comes to it, whatever it takes */
	struct net_filter filter;
};

/* Size of the file in which a worker keeps for its successor what the guest has told it. */
#define NET_MEMORY_BYTES 65536u

struct net_conf {
	uint16_t domid;
	uint8_t nr_queues; /* 1..NET_MAX_QUEUES */
	bool sg;	   /* frontend takes packets of more than one slot */
	bool gso_tcpv4;	   /* frontend takes TCP segmentation offload */
	bool gso_tcpv6;
	bool csum_ipv4; /* frontend takes packets without checksum */
	bool csum_ipv6;
	struct net_limit limits[NET_NR_WAYS];
	uint32_t drain_ms; /* a packet waits so long for slots; 0 = as frontends need it */
	uint32_t stall_ms; /* then the carrier is taken away; 0 = never */
	bool rx_notify;	   /* frontend notifies when it posts rx slots */
	bool ctrl;	   /* it has a control ring */
	uint32_t ctrl_ref;
	uint32_t evtchn_ctrl;
	bool steer;	  /* behind the taps: a program that chooses queues, and its map */
	bool direct;	  /* frames may go past the tap (net_pair.h); live.filter.on is then set */
	bool sort_queues; /* the tap may number them otherwise than we do */
	struct net_live live;
	struct net_queue_conf queues[NET_MAX_QUEUES];
};

#endif
