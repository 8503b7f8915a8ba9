/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rule of one grant, for mappings (hypervisor) and copies (library). */
#ifndef STANDIN_GRANT_H
#define STANDIN_GRANT_H

#include <stdbool.h>

#include "shared.h"

/*
 * May domain @who have the page behind @gref of @d? GNTST_okay and the frame,
 * or the status Xen gives (xen/common/grant_table.c). The guest may change the
 * entry meanwhile, so its flags and domain are read as one word, once.
 */
static inline int16_t grant_judge(struct standin_domain *d, uint32_t gref, uint16_t who,
				  bool writable, uint32_t *ret_frame)
{
	uint32_t head, frame;

	if (gref >= STANDIN_GREFS)
		return GNTST_bad_gntref;
	head = atomic_load((_Atomic uint32_t *)&d->grants[gref]);
	frame = atomic_load((_Atomic uint32_t *)&d->grants[gref].frame);
	/* little endian: flags below, domid above */
	if ((head & GTF_type_mask) != GTF_permit_access || head >> 16 != who)
		return GNTST_general_error;
	if (writable && (head & GTF_readonly))
		return GNTST_general_error;
	if (frame >= STANDIN_FRAMES)
		return GNTST_bad_page;
	*ret_frame = frame;
	return GNTST_okay;
}

#endif
