/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libxenstore over a tree in memory, so that common/xen/store.c and what is
 * above it run without xenstored. It does what xenstored does as far as
 * backends can see it:
 *  - a write makes the parents that are missing, a removal takes all below;
 *  - a watch tells of its path and of all below, of parents only when they are
 *    removed, and once when it is set;
 *  - a transaction fails with EAGAIN if somebody else has changed anything
 *    since it began (xenstored: anything that it has touched).
 * There are no permissions but what fake_xs_fault says.
 */
#ifndef PVBACK_FUZZ_FAKE_XS_H
#define PVBACK_FUZZ_FAKE_XS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fake_xs_op {
	FAKE_XS_READ,
	FAKE_XS_WRITE,
	FAKE_XS_RM,
	FAKE_XS_WATCH,
	FAKE_XS_BEGIN,
	FAKE_XS_END
};

/* Asked before each call of the backend: an errno it is to fail with, or 0. */
extern int (*fake_xs_fault)(enum fake_xs_op op);

/* Told of each change by the backend, just before it is there for all to see. */
extern void (*fake_xs_change)(const char *path, const char *value); /* NULL: removed */

void fake_xs_reset(void);

/* The connection is closed: xenstored forgets its watches, and what they would have told. */
void fake_xs_disconnect(void);

/* What everybody else does. */
void fake_xs_set(const char *path, const void *value, size_t len);
void fake_xs_set_text(const char *path, const char *value);
void fake_xs_remove(const char *path);
void fake_xs_domain(uint16_t domid, bool alive);

/* NULL if it is not there. */
const char *fake_xs_get(const char *path);
/* How many nodes are there whose path begins with @prefix. */
unsigned int fake_xs_count(const char *prefix);
unsigned int fake_xs_watches(void);
bool fake_xs_pending(void);

#endif
