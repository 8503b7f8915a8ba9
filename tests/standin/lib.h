/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of libstandin.so share. Not for programs. */
#ifndef STANDIN_LIB_H
#define STANDIN_LIB_H

#include <stdbool.h>
#include <stdint.h>

#include "rpc.h"
#include "shared.h"

/* The world's counters and faults; NULL before the first rpc_open(). */
struct standin_world *lib_world(void);

/*
 * A domain's memory as this link sees it, mapped when first asked for (also
 * behind a seal: the descriptor comes over the link). NULL if it does not live.
 */
struct standin_domain *link_domain(struct rpc_link *l, uint16_t domid);
int link_domain_fd(struct rpc_link *l, uint16_t domid); /* after link_domain() */

/* Events of one handle; also behind guest_events. */
struct events;
int events_open(uint16_t domid, struct events **ret);
void events_close(struct events *e);
int events_fd(const struct events *e);
struct rpc_link *events_link(struct events *e);
int events_alloc(struct events *e, uint16_t remote, uint32_t *ret);
int events_bind(struct events *e, uint16_t domid, uint32_t remote, uint32_t *ret);
int events_virq(struct events *e, uint32_t virq, uint32_t *ret);
int events_unbind(struct events *e, uint32_t port);
int events_restrict(struct events *e, uint16_t domid);
int events_notify(struct events *e, uint32_t port);
int events_unmask(struct events *e, uint32_t port);

/* Pages side by side: reserve the addresses, put each page in its place. */
void *frames_reserve(unsigned int nr); /* NULL: no room */
int frame_place(void *at, int fd, uint32_t frame, int prot);
void frames_release(void *at, unsigned int nr);

#endif
