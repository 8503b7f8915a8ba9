/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP segmentation in software, for the few large frames that the guest cannot
 * take as such (behind a VLAN tag; queued before its driver changed). Pure.
 */
#ifndef PVBACK_NET_SEGMENT_H
#define PVBACK_NET_SEGMENT_H

#include <stddef.h>
#include <stdint.h>

#include "headers.h"

/* How many frames a payload of @len - h->hdr_len bytes makes. */
unsigned int net_segments(const struct net_headers *h, size_t len, uint16_t gso_size);

/*
 * Write frame @index of them to @out (h->hdr_len + gso_size bytes are enough),
 * complete with checksums. Returns its length.
 */
size_t net_segment(const uint8_t *data, size_t len, const struct net_headers *h, uint16_t gso_size,
		   unsigned int index, uint8_t *out);

#endif
