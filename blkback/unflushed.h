/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was written to a server, and may be in no more than its memory: all writes
 * that were answered since it last took a flush. A server that dies and comes
 * back without them is given them again. Bounded by its memory: room has to be reserved
 * before a write is begun. Pure.
 */
#ifndef PVBACK_BLK_UNFLUSHED_H
#define PVBACK_BLK_UNFLUSHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The largest write. */
#define UNFLUSHED_WRITE_MAX (1u << 20)

struct unflushed {
	uint8_t *memory;
	size_t size;
	uint64_t begin, end; /* positions that only grow */
	uint64_t reserved;
};

/*
 * @size: a multiple of 16, and at least twice the largest write and its head of 16 bytes:
 * with less there would never be room for one. @memory: so aligned.
 */
void unflushed_init(struct unflushed *u, void *memory, size_t size);

/* Is there room for a write of @len bytes, besides all that have room already? */
bool unflushed_reserve(struct unflushed *u, uint32_t len);
/* The write has failed. */
void unflushed_cancel(struct unflushed *u, uint32_t len);
/* The write is done; room was reserved. */
void unflushed_add(struct unflushed *u, uint64_t offset, const void *data, uint32_t len);

/* Bytes in use, those of its own included. */
static inline uint64_t unflushed_bytes(const struct unflushed *u)
{
	return u->end - u->begin;
}

/* Those writes are safe that were there when the end was at @end. */
void unflushed_drop(struct unflushed *u, uint64_t end);

struct unflushed_write {
	uint64_t offset;
	uint32_t len;
	const uint8_t *data;
};

/* One by one, the oldest first: from position u->begin, which is moved on. False: no more. */
bool unflushed_next(const struct unflushed *u, uint64_t *position, struct unflushed_write *ret);

#endif
