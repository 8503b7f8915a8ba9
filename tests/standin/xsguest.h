/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xsguest: a guest's xenbus driver. It owns the guest's XenStore ring and lets
 * any number of programs talk over it, each as if it were alone: on the
 * socket $STANDIN_DIR/dom<N>.xs it speaks xenstored's own protocol, so that
 * XENSTORED_PATH makes any client of libxenstore act with the guest's rights.
 */
#ifndef STANDIN_XSGUEST_H
#define STANDIN_XSGUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/io/xs_wire.h>

#include "guest.h"

struct message {
	struct xsd_sockmsg head;
	char payload[XENSTORE_PAYLOAD_MAX];
};

/* Bytes on their way, to be written when there is room. */
struct outgoing {
	char *data;
	size_t len, size;
};

int outgoing_add(struct outgoing *o, const void *data, size_t len);
void outgoing_drop(struct outgoing *o, size_t len); /* the first @len bytes are written */

/* A message on its way, of which @done bytes are there. */
struct incoming {
	size_t done;
	struct message msg;
};

size_t incoming_missing(const struct incoming *in); /* 0 = complete */
bool incoming_bad(const struct incoming *in);	    /* longer than messages can be */

/* xsguest_ring.c: the guest's end of the ring. And a console page and port, which nobody serves. */
struct ring;
struct ring_place {
	uint32_t frame, port;
	uint32_t console_frame, console_port;
};
int ring_open(uint16_t domid, struct ring **ret, struct ring_place *ret_place);
int ring_fd(const struct ring *r);
int ring_send(struct ring *r, const struct message *m);
/* Move what can be moved, and take one message if there is one. */
bool ring_receive(struct ring *r, struct message *m);
void ring_acknowledge(struct ring *r); /* before looking, after poll() */

/* xsguest_mux.c: who of the programs asked what. */
struct mux;
struct mux *mux_new(struct ring *r);
uint32_t mux_join(struct mux *x); /* a program has come, goes by this number */
void mux_leave(struct mux *x, uint32_t who);
int mux_request(struct mux *x, uint32_t who, struct message *m);
/* Whose message that is, as it is to be passed on; 0 = nobody's any more. */
uint32_t mux_answer(struct mux *x, struct message *m);

#endif
