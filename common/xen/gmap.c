// SPDX-License-Identifier: GPL-2.0-or-later
/* Pages that a guest has asked to be kept mapped: a hash table with linear probing. */
#include "xen/gmap.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "xen/gnttab.h"

struct page {
	uint8_t *addr; /* NULL: free */
	uint32_t gref;
	bool readonly;
};

struct gmaps {
	pthread_mutex_t lock;
	atomic_uint nr;
	uint16_t domid;
	unsigned int max;
	unsigned int mask; /* of the table, which is at most half full */
	struct page table[];
};

int gmaps_new(uint16_t domid, unsigned int max, struct gmaps **ret)
{
	unsigned int size = 1;
	struct gmaps *m;

	while (size < 2 * max)
		size *= 2;
	m = calloc(1, sizeof(*m) + size * sizeof(m->table[0]));
	if (!m)
		return -ENOMEM;
	pthread_mutex_init(&m->lock, NULL);
	m->domid = domid;
	m->max = max;
	m->mask = size - 1;
	*ret = m;
	return 0;
}

void gmaps_free(struct gmaps *m, struct gnttab *gt)
{
	if (!m)
		return;
	for (unsigned int i = 0; i <= m->mask; i++)
		if (m->table[i].addr)
			gnttab_unmap(gt, m->table[i].addr, 1);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

static unsigned int home(const struct gmaps *m, uint32_t gref)
{
	return (gref * 0x9e3779b1u >> 16) & m->mask;
}

/* Its page, or the free one where it would be. */
static unsigned int find(const struct gmaps *m, uint32_t gref)
{
	unsigned int i = home(m, gref);

	while (m->table[i].addr && m->table[i].gref != gref)
		i = (i + 1) & m->mask;
	return i;
}

/* Changes are made by one thread: it may look without the lock. */
int gmaps_add(struct gmaps *m, struct gnttab *gt, uint32_t gref, bool readonly)
{
	unsigned int i = find(m, gref);
	void *addr;
	int ret;

	if (m->table[i].addr)
		return -EEXIST;
	if (atomic_load(&m->nr) == m->max)
		return -ENOSPC;
	ret = gnttab_map_one(gt, m->domid, gref, readonly, &addr);
	if (ret)
		return ret;
	pthread_mutex_lock(&m->lock);
	m->table[i] = (struct page){ .addr = addr, .gref = gref, .readonly = readonly };
	atomic_fetch_add(&m->nr, 1);
	pthread_mutex_unlock(&m->lock);
	return 0;
}

static void close_gap(struct gmaps *m, unsigned int gap)
{
	for (unsigned int i = (gap + 1) & m->mask; m->table[i].addr; i = (i + 1) & m->mask) {
		unsigned int from_home = (i - home(m, m->table[i].gref)) & m->mask;

		if (from_home < ((i - gap) & m->mask))
			continue;
		m->table[gap] = m->table[i];
		m->table[i].addr = NULL;
		gap = i;
	}
}

int gmaps_del(struct gmaps *m, struct gnttab *gt, uint32_t gref)
{
	unsigned int i = find(m, gref);
	void *addr = m->table[i].addr;

	if (!addr)
		return -ENOENT;
	pthread_mutex_lock(&m->lock);
	m->table[i].addr = NULL;
	close_gap(m, i);
	atomic_fetch_sub(&m->nr, 1);
	pthread_mutex_unlock(&m->lock);
	return gnttab_unmap(gt, addr, 1);
}

bool gmaps_copy(struct gmaps *m, uint32_t gref, uint16_t offset, void *local, uint16_t len,
		bool to_guest)
{
	const struct page *page;
	bool can;

	if (!atomic_load_explicit(&m->nr, memory_order_relaxed))
		return false;
	pthread_mutex_lock(&m->lock);
	page = &m->table[find(m, gref)];
	can = page->addr && !(to_guest && page->readonly);
	if (can && to_guest)
		memcpy(page->addr + offset, local, len);
	else if (can)
		memcpy(local, page->addr + offset, len);
	pthread_mutex_unlock(&m->lock);
	return can;
}
