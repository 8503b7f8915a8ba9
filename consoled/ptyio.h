/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The worker's end of a pty: output waits in a backlog, input in the pty. */
#ifndef PVBACK_CONSOLED_PTYIO_H
#define PVBACK_CONSOLED_PTYIO_H

#include <stdbool.h>
#include <stdint.h>

#include "backlog.h"
#include "base/log.h"
#include "loop/loop.h"

struct ptyio {
	const char *dev;	    /* for messages */
	int fd;			    /* the master, non-blocking */
	struct loop_source *source; /* NULL: pty is dead */
	uint32_t events;	    /* what it is watched for */
	bool readable;		    /* has input, as far as we know */
	struct backlog backlog;
	struct log_meter meter;
	bool quiet;		  /* its end is expected */
	void (*ready)(void *ctx); /* something can be read or written */
	void *ctx;
};

/* The caller has set dev, ready and ctx. @fd becomes ours, not on failure. */
int ptyio_open(struct ptyio *t, struct loop *loop, int fd, uint64_t backlog_max);
void ptyio_close(struct ptyio *t);

/*
 * In the place of ptyio_close(): what is in the backlog goes on to a client that
 * reads, for two seconds at most. Nothing of @t is used afterwards.
 */
void ptyio_farewell(struct ptyio *t, struct loop *loop);

/* Never waits; without a reader the oldest bytes go. */
void ptyio_put(struct ptyio *t, const void *data, size_t n);

/* Input, at most @max bytes; returns how many. */
uint32_t ptyio_read(struct ptyio *t, void *buf, uint32_t max);

/* Backlog to pty, one piece; false when there was nothing to do. */
bool ptyio_flush(struct ptyio *t);

/* Call ready() for output if some is waiting, for input if it is wanted. */
void ptyio_watch(struct ptyio *t, bool want_input);

#endif
