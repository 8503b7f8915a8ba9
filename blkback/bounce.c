// SPDX-License-Identifier: GPL-2.0-or-later
#include "bounce.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

struct shelf {
	uint8_t *base;
	size_t bytes; /* of one buffer */
	unsigned int nr;
	unsigned int nr_free;
	uint16_t *free; /* a stack of indices */
};

struct bounce {
	struct shelf small, large;
};

static int shelf_init(struct shelf *s, unsigned int nr, size_t bytes)
{
	s->free = calloc(nr, sizeof(*s->free));
	if (!s->free)
		return -ENOMEM;
	s->base = mmap(NULL, nr * bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (s->base == MAP_FAILED) {
		s->base = NULL;
		return -errno;
	}
	s->nr = nr;
	s->bytes = bytes;
	for (unsigned int i = nr; i > 0; i--)
		s->free[s->nr_free++] = (uint16_t)(i - 1);
	return 0;
}

static void shelf_fini(struct shelf *s)
{
	if (s->base)
		munmap(s->base, s->nr * s->bytes);
	free(s->free);
}

int bounce_new(unsigned int nr_small, unsigned int nr_large, struct bounce **ret)
{
	struct bounce *b = calloc(1, sizeof(*b));
	int err;

	if (!b)
		return -ENOMEM;
	err = shelf_init(&b->small, nr_small, BOUNCE_SMALL_BYTES);
	if (!err)
		err = shelf_init(&b->large, nr_large, BOUNCE_LARGE_BYTES);
	if (err) {
		bounce_free(b);
		return err;
	}
	*ret = b;
	return 0;
}

void bounce_free(struct bounce *b)
{
	if (!b)
		return;
	shelf_fini(&b->small);
	shelf_fini(&b->large);
	free(b);
}

static uint8_t *take(struct shelf *s)
{
	return s->nr_free > 0 ? s->base + s->free[--s->nr_free] * s->bytes : NULL;
}

uint8_t *bounce_get(struct bounce *b, uint64_t len)
{
	uint8_t *buf = len <= BOUNCE_SMALL_BYTES ? take(&b->small) : NULL;

	return buf || len > BOUNCE_LARGE_BYTES ? buf : take(&b->large);
}

void bounce_put(struct bounce *b, const uint8_t *buf)
{
	struct shelf *s = buf >= b->small.base && buf < b->small.base + b->small.nr * b->small.bytes
				  ? &b->small
				  : &b->large;

	s->free[s->nr_free++] = (uint16_t)((size_t)(buf - s->base) / s->bytes);
}

static void trim(struct shelf *s)
{
	if (s->nr_free == s->nr)
		madvise(s->base, s->nr * s->bytes, MADV_DONTNEED);
}

void bounce_trim(struct bounce *b)
{
	trim(&b->small);
	trim(&b->large);
}
