// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A ring of bytes. Each write is a head and its data, in one piece; where the
 * end of the memory is too near for that, a head without data fills it up.
 */
#include "unflushed.h"

#include <string.h>

struct head {
	uint64_t offset;
	uint32_t len;
	uint32_t filler; /* bytes up to the end of the memory, the head included; 0: a write */
};

#define ALIGN sizeof(struct head)

/* What a write of @len takes, the worst place for it not considered. */
static uint64_t footprint(uint32_t len)
{
	return sizeof(struct head) + (len + ALIGN - 1) / ALIGN * ALIGN;
}

void unflushed_init(struct unflushed *u, void *memory, size_t size)
{
	memset(u, 0, sizeof(*u));
	u->memory = memory;
	u->size = size;
}

/* One of them all may have to skip the end of the memory, at worst the largest. */
bool unflushed_reserve(struct unflushed *u, uint32_t len)
{
	uint64_t need = unflushed_bytes(u) + u->reserved + footprint(len);

	if (need + footprint(UNFLUSHED_WRITE_MAX) > u->size)
		return false;
	u->reserved += footprint(len);
	return true;
}

void unflushed_cancel(struct unflushed *u, uint32_t len)
{
	u->reserved -= footprint(len);
}

static void put_head(struct unflushed *u, uint64_t offset, uint32_t len, uint32_t filler)
{
	const struct head h = { offset, len, filler };

	memcpy(u->memory + u->end % u->size, &h, sizeof(h));
}

void unflushed_add(struct unflushed *u, uint64_t offset, const void *data, uint32_t len)
{
	uint64_t left = u->size - u->end % u->size;

	if (left < footprint(len)) {
		put_head(u, 0, 0, (uint32_t)left);
		u->end += left;
	}
	put_head(u, offset, len, 0);
	memcpy(u->memory + u->end % u->size + sizeof(struct head), data, len);
	u->end += footprint(len);
	u->reserved -= footprint(len);
}

void unflushed_drop(struct unflushed *u, uint64_t end)
{
	if (end > u->begin)
		u->begin = end;
}

bool unflushed_next(const struct unflushed *u, uint64_t *position, struct unflushed_write *ret)
{
	struct head h;

	if (*position >= u->end)
		return false;
	memcpy(&h, u->memory + *position % u->size, sizeof(h));
	if (h.filler) {
		*position += h.filler;
		memcpy(&h, u->memory + *position % u->size, sizeof(h));
	}
	ret->offset = h.offset;
	ret->len = h.len;
	ret->data = u->memory + *position % u->size + sizeof(h);
	*position += footprint(h.len);
	return true;
}
