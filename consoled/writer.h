/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Log files are written by a thread of their own, because write() to a file
 * waits for as long as the disk likes. The console loop only puts bytes into
 * a bounded queue per log; what does not fit pushes out the oldest, and the
 * log says how many were lost.
 */
#ifndef PVBACK_CONSOLED_WRITER_H
#define PVBACK_CONSOLED_WRITER_H

#include <stddef.h>
#include <stdint.h>

struct writer;
struct writer_log;

/* A log has grown to its limit: called in the writer's thread. */
typedef void writer_full_fn(uint32_t id);

int writer_start(writer_full_fn *full, struct writer **ret);

/*
 * Wait until all queues are written, at most @timeout_ms: the disk may hang.
 * The thread is left to the end of the process.
 */
void writer_finish(struct writer *w, unsigned int timeout_ms);

/*
 * @fd: becomes the writer's, also on failure; @dev: for messages, copied;
 * @max: bytes after which full(id) is called; 0 = never.
 */
int writer_log_new(struct writer *w, uint32_t id, const char *dev, int fd, uint64_t max,
		   struct writer_log **ret);

/* Never waits for the disk. */
void writer_log_put(struct writer_log *l, const void *data, size_t n);

/* Go on in another file; @fd becomes the writer's. */
void writer_log_switch(struct writer_log *l, int fd);

/* No more bytes will come; the writer frees it when all are written. NULL is
 * fine. */
void writer_log_close(struct writer_log *l);

#endif
