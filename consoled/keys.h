/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What XenStore says of a domain's console 0. Only the toolstack writes it. */
#ifndef PVBACK_CONSOLED_KEYS_H
#define PVBACK_CONSOLED_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "xen/store.h"

struct con_keys {
	uint32_t port;
	/*
	 * Frame number of the ring, to see a new ring by. It is mapped by
	 * grant: reference 0 is the console's in every domain.
	 */
	uint64_t ring_ref;
	uint64_t limit; /* bytes to keep for a reader, judged */
	char vm[64];	/* which virtual machine, to see a reused domid by */
};

/*
 * 0; -ENOENT: not there (yet, or any more); -ENOTSUP: served by somebody
 * else (QEMU, another domain); -EINVAL: written wrong.
 */
int con_keys_read(struct store *store, uint16_t domid, struct con_keys *ret);

bool con_keys_same_ring(const struct con_keys *a, const struct con_keys *b);

#endif
