// SPDX-License-Identifier: GPL-2.0-or-later
/* The connection of the engine over NBD, see engine_nbd.c. */
#include "engine_nbd.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <libnbd.h>

#include "base/clock.h"
#include "base/util.h"
#include "worker/child.h"

/* So much is written before we flush on our own. */
#define FLUSH_BYTES (16u << 20)

/* The protocol's lengths have 32 bits. */
#define TRIM_MAX (1ull << 30)

static void list_del(struct op *op)
{
	op->prev->next = op->next;
	op->next->prev = op->prev;
}

/* All of @from, in front of @to. */
static void list_prepend(struct op *to, struct op *from)
{
	if (op_list_empty(from))
		return;
	from->prev->next = to->next;
	to->next->prev = from->prev;
	to->next = from->next;
	from->next->prev = to;
	op_list_init(from);
}

void nbd_report(struct nbd_engine *e, uint64_t tag, int32_t res)
{
	unsigned int at = (e->first_done + e->nr_done++) % e->max_done;

	e->done[at] = (struct engine_done){ .tag = tag, .res = res };
}

static void note_written(struct nbd_engine *e, struct op *op, int err)
{
	if (op->reserved && err)
		unflushed_cancel(&e->unflushed, (uint32_t)op->len);
	else if (op->reserved)
		unflushed_add(&e->unflushed, op->offset, op->data, (uint32_t)op->len);
	op->reserved = false;
	e->wrote_ns = now_ns();
}

static int note_flushed(struct nbd_engine *e, struct op *op, int err)
{
	if (!err) {
		unflushed_drop(&e->unflushed, op->mark);
		err = e->lost_writes;
	}
	if (unflushed_bytes(&e->unflushed) == 0)
		madvise(e->memory, UNFLUSHED_BYTES, MADV_DONTNEED);
	return err;
}

/* @err: 0 or -errno, the server's word. */
static void finish(struct op *op, int err)
{
	struct nbd_engine *e = op->e;

	list_del(op);
	if (op == &e->rewrite) {
		e->rewriting = false;
		if (err)
			e->lost_writes = err;
		return;
	}
	if (op->kind == OP_WRITE)
		note_written(e, op, err);
	if (op->kind == OP_FLUSH)
		err = note_flushed(e, op, err);
	if (op == &e->own_flush) {
		e->flushing = false;
		/* The guest has to hear of it with its own next one. */
		if (err)
			e->lost_writes = err;
		return;
	}
	nbd_report(e, op->tag, err ? err : op->kind <= OP_WRITE ? (int32_t)op->len : 0);
	op->next = e->free;
	e->free = op;
}

/* A discard of more than one command takes. True: there is more of it. */
static bool trim_goes_on(struct op *op)
{
	if (op->kind != OP_TRIM || op->len == op->step)
		return false;
	op->offset += op->step;
	op->len -= op->step;
	list_del(op);
	op_list_add(&op->e->waiting, op);
	return true;
}

/* Of libnbd; it must not be called from here. 1: we are done with the command. */
/* cppcheck-suppress constParameter; libnbd's type */
static int on_answer(void *ctx, int *error) /* NOLINT(readability-non-const-parameter): its type */
{
	struct op *op = ctx;

	if (*error == ENOTCONN || *error == ESHUTDOWN) {
		op->e->forsaken = true;
		return 1;
	}
	if (*error || !trim_goes_on(op))
		finish(op, -*error);
	return 1;
}

static void connection_lost(struct nbd_engine *e, const char *why)
{
	child_store_lost(e->number, "%s", why);
	nbd_close(e->nbd);
	e->nbd = NULL;
	e->up = e->forsaken = false;
	list_prepend(&e->waiting, &e->sent);
	/* Ours begin anew. */
	if (e->flushing)
		list_del(&e->own_flush);
	if (e->rewriting)
		list_del(&e->rewrite);
	e->flushing = e->rewriting = false;
}

static void connection_up(struct nbd_engine *e)
{
	e->up = true;
	e->can_flush = nbd_can_flush(e->nbd) == 1;
	e->behind = true;
	e->rewrite_at = e->unflushed.begin;
}

/* libnbd has been at work: is the connection dead, or usable at last? */
static void after_progress(struct nbd_engine *e, bool failed)
{
	const char *why = failed ? nbd_get_error() : NULL;

	if (e->forsaken || nbd_aio_is_dead(e->nbd) || nbd_aio_is_closed(e->nbd))
		connection_lost(e, why ? why : "the server has hung up");
	else if (!e->up && nbd_aio_is_ready(e->nbd))
		connection_up(e);
}

static void begin_connection(struct nbd_engine *e, int fd)
{
	e->nbd = nbd_create();
	if (!e->nbd) {
		close(fd);
		child_store_lost(e->number, "%s", nbd_get_error());
		return;
	}
	e->forsaken = false;
	nbd_set_pread_initialize(e->nbd, false);
	if (nbd_set_export_name(e->nbd, e->export) < 0 || nbd_aio_connect_socket(e->nbd, fd) < 0)
		connection_lost(e, nbd_get_error());
	else
		after_progress(e, false);
}

/* libnbd wants to be told of one of both, then asked again. */
void nbd_progress(struct nbd_engine *e, short revents)
{
	unsigned int dir = nbd_aio_get_direction(e->nbd);
	int ret = 0;

	if ((dir & LIBNBD_AIO_DIRECTION_READ) && (revents & (POLLIN | POLLHUP | POLLERR)))
		ret = nbd_aio_notify_read(e->nbd);
	else if ((dir & LIBNBD_AIO_DIRECTION_WRITE) && (revents & (POLLOUT | POLLHUP | POLLERR)))
		ret = nbd_aio_notify_write(e->nbd);
	after_progress(e, ret < 0);
}

void nbd_take_fresh(struct nbd_engine *e)
{
	uint64_t fresh = atomic_exchange(&e->fresh, 0);

	if (!fresh)
		return;
	if (e->nbd)
		connection_lost(e, "there is a new one");
	e->number = (unsigned int)(fresh >> 32);
	begin_connection(e, (int)(uint32_t)fresh - 1);
}

static int64_t send_command(struct nbd_engine *e, struct op *op)
{
	nbd_completion_callback cb = { .callback = on_answer, .user_data = op };

	switch (op->kind) {
	case OP_READ:
		return nbd_aio_pread(e->nbd, op->data, op->len, op->offset, cb, 0);
	case OP_WRITE:
		return nbd_aio_pwrite(e->nbd, op->data, op->len, op->offset, cb, 0);
	case OP_FLUSH:
		op->mark = e->unflushed.end;
		return nbd_aio_flush(e->nbd, cb, 0);
	case OP_TRIM:
		op->step = MIN(op->len, TRIM_MAX);
		return nbd_aio_trim(e->nbd, op->step, op->offset, cb, 0);
	}
	return -1;
}

/* On its way, or done already, or back to those waiting because the connection is dead. */
static void send_op(struct nbd_engine *e, struct op *op)
{
	int err;

	op_list_add(&e->sent, op);
	if (send_command(e, op) >= 0)
		return;
	err = nbd_get_errno();
	if (nbd_aio_is_dead(e->nbd) || nbd_aio_is_closed(e->nbd))
		connection_lost(e, nbd_get_error());
	else /* libnbd knows that the server would refuse it */
		finish(op, op->kind == OP_FLUSH && !e->can_flush ? 0 : -(err > 0 ? err : EIO));
}

void nbd_keep(struct nbd_engine *e)
{
	if (e->flushing || !e->up || e->behind || unflushed_bytes(&e->unflushed) == 0)
		return;
	e->flushing = true;
	e->own_flush = (struct op){ .e = e, .kind = OP_FLUSH };
	send_op(e, &e->own_flush);
}

/* What the server may have forgotten, one after the other. */
static void write_again(struct nbd_engine *e)
{
	struct unflushed_write w;

	if (e->rewriting)
		return;
	e->behind = unflushed_next(&e->unflushed, &e->rewrite_at, &w);
	if (!e->behind)
		return;
	e->rewriting = true;
	e->rewrite = (struct op){
		.e = e,
		.kind = OP_WRITE,
		.offset = w.offset,
		.len = w.len,
		.data = (uint8_t *)w.data,
	};
	send_op(e, &e->rewrite);
}

/* Is there room to keep what it writes? Only a server that takes flushes makes room again. */
static bool has_room(struct nbd_engine *e, struct op *op)
{
	if (op->kind != OP_WRITE || op->reserved || !e->can_flush)
		return true;
	op->reserved = unflushed_reserve(&e->unflushed, (uint32_t)op->len);
	return op->reserved;
}

void nbd_send_waiting(struct nbd_engine *e)
{
	if (e->up && e->behind)
		write_again(e);
	if (!e->up || e->behind)
		return;
	while (e->up && !op_list_empty(&e->waiting)) {
		struct op *op = e->waiting.next;

		if (!has_room(e, op)) {
			nbd_keep(e);
			return;
		}
		list_del(op);
		send_op(e, op);
	}
	if (unflushed_bytes(&e->unflushed) >= FLUSH_BYTES)
		nbd_keep(e);
}

short nbd_events(const struct nbd_engine *e)
{
	unsigned int dir = nbd_aio_get_direction(e->nbd);

	return (short)(((dir & LIBNBD_AIO_DIRECTION_READ) ? POLLIN : 0) |
		       ((dir & LIBNBD_AIO_DIRECTION_WRITE) ? POLLOUT : 0));
}
