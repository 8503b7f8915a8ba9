/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Persistent grants of one ring: pages that the frontend leaves granted, and
 * that stay mapped here from one request to the next.
 *
 * Bounded: never more than @max at a time. A page that is not to be had (table
 * full of pages in use or used lately, mapping refused) is NULL, and the request is
 * copied instead; so nothing depends on a page being mapped.
 */
#ifndef PVBACK_BLK_PERSIST_H
#define PVBACK_BLK_PERSIST_H

#include <stdint.h>

struct gnttab;
struct persist;
struct persist_page;

int persist_new(struct gnttab *gt, uint16_t domid, unsigned int max, struct persist **ret);
void persist_free(struct persist *p); /* unmaps all; none may be in use. NULL is fine */

/* The page behind @gref, mapped if it was not. In use until it is put back. */
struct persist_page *persist_get(struct persist *p, uint32_t gref, uint64_t now_ns);
void persist_put(struct persist_page *page, uint64_t now_ns);
uint8_t *persist_addr(const struct persist_page *page);

/* Unmap what has not been used since @before_ns. Returns how many are left. */
unsigned int persist_release(struct persist *p, uint64_t before_ns);

unsigned int persist_mapped(const struct persist *p);

#endif
