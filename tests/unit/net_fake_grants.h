/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gcopy_* over plain memory, and a frontend made with the macros of
 * xen/io/ring.h, so that tx.c and rx.c can be run without Xen. Grant
 * references are page numbers of fake_pages; others fail like in Xen.
 */
#ifndef PVBACK_TEST_NET_FAKE_GRANTS_H
#define PVBACK_TEST_NET_FAKE_GRANTS_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "barriers.h"
#include "xen/gnttab.h"

#define FAKE_PAGES 512u

static uint8_t fake_pages[FAKE_PAGES][4096];
static unsigned int fake_runs; /* copy calls that had something to do */
static int fake_run_error;

struct gcopy {
	enum gcopy_direction dir;
	unsigned int nr, max;
	struct {
		uint32_t gref;
		uint16_t offset, len;
		uint8_t *local;
		bool ok;
	} segs[];
};

int gcopy_new(struct gnttab *gt, uint16_t domid, enum gcopy_direction dir, unsigned int max,
	      struct gcopy **ret)
{
	(void)gt;
	(void)domid;
	*ret = calloc(1, sizeof(**ret) + max * sizeof((*ret)->segs[0]));
	(*ret)->dir = dir;
	(*ret)->max = max;
	return 0;
}

void gcopy_free(struct gcopy *gc)
{
	free(gc);
}

unsigned int gcopy_count(const struct gcopy *gc)
{
	return gc->nr;
}

unsigned int gcopy_room(const struct gcopy *gc)
{
	return gc->max - gc->nr;
}

void gcopy_add(struct gcopy *gc, uint32_t gref, uint16_t offset, void *local, uint16_t len)
{
	if (gc->nr == gc->max || offset + len > 4096)
		abort();
	gc->segs[gc->nr].gref = gref;
	gc->segs[gc->nr].offset = offset;
	gc->segs[gc->nr].len = len;
	gc->segs[gc->nr].local = local;
	gc->segs[gc->nr++].ok = false;
}

int gcopy_run(struct gcopy *gc)
{
	fake_runs += gc->nr > 0;
	if (fake_run_error)
		return fake_run_error;
	for (unsigned int i = 0; i < gc->nr; i++) {
		uint8_t *guest = fake_pages[gc->segs[i].gref % FAKE_PAGES] + gc->segs[i].offset;

		gc->segs[i].ok = gc->segs[i].gref < FAKE_PAGES;
		if (!gc->segs[i].ok)
			continue;
		if (gc->dir == GCOPY_FROM_GUEST)
			memcpy(gc->segs[i].local, guest, gc->segs[i].len);
		else
			memcpy(guest, gc->segs[i].local, gc->segs[i].len);
	}
	return 0;
}

bool gcopy_ok(const struct gcopy *gc, unsigned int first, unsigned int nr)
{
	for (unsigned int i = first; i < first + nr; i++)
		if (!gc->segs[i].ok)
			return false;
	return true;
}

void gcopy_reset(struct gcopy *gc)
{
	gc->nr = 0;
}

#endif
