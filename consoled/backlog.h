/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes waiting for a reader that may never come: a ring buffer of fixed size
 * that forgets the oldest bytes when full, so that putting never fails and
 * never waits. Pure but for the one allocation at the start.
 */
#ifndef PVBACK_CONSOLED_BACKLOG_H
#define PVBACK_CONSOLED_BACKLOG_H

#include <stddef.h>
#include <stdint.h>

struct backlog {
	uint8_t *buf;
	size_t size;
	size_t head; /* where the oldest byte is */
	size_t used;
	uint64_t lost; /* bytes forgotten; the reader may reset it */
};

int backlog_init(struct backlog *b, size_t size);
void backlog_fini(struct backlog *b);

void backlog_put(struct backlog *b, const void *data, size_t n);

/* The oldest bytes that lie in one piece; returns how many, 0 = empty. */
size_t backlog_peek(const struct backlog *b, const uint8_t **ret);

/* Drop the @n oldest bytes, at most what is there. They do not count as lost. */
void backlog_drop(struct backlog *b, size_t n);

#endif
