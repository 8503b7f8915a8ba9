// SPDX-License-Identifier: GPL-2.0-or-later
/* Mappings of granted pages: who may have them, and who still has. */
#include <errno.h>
#include <stdlib.h>

#include "grant.h"
#include "hv.h"

/* The guest writes these words too, at any time: whole words, atomically. */
static _Atomic uint16_t *flags_of(struct dom *d, uint32_t gref)
{
	return (_Atomic uint16_t *)&d->shared->grants[gref].flags;
}

static void entry_put(struct dom *d, uint32_t gref, bool writable)
{
	if (--d->readers[gref] == 0)
		atomic_fetch_and(flags_of(d, gref), (uint16_t)~GTF_reading);
	if (writable && --d->writers[gref] == 0)
		atomic_fetch_and(flags_of(d, gref), (uint16_t)~GTF_writing);
}

static void entry_get(struct dom *d, uint32_t gref, bool writable)
{
	d->readers[gref]++;
	if (writable)
		d->writers[gref]++;
	atomic_fetch_or(flags_of(d, gref), writable ? GTF_reading | GTF_writing : GTF_reading);
}

static void map_put(struct map *m, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		entry_put(m->entries[i].dom, m->entries[i].gref, m->writable);
		dom_put_maps(m->entries[i].dom, 1);
	}
}

static int map_entry(struct client *c, struct map *m, unsigned int i, uint32_t domid, uint32_t gref,
		     uint32_t *frame)
{
	struct dom *d = domid <= UINT16_MAX ? dom_find((uint16_t)domid) : NULL;

	if (!d)
		return GNTST_bad_domain;
	if (grant_judge(d->shared, gref, c->dom->domid, m->writable, frame) != GNTST_okay)
		return GNTST_general_error;
	entry_get(d, gref, m->writable);
	d->maps++;
	m->entries[i].dom = d;
	m->entries[i].gref = gref;
	return GNTST_okay;
}

int grant_map(struct client *c, struct rpc *r)
{
	unsigned int nr = r->nr / 2;
	struct map *m;

	if (!c->dom || nr == 0 || nr > RPC_LIST_MAX / 2)
		return -EINVAL;
	m = calloc(1, sizeof(*m) + nr * sizeof(m->entries[0]));
	if (!m)
		return -ENOMEM;
	m->writable = r->b;
	m->nr = nr;
	for (unsigned int i = 0; i < nr; i++) {
		uint32_t frame;

		if (map_entry(c, m, i, r->list[2 * i], r->list[2 * i + 1], &frame) != GNTST_okay) {
			map_put(m, i);
			free(m);
			return -EINVAL;
		}
		r->list[i] = frame; /* behind what is still to be read */
	}
	m->id = ++c->last_map;
	m->next = c->maps;
	c->maps = m;
	r->a = m->id;
	r->nr = nr;
	atomic_fetch_add(&world->maps, nr);
	return 0;
}

static void map_drop(struct map *m)
{
	atomic_fetch_add(&world->unmaps, m->nr);
	map_put(m, m->nr);
	free(m);
}

int grant_unmap(struct client *c, uint32_t id)
{
	for (struct map **at = &c->maps; *at; at = &(*at)->next) {
		struct map *m = *at;

		if (m->id != id)
			continue;
		*at = m->next;
		map_drop(m);
		return 0;
	}
	return -EINVAL;
}

void grant_unmap_all(struct client *c)
{
	while (c->maps) {
		struct map *m = c->maps;

		c->maps = m->next;
		map_drop(m);
	}
}
