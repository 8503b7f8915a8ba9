/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the network tests share: a netbackd of their own in a world without
 * daemons, guests with one card, and a wire in the same bridge. Helpers end the
 * program with a message when something is not as it should be.
 *
 * Usage of each program: PROGRAM NETBACKD
 */
#ifndef NATIVE_NET_CASE_H
#define NATIVE_NET_CASE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include "netfront.h" /* first, for Xen's headers */
#include "net_frame.h"
#include "net_stats.h"
#include "net_wire.h"
#include "outcome.h"
#include "shared.h"

#define PATIENCE_MS 10000

/* Runs it with a netbackd and a wire; the return value is for main(). */
int net_main(int argc, char **argv, void (*run)(void));

/* --- netbackd; net_main() starts and stops it --- */

/* Options more for it, before net_main(); ended by NULL. */
extern const char *const *netbackd_options;
void netbackd_start(void);
void netbackd_stop(void);
void netbackd_kill(void);
/* Lines of its log, and of its workers', with both texts in them (@b may be NULL). */
unsigned int netbackd_lines(const char *a, const char *b);
void netbackd_wait_line(const char *a, const char *b);

/* What the stand-in counts, and the faults that are to happen. */
struct standin_world *net_world(void);

/* --- guests --- */

struct net_guest {
	uint16_t domid;
	char dev[32]; /* "vif/5/0", as in the log */
	char tap[16]; /* "vif5.0" */
	struct netfront *nf;
	uint64_t tx_before, rx_before; /* answered in earlier connections */
};

/* Its card is in state 2, and in the bridge, where it reaches the wire alone. */
void net_guest_create(struct net_guest *g, const char *name);
void net_guest_connect(struct net_guest *g, const struct netfront_conf *conf);
void net_guest_new(struct net_guest *g, const char *name, const struct netfront_conf *conf);
/*
 * The end of each good connection: all is answered, the backend did nothing
 * wrong, its worker has ended and has taken as many slots as were answered.
 */
void net_guest_disconnect(struct net_guest *g);
void net_guest_destroy(struct net_guest *g);
void net_guest_end(struct net_guest *g); /* both */

pid_t net_guest_worker(const struct net_guest *g); /* 0 = none */
long process_kib(pid_t pid);			   /* resident */
/* Sum over all workers of the card that have ended; @way "tx" or "rx". */
uint64_t net_guest_counter(const struct net_guest *g, const char *way, const char *name);
/* The page of its counters, to be unmapped; and the sum over all queues in it. */
const struct net_stats *net_guest_map_stats(const struct net_guest *g);
uint64_t net_stats_sum(const struct net_stats *stats, bool tx, const char *name);
/* What the kernel counts of its tap, as "tx_dropped". */
uint64_t net_guest_tap_count(const struct net_guest *g, const char *name);
/* The card has been stopped: error node, state 5, no worker. */
void net_guest_wait_broken(struct net_guest *g);

/* A port's carrier comes to the bridge's knowledge a moment later than to the guest's. */
void net_wait_forwarding(char *port);

/* --- frames --- */

extern struct wire net_wire;

/* A frame of ours of @len bytes (at least 18), with a mark that no other has. */
uint32_t net_ours(uint8_t *buf, uint32_t len, uint32_t *ret_mark);
/* The wire gets the frame of this mark next, whole and of this length. */
void net_wire_expect(uint32_t mark, uint32_t len);
void net_wire_silent(int ms); /* nothing from a guest */
/* The guest sends a frame of @len bytes and the wire gets it. */
void net_guest_says(struct net_guest *g, uint32_t len);
/* The wire sends one and the guest gets it; other frames before it are let go. */
void net_guest_hears(struct net_guest *g, uint32_t len);
/* Wait for a packet; it is in *pkt until netfront_rx_post(). False: none came. */
bool net_guest_receive(struct net_guest *g, struct netfront_packet *pkt, int timeout_ms);
/* Both ways, to see that the card is well. */
void net_guest_works(struct net_guest *g);
/* Push what was put and wait until all is answered. */
void net_guest_flush(struct net_guest *g);
/* The last answer to @id was @status. */
void net_guest_answered(const struct net_guest *g, uint16_t id, int status);

#endif
