/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A network frontend: a vif of a guest, its two rings and their buffers.
 *
 * Theory of operation
 * -------------------
 * Written from xen/io/netif.h and xen/io/ring.h alone; shares no code with
 * netback, as it is what netback is checked with. It keeps to the protocol by
 * itself as long as only netfront_send(), netfront_rx_next() and the like are
 * used; for hostile guests slots can be put raw, and everything is open: rings,
 * grants, pages.
 *
 * Each ring has a pool of one page per slot, granted once. A tx page is known
 * by its id (0..255), an rx page by its place in the ring, as Linux and
 * Windows have it.
 *
 * The backend is judged all the time: an id that is answered twice or was never
 * asked, a response in another place than its request, an answer that is cut
 * off, a size that no page has, an offload that was not agreed upon. The first
 * such fault stays in fault[]; netfront_fault() tells it.
 *
 * One thread, unless told otherwise. int functions return 0 or -errno.
 */
#ifndef FRONT_NETFRONT_H
#define FRONT_NETFRONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest.h" /* first: xenctrl.h wants to be before other headers of Xen */
#include "xenbus.h"

#include <xen/io/netif.h>

#define NETFRONT_SLOTS 256u
#define NETFRONT_IDS 65536u
#define NETFRONT_QUEUES 16u
#define NETFRONT_PARTS 20u    /* of a received packet */
#define NETFRONT_TX_SLOTS 18u /* what netfront_send() needs at most, extra and all */

/* What the guest's keys say; raw ones can be written with front_write() besides. */
struct netfront_conf {
	bool sg;
	bool gso_tcpv4;
	bool gso_tcpv6;
	bool no_csum;	/* feature-no-csum-offload */
	bool csum_ipv6; /* feature-ipv6-csum-offload */
	bool rx_notify;
	bool no_rx_copy;
	bool one_channel;	 /* event-channel instead of one for each direction */
	uint32_t first_index;	 /* where the rings start; they wrap at 2^32 */
	unsigned int rx_buffers; /* kept posted: at most 256, which 0 stands for */
	bool rx_none;		 /* no buffer before netfront_rx_post() */
	unsigned int queues;	 /* 0 stands for 1 */
	bool ctrl;		 /* a control ring */
};

extern const struct netfront_conf netfront_all; /* every offload there is */

/* What stands in a tx slot towards the backend. */
union netfront_tx_slot {
	struct netif_tx_request req;
	struct netif_extra_info extra;
};

struct netfront_tx {
	netif_tx_sring_t *sring;
	uint32_t ring_gref;
	uint32_t req_prod; /* put so far; shared by netfront_tx_push() */
	uint32_t rsp_cons;
	uint8_t *pages;
	uint32_t grefs[NETFRONT_SLOTS]; /* of page i */
	uint16_t free_ids[NETFRONT_SLOTS];
	unsigned int nr_free;
	uint16_t waiting[NETFRONT_IDS]; /* requests of that id not answered */
	int16_t status[NETFRONT_IDS];	/* of the last answer */
	uint64_t submitted, answered;	/* slots, extras included */
	uint64_t extras_waiting;
	uint64_t ok, errors, dropped; /* answers to requests by status */
	uint64_t notifies;
};

struct netfront_rx {
	netif_rx_sring_t *sring;
	uint32_t ring_gref;
	uint32_t req_prod;
	uint32_t rsp_cons;
	unsigned int target; /* keep so many posted */
	uint8_t *pages;
	uint32_t grefs[NETFRONT_SLOTS]; /* posted for place i; may be changed by the caller */
	uint16_t ids[NETFRONT_SLOTS];	/* of the request in place i */
	uint16_t next_id;
	uint64_t posted, answered; /* slots */
	uint64_t packets, bytes, errors;
	uint64_t notifies;
};

/* With several queues this is the first one, which has the card's life; the others are in more[]. */
struct netfront_ctrl {
	xen_netif_ctrl_sring_t *sring; /* NULL: none */
	uint32_t ring_gref;
	uint32_t req_prod, rsp_cons;
	uint32_t port;
	uint16_t next_id;
	uint8_t *page; /* for what is granted with a request */
	uint32_t page_gref;
	bool expect_hash;  /* extras of that type were agreed upon */
	uint16_t headroom; /* that was asked for, and extras of it agreed upon */
};

struct netfront {
	struct front *front; /* of all queues */
	struct netfront *more[NETFRONT_QUEUES - 1];
	struct guest *guest;
	struct guest_events *events;
	struct netfront_conf conf;
	uint16_t back;
	uint32_t tx_port, rx_port; /* equal if there is one channel */
	struct netfront_tx tx;
	struct netfront_rx rx;
	struct netfront_ctrl ctrl; /* of the card, so in queue 0 */
	char fault[160];	   /* the first violation by the backend */
};

/* A frame to be sent. @data == NULL: the pages are filled already (see netfront_send()). */
struct netfront_frame {
	const void *data;
	uint32_t len;	/* up to 65535 */
	uint16_t flags; /* NETTXF_csum_blank | NETTXF_data_validated */
	uint8_t gso_type;
	uint16_t gso_size;    /* 0 = no extra */
	const uint16_t *cuts; /* bytes in each slot but the last; NULL = full pages */
	unsigned int nr_cuts;
	uint16_t offset; /* of the data in each page, if cuts are given */
};

/* A frame received; parts[] are valid until the next netfront_rx_post(). */
struct netfront_packet {
	struct {
		uint8_t *data;
		uint16_t len;
	} parts[NETFRONT_PARTS];
	unsigned int nr_parts;
	unsigned int nr_slots; /* extras included */
	uint32_t len;
	uint16_t flags; /* NETRXF_csum_blank | NETRXF_data_validated */
	uint8_t gso_type;
	uint16_t gso_size;
	uint16_t headroom; /* of the first part, as an extra says; 0: none does */
	bool hashed;
	uint8_t hash_type;
	uint32_t hash;
	bool lost; /* a slot's status is an error */
};

/* Rings, buffers and ports are there, the backend has heard nothing. */
int netfront_open(uint16_t domid, unsigned int handle, const struct netfront_conf *conf,
		  struct netfront **ret);
/* Gives everything back and tells the backend nothing. */
void netfront_free(struct netfront *nf);

/* A queue by its number; sends and receives by itself. */
static inline struct netfront *netfront_queue(struct netfront *nf, unsigned int number)
{
	return number ? nf->more[number - 1] : nf;
}

int netfront_publish(struct netfront *nf); /* the keys, in one transaction */
/* Wait for state 2, publish, go to 4, wait for 4. */
int netfront_connect(struct netfront *nf);
/* The same after the keys have been written. */
int netfront_go(struct netfront *nf);
/* To 5 and 6 and wait for the backend to follow; then it can be freed. */
int netfront_disconnect(struct netfront *nf);

const char *netfront_fault(const struct netfront *nf); /* NULL = none */
void netfront_blame(struct netfront *nf, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Sending. netfront_send() puts a frame: -ENOSPC = no room (nothing was put).
 * It is on its way with netfront_tx_push(), which notifies if the backend asks.
 * *ret_id: id of the first slot, may be NULL.
 *
 * To fill pages without copying: take ids with netfront_tx_id(), fill
 * netfront_tx_page(), and send with data = NULL and the ids in the order taken:
 * netfront_send_ids().
 */
int netfront_send(struct netfront *nf, const struct netfront_frame *f, uint16_t *ret_id);
int netfront_send_ids(struct netfront *nf, const struct netfront_frame *f, const uint16_t *ids,
		      unsigned int nr_ids);
int netfront_tx_id(struct netfront *nf, uint16_t *ret_id);
void netfront_tx_give_back(struct netfront *nf, uint16_t id);
static inline uint8_t *netfront_tx_page(struct netfront *nf, uint16_t id)
{
	return nf->tx.pages + (size_t)id * GUEST_PAGE_SIZE;
}
unsigned int netfront_tx_room(const struct netfront *nf); /* slots */
void netfront_tx_put(struct netfront *nf, const union netfront_tx_slot *slot, bool extra);
void netfront_tx_push(struct netfront *nf);
/* Take answers: how many slots. */
unsigned int netfront_tx_reap(struct netfront *nf);
/* Until everything put is answered; -ETIMEDOUT. */
int netfront_tx_flush(struct netfront *nf, int timeout_ms);

/* A multicast request: to be pushed like a frame, and answered like one. -ENOSPC. */
int netfront_mcast(struct netfront *nf, bool add, const uint8_t addr[6], uint16_t *ret_id);

/*
 * A request of the control ring, @data of it may be NULL; waits for its response.
 * -EPROTO: not that of this request; -ETIMEDOUT. Raw ones: ctrl.sring.
 */
int netfront_ctrl(struct netfront *nf, uint16_t type, const uint32_t data[3],
		  struct xen_netif_ctrl_response *rsp);

/* Receiving: 1 = a packet is in *pkt, 0 = none. */
int netfront_rx_next(struct netfront *nf, struct netfront_packet *pkt);
void netfront_rx_post(struct netfront *nf); /* buffers up to the target; notifies if asked */
/* Copy it side by side: returns its length. @size >= 65550 is always enough. */
uint32_t netfront_linear(const struct netfront_packet *pkt, void *buf, uint32_t size);

/*
 * Wait for anything new on either ring; 1, 0 = time is up, or -errno. To sleep
 * with other descriptors: netfront_arm() (true: do not sleep), poll
 * guest_events_fd(), then netfront_woken().
 */
int netfront_wait(struct netfront *nf, int timeout_ms);
bool netfront_arm(struct netfront *nf, bool want_tx);
void netfront_woken(struct netfront *nf);

/* The monotonic clock in milliseconds. */
int64_t netfront_now_ms(void);

#endif
