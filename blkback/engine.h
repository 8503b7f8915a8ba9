/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asynchronous I/O of one queue on one image, and the thing the queue's
 * thread sleeps on. Knows nothing of Xen. How it is done is the matter of one
 * of several engines, see engine_ops.h.
 */
#ifndef PVBACK_BLK_ENGINE_H
#define PVBACK_BLK_ENGINE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "blk_conf.h"

struct engine;

/* Tags of transfers are below, those of watched descriptors above; this one is the engine's own. */
#define ENGINE_TAG_WATCH (UINT64_MAX - 15)

/* Descriptors that can be watched at a time, the engine's own with them. */
#define ENGINE_WATCHES 8

struct engine_done {
	uint64_t tag; /* as given at the start */
	int32_t res;  /* bytes, 0 of a flush or a discard; or -errno. Of a watched fd: nothing */
};

struct engine_conf {
	const char *dev;    /* name for logs */
	int fd;		    /* the image: a file or a block device */
	unsigned int depth; /* transfers that can be in flight; watched descriptors come on top */
	enum blk_discard discard; /* how the image takes it */
	enum blk_engine kind;
	const char *export;	   /* NBD: the server's name for it */
	unsigned int store_number; /* NBD: of the connection */
};

int engine_open(const struct engine_conf *conf, struct engine **ret);
/* @conf->fd is a connection to an NBD server, and the engine's then. */
int engine_nbd_open(const struct engine_conf *conf, struct engine **ret);
/* Waits for what is in flight: no buffer is touched any more then. NULL is fine. */
void engine_close(struct engine *e);

/*
 * Started with the next engine_submit(); each is done exactly once. @iov must
 * stay as it is until then.
 */
void engine_read(struct engine *e, uint64_t tag, const struct iovec *iov, unsigned int nr_iov,
		 uint64_t offset);
void engine_write(struct engine *e, uint64_t tag, const struct iovec *iov, unsigned int nr_iov,
		  uint64_t offset);
void engine_flush(struct engine *e, uint64_t tag);
void engine_discard(struct engine *e, uint64_t tag, uint64_t offset, uint64_t len, bool secure);
/* Done once when @fd becomes readable; start again to watch on. */
void engine_watch(struct engine *e, uint64_t tag, int fd);

/*
 * Start what was prepared, then sleep until @wait_nr are done (0: do not
 * sleep), but at most @timeout_ns (0: no limit). To wait for more than one
 * takes a limit: discards can be told of several at a time. As few system
 * calls as the engine can do with.
 */
int engine_submit(struct engine *e, unsigned int wait_nr, uint64_t timeout_ns);

/* Take up to @max that are done. */
unsigned int engine_reap(struct engine *e, struct engine_done *done, unsigned int max);

/* Is anything done that has not been taken? No system call if there is not. */
bool engine_ready(struct engine *e);

/*
 * The supervisor has a new connection to the store, for an engine that has lost
 * its own; @fd is the engine's then. From any thread.
 */
void engine_store(struct engine *e, int fd, unsigned int number);

/* System calls made so far. */
uint64_t engine_syscalls(const struct engine *e);

const char *engine_name(const struct engine *e);

#endif
