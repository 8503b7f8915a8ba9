/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event channels of one worker thread (libxenevtchn). One handle per thread,
 * because the kernel takes a lock per descriptor.
 */
#ifndef PVBACK_EVTCHN_H
#define PVBACK_EVTCHN_H

#include <stdint.h>

struct evtchn;

int evtchn_open(struct evtchn **ret);
void evtchn_close(struct evtchn *ec); /* unbinds all; NULL is fine */

/* Readable when a port of this handle is pending. */
int evtchn_fd(const struct evtchn *ec);

/*
 * Bind to the frontend's @remote port; the new local port is pending at once
 * (Xen does that), so the ring is looked at without waiting for the guest.
 * -EINVAL: the port is bound to somebody, or not meant for us.
 */
int evtchn_bind(struct evtchn *ec, uint16_t domid, uint32_t remote, uint32_t *ret_local);

/*
 * The same, but waits up to half a minute for a predecessor that is just
 * finishing: who binds first and looks into the ring then, finds it quiet.
 * -ECANCELED: @stop_fd has become readable meanwhile.
 */
int evtchn_bind_patiently(struct evtchn *ec, const char *dev, uint16_t domid, uint32_t remote,
			  int stop_fd, uint32_t *ret_local);

void evtchn_unbind(struct evtchn *ec, uint32_t local);

/* From now on only ports of @domid can be bound. Existing bindings stay. */
int evtchn_restrict(struct evtchn *ec, uint16_t domid);

/*
 * Take pending ports: they stay masked until evtchn_unmask(). Returns how
 * many were put into @ports (at most @max), 0 if none is pending, or -errno.
 */
int evtchn_take(struct evtchn *ec, uint32_t *ports, unsigned int max);
int evtchn_unmask(struct evtchn *ec, const uint32_t *ports, unsigned int nr);

int evtchn_notify(struct evtchn *ec, uint32_t local);

#endif
