/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages that a guest has asked to be kept mapped, found by their grant: copies to and
 * from them need no hypervisor (gcopy_use_maps()).
 *
 * One thread adds and deletes, others copy. A copy holds the lock, so that no page goes
 * while it is under way; while there is no page nobody takes it.
 */
#ifndef PVBACK_GMAP_H
#define PVBACK_GMAP_H

#include <stdbool.h>
#include <stdint.h>

struct gmaps;
struct gnttab;

/* At most @max pages of @domid. */
int gmaps_new(uint16_t domid, unsigned int max, struct gmaps **ret);
/* Unmaps all. NULL is fine. */
void gmaps_free(struct gmaps *m, struct gnttab *gt);

/* -EEXIST: it is mapped already; -ENOSPC; -errno: the grant is no good. */
int gmaps_add(struct gmaps *m, struct gnttab *gt, uint32_t gref, bool readonly);
int gmaps_del(struct gmaps *m, struct gnttab *gt, uint32_t gref); /* -ENOENT */

/* False: not mapped, or not to be written; @offset + @len is in the page. */
bool gmaps_copy(struct gmaps *m, uint32_t gref, uint16_t offset, void *local, uint16_t len,
		bool to_guest);

#endif
