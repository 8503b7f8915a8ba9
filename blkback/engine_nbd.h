/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of the engine over NBD: what engine_nbd.c and engine_nbd_conn.c share. */
#ifndef PVBACK_BLK_ENGINE_NBD_H
#define PVBACK_BLK_ENGINE_NBD_H

#include <stdatomic.h>

#include "engine_ops.h"
#include "unflushed.h"

struct nbd_handle;

#define WATCHES 8

/* Address space; touched as far as it is used. Twice what can be in flight. */
#define UNFLUSHED_BYTES (64u << 20)

enum op_kind { OP_READ, OP_WRITE, OP_FLUSH, OP_TRIM };

struct op {
	struct op *next, *prev;
	struct nbd_engine *e;
	enum op_kind kind;
	uint64_t tag;
	uint8_t *data;
	uint64_t offset;
	uint64_t len;
	uint64_t step; /* TRIM: bytes of what is sent */
	uint64_t mark; /* FLUSH: what of the unflushed writes it covers */
	bool reserved; /* WRITE: has room there */
};

struct watch {
	int fd; /* -1: not one */
	uint64_t tag;
};

struct nbd_engine {
	struct engine base;
	const char *dev;
	struct nbd_handle *nbd; /* NULL: no connection */
	bool up;		/* it takes operations */
	bool forsaken;		/* it is dead, or the server is about to end */
	bool can_flush;
	char export[BLK_EXPORT_MAX];
	unsigned int number;	/* of the connection */
	_Atomic uint64_t fresh; /* another one: number << 32 | descriptor + 1; 0: none */
	int wake_fd;
	struct op waiting, sent; /* heads of lists */
	struct op *free;	 /* a stack, by next */
	struct op *ops;
	struct watch watches[WATCHES];
	struct engine_done *done; /* a queue */
	unsigned int nr_done, first_done, max_done;
	struct unflushed unflushed;
	void *memory;
	struct op own_flush; /* tag and all: nobody's */
	bool flushing;
	int lost_writes;   /* -errno: what was answered could not be written again */
	struct op rewrite; /* one of those */
	bool rewriting;	   /* it is sent */
	bool behind;	   /* there are more */
	uint64_t rewrite_at;
	uint64_t wrote_ns; /* when a write was done last */
};

static inline void op_list_init(struct op *head)
{
	head->next = head->prev = head;
}

static inline bool op_list_empty(const struct op *head)
{
	return head->next == head;
}

static inline void op_list_add(struct op *head, struct op *op)
{
	op->prev = head->prev;
	op->next = head;
	head->prev->next = op;
	head->prev = op;
}

/* Something is done that the queue waits for. */
void nbd_report(struct nbd_engine *e, uint64_t tag, int32_t res);

/* Send what waits, as far as that is possible. */
void nbd_send_waiting(struct nbd_engine *e);

/* Ask the server to keep what it has been given since the last flush, if there is anything. */
void nbd_keep(struct nbd_engine *e);

/* There is something to be done on the connection: @revents of poll(). */
void nbd_progress(struct nbd_engine *e, short revents);
/* What to wait for there. */
short nbd_events(const struct nbd_engine *e);

/* The supervisor has another one for us, whatever has become of the old one. */
void nbd_take_fresh(struct nbd_engine *e);

#endif
