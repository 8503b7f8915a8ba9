// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Theory of operation
 * -------------------
 * A table of pages, a hash from grant reference to page, and a list in order
 * of use, the latest first. A page that is wanted and not there takes a free
 * place, or that of the page that has not been used for longest - but only if
 * that has been idle for a while: a guest that goes round more pages than the table
 * holds would otherwise make each request pay for an unmap and a map.
 */
#include "persist.h"

#include <errno.h>
#include <stdlib.h>

#include "base/util.h"
#include "xen/gnttab.h"

#define NR_BUCKETS 1024 /* a power of two */
#define NONE UINT16_MAX

/*
 * So many refusals in a row and no page is tried any more: a frontend that grants its
 * pages for reading only, or otherwise than it says, would pay for each try.
 */
#define REFUSALS_MAX 64

/* Younger than this a page is not given up for another. */
#define EVICT_AGE_NS (1 * NS_PER_SEC)

struct persist_page {
	uint32_t gref;
	uint32_t in_use; /* a guest can name one page in all segments of all requests */
	uint16_t next_in_bucket;
	uint16_t newer, older;
	uint64_t used_ns;
	void *addr;
	struct persist *owner;
};

struct persist {
	struct gnttab *gt;
	uint16_t domid;
	uint16_t buckets[NR_BUCKETS];
	uint16_t newest, oldest;
	uint16_t free; /* linked by next_in_bucket */
	unsigned int max, mapped;
	unsigned int refused; /* in a row */
	struct persist_page pages[];
};

int persist_new(struct gnttab *gt, uint16_t domid, unsigned int max, struct persist **ret)
{
	struct persist *p = calloc(1, sizeof(*p) + max * sizeof(p->pages[0]));

	if (!p)
		return -ENOMEM;
	p->gt = gt;
	p->domid = domid;
	p->max = max;
	p->newest = p->oldest = p->free = NONE;
	for (unsigned int i = 0; i < NR_BUCKETS; i++)
		p->buckets[i] = NONE;
	for (unsigned int i = max; i > 0; i--) {
		p->pages[i - 1].owner = p;
		p->pages[i - 1].next_in_bucket = p->free;
		p->free = (uint16_t)(i - 1);
	}
	*ret = p;
	return 0;
}

static uint16_t *bucket_of(struct persist *p, uint32_t gref)
{
	return &p->buckets[(gref * 2654435761u >> 16) & (NR_BUCKETS - 1)];
}

static void list_del(struct persist *p, uint16_t i)
{
	struct persist_page *page = &p->pages[i];

	if (page->newer == NONE)
		p->newest = page->older;
	else
		p->pages[page->newer].older = page->older;
	if (page->older == NONE)
		p->oldest = page->newer;
	else
		p->pages[page->older].newer = page->newer;
}

static void list_add(struct persist *p, uint16_t i)
{
	struct persist_page *page = &p->pages[i];

	page->newer = NONE;
	page->older = p->newest;
	if (p->newest == NONE)
		p->oldest = i;
	else
		p->pages[p->newest].newer = i;
	p->newest = i;
}

static void unhash(struct persist *p, uint16_t i)
{
	uint16_t *at = bucket_of(p, p->pages[i].gref);

	while (*at != i)
		at = &p->pages[*at].next_in_bucket;
	*at = p->pages[i].next_in_bucket;
}

static void unmap(struct persist *p, uint16_t i)
{
	gnttab_unmap(p->gt, p->pages[i].addr, 1);
	list_del(p, i);
	unhash(p, i);
	p->pages[i].next_in_bucket = p->free;
	p->free = i;
	p->mapped--;
}

unsigned int persist_release(struct persist *p, uint64_t before_ns)
{
	uint16_t i = p->oldest;

	while (i != NONE && p->pages[i].used_ns < before_ns) {
		uint16_t newer = p->pages[i].newer;

		if (p->pages[i].in_use == 0)
			unmap(p, i);
		i = newer;
	}
	return p->mapped;
}

void persist_free(struct persist *p)
{
	if (!p)
		return;
	persist_release(p, UINT64_MAX);
	free(p);
}

/* A place for one more page, or NONE. */
static uint16_t place(struct persist *p, uint64_t now_ns)
{
	const struct persist_page *oldest = &p->pages[p->oldest == NONE ? 0 : p->oldest];

	if (p->free == NONE && oldest->in_use == 0 && now_ns - oldest->used_ns >= EVICT_AGE_NS)
		unmap(p, p->oldest);
	return p->free;
}

static uint16_t map(struct persist *p, uint32_t gref, uint64_t now_ns)
{
	uint16_t *bucket = bucket_of(p, gref);
	uint16_t i = place(p, now_ns);
	struct persist_page *page = &p->pages[i == NONE ? 0 : i];

	if (i == NONE || p->refused >= REFUSALS_MAX)
		return NONE;
	if (gnttab_map(p->gt, p->domid, &gref, 1, &page->addr) != 0) {
		p->refused++;
		return NONE;
	}
	p->refused = 0;
	p->free = page->next_in_bucket;
	page->gref = gref;
	page->in_use = 0;
	page->next_in_bucket = *bucket;
	*bucket = i;
	list_add(p, i);
	p->mapped++;
	return i;
}

struct persist_page *persist_get(struct persist *p, uint32_t gref, uint64_t now_ns)
{
	uint16_t i = *bucket_of(p, gref);

	while (i != NONE && p->pages[i].gref != gref)
		i = p->pages[i].next_in_bucket;
	if (i == NONE)
		i = map(p, gref, now_ns);
	if (i == NONE)
		return NULL;
	p->pages[i].in_use++;
	return &p->pages[i];
}

void persist_put(struct persist_page *page, uint64_t now_ns)
{
	struct persist *p = page->owner;
	uint16_t i = (uint16_t)(page - p->pages);

	page->in_use--;
	page->used_ns = now_ns;
	list_del(p, i);
	list_add(p, i);
}

uint8_t *persist_addr(const struct persist_page *page)
{
	return page->addr;
}

unsigned int persist_mapped(const struct persist *p)
{
	return p->mapped;
}
