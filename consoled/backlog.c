// SPDX-License-Identifier: GPL-2.0-or-later
/* Ring buffer that forgets. */
#include "backlog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

int backlog_init(struct backlog *b, size_t size)
{
	/* Pages of it that are never written cost nothing. */
	uint8_t *buf = malloc(size);

	if (!buf)
		return -ENOMEM;
	*b = (struct backlog){ .buf = buf, .size = size };
	return 0;
}

void backlog_fini(struct backlog *b)
{
	free(b->buf);
	*b = (struct backlog){ 0 };
}

/* Make room for @n bytes, at most the whole size. */
static void forget(struct backlog *b, size_t n)
{
	size_t room = b->size - b->used;

	if (n <= room)
		return;
	b->lost += n - room;
	backlog_drop(b, n - room);
}

void backlog_put(struct backlog *b, const void *data, size_t n)
{
	const uint8_t *src = data;
	size_t tail, first;

	if (n > b->size) {
		b->lost += n - b->size;
		src += n - b->size;
		n = b->size;
	}
	forget(b, n);
	tail = b->head + b->used;
	if (tail >= b->size)
		tail -= b->size;
	first = MIN(n, b->size - tail);
	memcpy(b->buf + tail, src, first);
	memcpy(b->buf, src + first, n - first);
	b->used += n;
}

size_t backlog_peek(const struct backlog *b, const uint8_t **ret)
{
	*ret = b->buf + b->head;
	return MIN(b->used, b->size - b->head);
}

void backlog_drop(struct backlog *b, size_t n)
{
	n = MIN(n, b->used);
	b->head += n;
	if (b->head >= b->size)
		b->head -= b->size;
	b->used -= n;
	/* Of a buffer that is read in time only the beginning is ever touched. */
	if (b->used == 0)
		b->head = 0;
}
