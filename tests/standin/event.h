/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One port's two bits, changed by whoever raises it and by its owner. A port
 * that is neither pending nor masked is delivered once and is masked by that,
 * as the kernel's evtchn device does; raised again meanwhile it stays pending
 * until its owner unmasks it.
 */
#ifndef STANDIN_EVENT_H
#define STANDIN_EVENT_H

#include <stdbool.h>
#include <sys/socket.h>

#include "shared.h"

/* Returns true when the caller has to deliver it. */
static inline bool event_raise(struct standin_port *p)
{
	uint32_t old = atomic_load(&p->event), new;

	do {
		new = old &EVENT_MASKED ? old | EVENT_PENDING : EVENT_MASKED;
	} while (!atomic_compare_exchange_weak(&p->event, &old, new));
	return !(old & EVENT_MASKED);
}

/* Returns true when it was raised meanwhile, and has to be delivered. */
static inline bool event_unmask(struct standin_port *p)
{
	uint32_t old = atomic_load(&p->event), new;

	do {
		new = old &EVENT_PENDING ? EVENT_MASKED : 0;
	} while (!atomic_compare_exchange_weak(&p->event, &old, new));
	return old & EVENT_PENDING;
}

/* Never full: the socket's buffer takes more than all ports at once. */
static inline void event_deliver(int sink, uint32_t port)
{
	(void)!send(sink, &port, sizeof(port), MSG_DONTWAIT | MSG_NOSIGNAL);
}

static inline uint32_t peer_of(uint16_t domid, uint32_t port)
{
	return (uint32_t)domid << 16 | port;
}

static inline uint16_t peer_domid(uint32_t peer)
{
	return (uint16_t)(peer >> 16);
}

static inline uint32_t peer_port(uint32_t peer)
{
	return peer & 0xffff;
}

#endif
