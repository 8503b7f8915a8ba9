// SPDX-License-Identifier: GPL-2.0-or-later
/* Grants over libxengnttab. */
#include "xen/gnttab.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <xenctrl.h>
#include <xengnttab.h>

#include "base/util.h"
#include "xen/gmap.h"

/* Anything but GNTST_okay; what a status holds before the hypervisor ran. */
#define STATUS_UNSET GNTST_general_error

struct gnttab {
	xengnttab_handle *handle;
};

struct gcopy {
	struct gnttab *gt;
	uint16_t domid;
	enum gcopy_direction dir;
	bool done; /* the last run went through; statuses can be believed */
	unsigned int nr;
	unsigned int max;
	unsigned int nr_segs; /* of these, left to the hypervisor */
	struct gmaps *maps;   /* NULL: all are */
	uint32_t *seg_of;     /* where each copy is in segs, or DONE */
	xengnttab_grant_copy_segment_t segs[];
};

#define DONE UINT32_MAX

int gnttab_open(struct gnttab **ret)
{
	struct gnttab *gt = calloc(1, sizeof(*gt));
	int err;

	if (!gt)
		return -ENOMEM;
	gt->handle = xengnttab_open(NULL, 0);
	if (!gt->handle) {
		err = -errno;
		free(gt);
		return err;
	}
	*ret = gt;
	return 0;
}

void gnttab_close(struct gnttab *gt)
{
	if (!gt)
		return;
	xengnttab_close(gt->handle);
	free(gt);
}

int gnttab_map(struct gnttab *gt, uint16_t domid, const uint32_t *refs, unsigned int nr, void **ret)
{
	void *addr = xengnttab_map_domain_grant_refs(gt->handle, nr, domid, (uint32_t *)refs,
						     PROT_READ | PROT_WRITE);

	if (!addr)
		return errno ? -errno : -EINVAL;
	*ret = addr;
	return 0;
}

int gnttab_map_one(struct gnttab *gt, uint16_t domid, uint32_t ref, bool readonly, void **ret)
{
	void *addr = xengnttab_map_grant_ref(gt->handle, domid, ref,
					     readonly ? PROT_READ : PROT_READ | PROT_WRITE);

	if (!addr)
		return errno ? -errno : -EINVAL;
	*ret = addr;
	return 0;
}

int gnttab_unmap(struct gnttab *gt, void *addr, unsigned int nr)
{
	return xengnttab_unmap(gt->handle, addr, nr) < 0 ? -errno : 0;
}

int gcopy_new(struct gnttab *gt, uint16_t domid, enum gcopy_direction dir,
	      unsigned int max_segments, struct gcopy **ret)
{
	struct gcopy *gc =
		calloc(1, sizeof(*gc) + max_segments * (sizeof(gc->segs[0]) + sizeof(uint32_t)));

	if (!gc)
		return -ENOMEM;
	gc->gt = gt;
	gc->domid = domid;
	gc->dir = dir;
	gc->max = max_segments;
	gc->seg_of = (uint32_t *)(void *)&gc->segs[max_segments];
	*ret = gc;
	return 0;
}

void gcopy_use_maps(struct gcopy *gc, struct gmaps *maps)
{
	gc->maps = maps;
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
	xengnttab_grant_copy_segment_t *seg;

	if (gc->maps && gmaps_copy(gc->maps, gref, offset, local, len, gc->dir == GCOPY_TO_GUEST)) {
		gc->seg_of[gc->nr++] = DONE;
		return;
	}
	gc->seg_of[gc->nr++] = gc->nr_segs;
	seg = &gc->segs[gc->nr_segs++];
	seg->len = len;
	seg->status = STATUS_UNSET;
	if (gc->dir == GCOPY_FROM_GUEST) {
		seg->flags = GNTCOPY_source_gref;
		seg->source.foreign.ref = gref;
		seg->source.foreign.offset = offset;
		seg->source.foreign.domid = gc->domid;
		seg->dest.virt = local;
	} else {
		seg->flags = GNTCOPY_dest_gref;
		seg->dest.foreign.ref = gref;
		seg->dest.foreign.offset = offset;
		seg->dest.foreign.domid = gc->domid;
		seg->source.virt = local;
	}
}

int gcopy_run(struct gcopy *gc)
{
	if (gc->nr_segs == 0)
		return 0;
	gc->done = xengnttab_grant_copy(gc->gt->handle, gc->nr_segs, gc->segs) == 0;
	return gc->done ? 0 : -errno;
}

bool gcopy_ok(const struct gcopy *gc, unsigned int first, unsigned int nr)
{
	for (unsigned int i = first; i < first + nr; i++)
		if (gc->seg_of[i] != DONE &&
		    (!gc->done || gc->segs[gc->seg_of[i]].status != GNTST_okay))
			return false;
	return true;
}

void gcopy_reset(struct gcopy *gc)
{
	gc->nr = 0;
	gc->nr_segs = 0;
	gc->done = false;
}
