/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of the stand-in's hypervisor: one fixed head, then @nr words; the answer has the same shape. */
#ifndef STANDIN_RPC_H
#define STANDIN_RPC_H

#include <stddef.h>
#include <stdint.h>

enum rpc_op {
	RPC_HELLO = 1, /* domid -> a = handle; with b = 1 (events) fd: where ports are read */
	RPC_DOMAIN,    /* domid -> fd: its memory file */
	RPC_SINK,      /* a = handle -> fd: where ports for it are written */

	RPC_PORT_ALLOC,	   /* domid = who may bind -> a = port */
	RPC_PORT_BIND,	   /* domid, a = its port -> a = our port */
	RPC_PORT_VIRQ,	   /* a = virq -> a = port */
	RPC_PORT_CLOSE,	   /* a = port */
	RPC_PORT_RESTRICT, /* domid */
	RPC_PORT_STATUS,   /* domid, a = port -> a = state, b = peer */

	RPC_MAP,   /* b = 1: writable; list = (domid, gref)... -> a = map, list = frames */
	RPC_UNMAP, /* a = map */

	RPC_CREATE,   /* domid, 0 = next free -> domid */
	RPC_DESTROY,  /* domid */
	RPC_SHUTDOWN, /* domid, a = reason (SHUTDOWN_*) */
	RPC_PAUSE,    /* domid, a = 1 | 0 */
	RPC_INFO,     /* domid = first -> list = (domid, flags, maps)... of this and all above */
};

/* flags of RPC_INFO; the reason of a shutdown from bit 8 */
#define INFO_DYING 1u
#define INFO_SHUTDOWN 2u
#define INFO_PAUSED 4u
#define INFO_REASON_SHIFT 8

#define RPC_LIST_MAX 4096

struct rpc {
	uint32_t op;
	int32_t err; /* answer: 0 or -errno */
	uint32_t domid;
	uint32_t a;
	uint32_t b;
	uint32_t nr; /* words in list */
	uint32_t list[RPC_LIST_MAX];
};

static inline size_t rpc_size(const struct rpc *r)
{
	return offsetof(struct rpc, list) + r->nr * sizeof(r->list[0]);
}

/*
 * Client's side, in libstandin.so. A link is one connection and thereby one
 * handle: when it closes, all it had is closed. @fd may be NULL if none can come.
 */
struct rpc_link;
int rpc_open(uint32_t events, struct rpc_link **ret, int *ret_fd);
int rpc_open_as(uint16_t domid, uint32_t events, struct rpc_link **ret, int *ret_fd);
void rpc_close(struct rpc_link *l);
uint16_t rpc_domid(const struct rpc_link *l);
uint32_t rpc_handle(const struct rpc_link *l);
int rpc_call(struct rpc_link *l, struct rpc *r, int *fd); /* r->err, or -errno of the transport */

#endif
