/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tap of a vif: /dev/net/tun and its ioctls. Supervisor only. */
#ifndef PVBACK_NET_TAP_H
#define PVBACK_NET_TAP_H

#include <net/if.h>
#include <stdbool.h>

struct net_conf;

/* Make a tap that goes when it is closed. -EEXIST: there is a network device of that name. */
int tap_create(const char *name, int *ret_fd);

/*
 * From now on it lives on when we are gone: a restart keeps its place in the bridge. It has
 * to be marked as ours by then, or no successor knows whose it is.
 */
int tap_keep(int fd);

/*
 * Take over a tap that exists. *ret_multi: it may have several queues. If not,
 * a worker of a predecessor may be on its way out and still hold the one; it is
 * waited for, for a moment.
 */
int tap_adopt(const char *name, bool *ret_multi, int *ret_fd);

/*
 * One more queue of the tap of @fd, which is there until it is closed. The
 * kernel chooses a queue for each flow, the one its last frame came from.
 */
int tap_add_queue(int fd, int *ret_fd);

/* The device goes when the last descriptor is closed. */
int tap_forsake(int fd);

/* Its name now; hotplug scripts rename it (vifname=). */
int tap_name(int fd, char name[IFNAMSIZ]);

int tap_set_carrier(int fd, bool on);

/* Let the kernel hand us what the frontend takes. */
int tap_set_offload(int fd, const struct net_conf *conf);

/* The kernel chooses the queue of a packet, and no program does any more. */
void tap_unsteer(int fd);

/* Throw away what is queued towards a guest that has gone. */
void tap_drain(int fd);

#endif
