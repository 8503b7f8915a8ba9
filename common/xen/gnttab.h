/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Grants of one worker thread (libxengnttab): mapping ring pages, and copying
 * data in batches.
 */
#ifndef PVBACK_GNTTAB_H
#define PVBACK_GNTTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gnttab;

int gnttab_open(struct gnttab **ret);
void gnttab_close(struct gnttab *gt); /* NULL is fine */

/* Map @nr pages of @domid side by side, writable. All or nothing. */
int gnttab_map(struct gnttab *gt, uint16_t domid, const uint32_t *refs, unsigned int nr,
	       void **ret);
int gnttab_map_one(struct gnttab *gt, uint16_t domid, uint32_t ref, bool readonly, void **ret);
int gnttab_unmap(struct gnttab *gt, void *addr, unsigned int nr);

/*
 * A batch of copies between pages of one guest and private memory. All copies
 * of a batch go in one direction, and a whole batch is one system call (the
 * kernel makes one hypercall of each 16 copies). The array is allocated once.
 */
enum gcopy_direction { GCOPY_FROM_GUEST, GCOPY_TO_GUEST };

struct gcopy;
struct gmaps;

int gcopy_new(struct gnttab *gt, uint16_t domid, enum gcopy_direction dir,
	      unsigned int max_segments, struct gcopy **ret);
void gcopy_free(struct gcopy *gc);

/* From now on pages that are in @maps (gmap.h) are copied at once, by ourselves. */
void gcopy_use_maps(struct gcopy *gc, struct gmaps *maps);

unsigned int gcopy_count(const struct gcopy *gc); /* added since the reset */
unsigned int gcopy_room(const struct gcopy *gc);

/*
 * Add one copy. @offset + @len must not exceed XEN_PAGE_SIZE; @local may cross
 * pages. The caller has asked gcopy_room(). Its number is gcopy_count() before
 * the call.
 */
void gcopy_add(struct gcopy *gc, uint32_t gref, uint16_t offset, void *local, uint16_t len);

/*
 * Do all copies. Statuses start out as errors and anything but GNTST_okay
 * stays one (XSA-316, XSA-318). Returns 0 if the call itself went through, or
 * -errno: then no segment is good.
 */
int gcopy_run(struct gcopy *gc);

/* Did copies @first .. @first + @nr - 1 of the last run all succeed? */
bool gcopy_ok(const struct gcopy *gc, unsigned int first, unsigned int nr);

void gcopy_reset(struct gcopy *gc);

#endif
