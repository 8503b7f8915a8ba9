/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection to XenStore for tests: the wire protocol of xen/io/xs_wire.h over a Unix
 * socket, one request at a time. Not libxenstore, because frontends and the
 * toolstack live in one process with different rights, and because a test may
 * have to send what libxenstore would not.
 *
 * int functions return 0 or -errno; errors of XenStore by its names.
 */
#ifndef FRONT_XSCONN_H
#define FRONT_XSCONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/io/xs_wire.h>

#define XSCONN_PATH_MAX 256

struct xsconn;

/* Domain 0's, or a guest's through its xsguest. */
int xsconn_open_dom0(struct xsconn **ret);
int xsconn_open_guest(uint16_t domid, struct xsconn **ret);
void xsconn_close(struct xsconn *c);
int xsconn_fd(const struct xsconn *c);

/* All requests after begin are part of it. end: -EAGAIN = somebody else wrote, begin anew. */
int xsconn_tx_begin(struct xsconn *c);
int xsconn_tx_end(struct xsconn *c);
int xsconn_tx_abort(struct xsconn *c);

/* A request as it is. @answer may be NULL. */
int xsconn_call(struct xsconn *c, uint32_t op, const void *payload, size_t len, void *answer,
		size_t size, size_t *ret_len);

/* -E2BIG: longer than @size - 1; -EINVAL: has a NUL in it. */
int xsconn_read(struct xsconn *c, const char *path, char *buf, size_t size);
bool xsconn_exists(struct xsconn *c, const char *path);
int xsconn_write(struct xsconn *c, const char *path, const void *value, size_t len);
int xsconn_printf(struct xsconn *c, const char *dir, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
int xsconn_mkdir(struct xsconn *c, const char *path);
int xsconn_rm(struct xsconn *c, const char *path);
/* Names one after the other, each with its NUL. */
int xsconn_list(struct xsconn *c, const char *path, char *buf, size_t size, size_t *ret_len);

/* The owner, who has no more than @others gives; "n5" and "r0" are as in xenstore-chmod. */
int xsconn_chmod(struct xsconn *c, const char *path, const char *owner, const char *other);

int xsconn_watch(struct xsconn *c, const char *path, const char *token);
int xsconn_unwatch(struct xsconn *c, const char *path, const char *token);
/* How many watches have fired, without waiting; and after a wait: -ETIMEDOUT. */
int xsconn_take(struct xsconn *c, unsigned int *ret_events);
int xsconn_wait(struct xsconn *c, int timeout_ms);

#endif
