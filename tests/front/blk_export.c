// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A block frontend's disk for one NBD client.
 *
 * Theory of operation
 * -------------------
 * What the client asks for is an operation, cut into pieces of at most one ring
 * request. A piece owns eleven pages of the pool for good. The loop: read what
 * the client sends, put pieces into the ring as long as there are free ones, push
 * once, take answers, send replies, sleep on the three descriptors.
 */
#include "blk_export.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define SECTOR 512u
#define SEGMENTS BLKIF_MAX_SEGMENTS_PER_REQUEST
#define PIECE_BYTES (SEGMENTS * GUEST_PAGE_SIZE)
#define OPERATIONS_MAX 64

struct operation {
	struct operation *next;
	struct nbd_request req;
	uint8_t reply[NBD_REPLY_SIZE]; /* and with a read its data */
	uint32_t begun;		       /* bytes that are in pieces */
	unsigned int pieces;	       /* not answered yet */
	bool flushed;		       /* a flush has its piece */
	int error;
	size_t sent; /* bytes of the reply */
	uint8_t data[];
};

struct list {
	struct operation *first;
	struct operation **end;
};

struct piece {
	struct operation *op;
	uint32_t at; /* in the operation's data */
	uint32_t len;
	struct blkpage *pages;
};

struct export
{
	struct blkfront *front;
	struct blkqueue *queue;
	uint64_t bytes;
	int fd;
	bool leaving; /* the client has said so, or is gone */
	bool mute;    /* nobody reads replies any more */
	unsigned int nr_operations;
	struct list begun;   /* not all in pieces yet */
	struct list replies; /* done */
	/* what comes in: a head, then the data of a write */
	uint8_t head[NBD_REQUEST_SIZE];
	size_t got;
	struct operation *incoming;
	unsigned int nr_free;
	unsigned int free_pieces[BLKFRONT_SLOTS_MAX];
	struct piece pieces[BLKFRONT_SLOTS_MAX];
};

static void append(struct list *l, struct operation *op)
{
	op->next = NULL;
	*l->end = op;
	l->end = &op->next;
}

static void drop_first(struct list *l)
{
	l->first = l->first->next;
	if (!l->first)
		l->end = &l->first;
}

void blk_export_describe(const struct blkfront *f, struct nbd_export *ret)
{
	*ret = (struct nbd_export){
		.size = f->disk.sectors * SECTOR,
		.block_size = f->disk.sector_size,
		.flags = (uint16_t)(NBD_FLAG_HAS_FLAGS |
				    (f->disk.info & VDISK_READONLY ? NBD_FLAG_READ_ONLY : 0) |
				    (f->disk.flush ? NBD_FLAG_SEND_FLUSH : 0)),
	};
}

static bool is_transfer(const struct operation *op)
{
	return op->req.type == NBD_CMD_READ || op->req.type == NBD_CMD_WRITE;
}

static void finish(struct export *e, struct operation *op)
{
	nbd_encode_reply(op->req.handle, op->error, op->reply);
	append(&e->replies, op);
}

static int judge(const struct export *e, const struct nbd_request *req)
{
	uint32_t unit = e->front->disk.sector_size;

	if (req->type == NBD_CMD_FLUSH)
		return e->front->disk.flush ? 0 : -EOPNOTSUPP;
	if (req->type != NBD_CMD_READ && req->type != NBD_CMD_WRITE)
		return -EOPNOTSUPP;
	if (req->len == 0 || req->offset % unit || req->len % unit)
		return -EINVAL;
	return req->offset > e->bytes || req->len > e->bytes - req->offset ? -EINVAL : 0;
}

static void begin(struct export *e, struct operation *op)
{
	op->error = judge(e, &op->req);
	if (op->error)
		finish(e, op);
	else
		append(&e->begun, op);
}

/* A head is complete. */
static int take_head(struct export *e)
{
	struct nbd_request req;
	struct operation *op;
	int err = nbd_decode_request(e->head, &req);

	if (err)
		return err;
	e->got = 0;
	if (req.type == NBD_CMD_DISC) {
		e->leaving = true;
		return 0;
	}
	if (req.len > NBD_BYTES_MAX)
		return -EPROTO;
	op = calloc(1, sizeof(*op) + req.len);
	if (!op)
		return -ENOMEM;
	op->req = req;
	e->nr_operations++;
	if (req.type == NBD_CMD_WRITE && req.len > 0)
		e->incoming = op;
	else
		begin(e, op);
	return 0;
}

static int took(struct export *e, size_t size)
{
	struct operation *op = e->incoming;

	e->got += size;
	if (!op)
		return e->got == sizeof(e->head) ? take_head(e) : 0;
	if (e->got == op->req.len) {
		e->got = 0;
		e->incoming = NULL;
		begin(e, op);
	}
	return 0;
}

static void client_gone(struct export *e)
{
	e->leaving = true;
	e->mute = true;
}

static int read_client(struct export *e)
{
	int err = 0;

	while (!err && !e->leaving && e->nr_operations < OPERATIONS_MAX) {
		uint8_t *to = e->incoming ? e->incoming->data : e->head;
		size_t size = e->incoming ? e->incoming->req.len : sizeof(e->head);
		ssize_t got = recv(e->fd, to + e->got, size - e->got, 0);

		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (got <= 0)
			client_gone(e);
		else
			err = took(e, (size_t)got);
	}
	return err;
}

static void fill_segments(const struct piece *p, bool rw, struct blkreq *req)
{
	for (uint32_t at = 0; at < p->len; at += GUEST_PAGE_SIZE) {
		uint32_t left = p->len - at;
		uint32_t sectors = (left < GUEST_PAGE_SIZE ? left : GUEST_PAGE_SIZE) / SECTOR;

		req->segments[req->nr_segments++] = blkpage_segment(&p->pages[at / GUEST_PAGE_SIZE],
								    rw, 0, (uint8_t)(sectors - 1));
	}
}

/* The pages of a piece are side by side. */
static void submit_piece(struct export *e, struct operation *op)
{
	unsigned int index = e->free_pieces[--e->nr_free];
	struct piece *p = &e->pieces[index];
	bool reads = op->req.type == NBD_CMD_READ;
	struct blkreq req = { .op = reads ? BLKIF_OP_READ : BLKIF_OP_WRITE };
	uint32_t left = op->req.len - op->begun;

	p->op = op;
	p->at = op->begun;
	p->len = 0;
	if (is_transfer(op)) {
		p->len = left < PIECE_BYTES ? left : PIECE_BYTES;
		req.sector = (op->req.offset + p->at) / SECTOR;
		fill_segments(p, reads, &req);
		if (!reads)
			memcpy(p->pages[0].data, op->data + p->at, p->len);
	} else {
		req.op = BLKIF_OP_FLUSH_DISKCACHE;
		op->flushed = true;
	}
	op->begun += p->len;
	op->pieces++;
	blkqueue_submit(e->queue, &req, index);
}

static bool all_begun(const struct operation *op)
{
	return is_transfer(op) ? op->begun == op->req.len : op->flushed;
}

static int submit(struct export *e)
{
	while (e->begun.first && e->nr_free > 0) {
		submit_piece(e, e->begun.first);
		if (all_begun(e->begun.first))
			drop_first(&e->begun);
	}
	return blkqueue_push(e->queue);
}

static void piece_done(struct export *e, const struct blkdone *done)
{
	struct piece *p = &e->pieces[done->tag];
	struct operation *op = p->op;

	if (done->status == BLKIF_RSP_EOPNOTSUPP)
		op->error = -EOPNOTSUPP;
	else if (done->status != BLKIF_RSP_OKAY)
		op->error = -EIO;
	else if (op->req.type == NBD_CMD_READ)
		memcpy(op->data + p->at, p->pages[0].data, p->len);
	e->free_pieces[e->nr_free++] = (unsigned int)done->tag;
	if (--op->pieces == 0 && all_begun(op))
		finish(e, op);
}

static int reap(struct export *e)
{
	struct blkdone done;

	while (blkqueue_reap(e->queue, &done, 1) == 1) {
		if (done.strange)
			return -EPROTO;
		piece_done(e, &done);
	}
	return 0;
}

/* As much as the socket takes: the reply's head, then the data of a read. */
static bool send_reply(struct export *e, struct operation *op)
{
	size_t data = op->req.type == NBD_CMD_READ && !op->error ? op->req.len : 0;

	while (!e->mute && op->sent < sizeof(op->reply) + data) {
		bool head = op->sent < sizeof(op->reply);
		const uint8_t *from =
			head ? op->reply + op->sent : op->data + (op->sent - sizeof(op->reply));
		size_t size = (head ? sizeof(op->reply) : sizeof(op->reply) + data) - op->sent;
		ssize_t sent =
			send(e->fd, from, size, MSG_NOSIGNAL | (head && data > 0 ? MSG_MORE : 0));

		if (sent < 0 && (errno == EAGAIN || errno == EINTR))
			return false;
		if (sent < 0)
			client_gone(e);
		else
			op->sent += (size_t)sent;
	}
	return true;
}

static void send_replies(struct export *e)
{
	while (e->replies.first && send_reply(e, e->replies.first)) {
		struct operation *op = e->replies.first;

		drop_first(&e->replies);
		free(op);
		e->nr_operations--;
	}
}

static int wait_for_something(struct export *e, int stop_fd)
{
	struct pollfd fds[] = {
		{ .fd = e->mute ? -1 : e->fd,
		  .events =
			  (short)((!e->leaving && e->nr_operations < OPERATIONS_MAX ? POLLIN : 0) |
				  (e->replies.first ? POLLOUT : 0)) },
		{ .fd = guest_events_fd(e->queue->events), .events = POLLIN },
		{ .fd = e->leaving ? -1 : stop_fd, .events = POLLIN },
	};
	bool busy = blkqueue_inflight(e->queue) > 0;
	int ready;

	if (busy && blkqueue_arm(e->queue))
		return 0;
	ready = poll(fds, 3, busy ? BLKFRONT_PATIENCE_MS : -1);
	if (ready < 0)
		return errno == EINTR ? 0 : -errno;
	if (ready == 0)
		return -ETIMEDOUT;
	if (fds[2].revents)
		e->leaving = true;
	return fds[1].revents ? blkqueue_take_event(e->queue) : 0;
}

static void set_up(struct export *e, struct blkfront *f, int fd)
{
	e->front = f;
	e->queue = blkfront_queue(f, 0);
	e->bytes = f->disk.sectors * SECTOR;
	e->fd = fd;
	e->begun.end = &e->begun.first;
	e->replies.end = &e->replies.first;
	for (unsigned int i = 0; i < e->queue->ring.nr_slots; i++) {
		e->pieces[i].pages = &f->pages[i * SEGMENTS];
		e->free_pieces[e->nr_free++] = i;
	}
}

/* What is half sent when the client goes is nobody's any more. */
static bool is_over(const struct export *e)
{
	return e->leaving && e->nr_operations == (e->incoming ? 1u : 0u);
}

static int serve(struct export *e, int stop_fd)
{
	int err = 0;

	while (!err && !is_over(e)) {
		err = read_client(e);
		if (!err)
			err = submit(e);
		if (!err)
			err = reap(e);
		send_replies(e);
		if (!err && !is_over(e) && !(e->begun.first && e->nr_free > 0))
			err = wait_for_something(e, stop_fd);
	}
	return err;
}

int blk_export_serve(struct blkfront *f, int client_fd, int stop_fd)
{
	struct export *e = calloc(1, sizeof(*e));
	int err;

	if (!e)
		return -ENOMEM;
	set_up(e, f, client_fd);
	if (fcntl(client_fd, F_SETFL, O_NONBLOCK) < 0)
		err = -errno;
	else
		err = serve(e, stop_fd);
	free(e->incoming);
	free(e);
	return err;
}
