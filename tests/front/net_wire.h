/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tap of the tests' own: the far end of the network when it is in the same
 * bridge as a vif, or a guest's card when it is in a network namespace.
 */
#ifndef FRONT_NET_WIRE_H
#define FRONT_NET_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include <linux/virtio_net.h>

#define WIRE_CSUM 1u /* offloads: what the kernel may leave to us */
#define WIRE_TSO4 2u
#define WIRE_TSO6 4u

struct wire {
	int fd;
	char name[16];
	uint64_t sent, received;
};

struct wire_how {
	const char *name;   /* a %d is filled in */
	const char *netns;  /* its name or path; NULL = ours */
	const char *bridge; /* to be a port of; NULL = none */
	const uint8_t *mac; /* NULL = any */
	unsigned int mtu;   /* 0 = 1500 */
	unsigned int queue; /* frames, 0 = 1000 */
	unsigned int offloads;
	bool multi; /* wire_more() may follow */
};

/* It is up when made. int functions return 0 or -errno unless told otherwise. */
int wire_open(const struct wire_how *how, struct wire *w);
/* Another queue of @w's tap, which is in our name space. */
int wire_more(const struct wire *w, struct wire *ret);
void wire_close(struct wire *w);
int wire_set_mtu(const struct wire *w, unsigned int mtu);

/* @vh NULL = plain. Without waiting; -EAGAIN. */
int wire_send(struct wire *w, const struct virtio_net_hdr *vh, const void *data, size_t len);
/*
 * Bytes of the next frame of MAC @from (NULL = any; frames of the kernel's own
 * are passed over), 0 = none within @timeout_ms, or -errno.
 */
int wire_receive(struct wire *w, const uint8_t *from, void *buf, size_t size,
		 struct virtio_net_hdr *vh, int timeout_ms);

/* The bridge forgets where MACs are, so each port gets everything. */
int wire_make_hub(const char *bridge);

/* The kernel's own chatter (ND, MLD, IGMP) is in the way: there is none from now on. */
void wire_silence(void);

/* Any device: set it up or down, change its MTU. */
int wire_link_up(const char *name, int up);
int wire_link_mtu(const char *name, unsigned int mtu);

#endif
