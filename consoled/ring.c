// SPDX-License-Identifier: GPL-2.0-or-later
/* The console page, see ring.h. */
#include "ring.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <xen/io/console.h>

#include "base/util.h"

_Static_assert(sizeof(((struct xencons_interface *)0)->out) == CON_RING_OUT_SIZE,
	       "size of the ring from the guest");
_Static_assert(sizeof(((struct xencons_interface *)0)->in) == CON_RING_IN_SIZE,
	       "size of the ring to the guest");

/*
 * Since Xen 4.21 a byte after the indices says whether a backend serves the
 * page; the toolstack sets it to 1 and the guest may wait for a 0. Older
 * headers do not name it, and in older pages it is 0 already.
 */
#define CONNECTION_OFFSET (offsetof(struct xencons_interface, out_prod) + 4)
#define CONNECTION_PENDING 1

static void say_connected(void *shared)
{
	volatile uint8_t *connection = (uint8_t *)shared + CONNECTION_OFFSET;

	if (*connection == CONNECTION_PENDING)
		*connection = 0;
}

int con_ring_attach(struct con_ring *r, void *shared)
{
	struct xencons_interface *page = shared;
	uint32_t n;
	int err;

	r->shared = shared;
	r->out_cons = __atomic_load_n(&page->out_cons, __ATOMIC_RELAXED);
	r->in_prod = __atomic_load_n(&page->in_prod, __ATOMIC_RELAXED);
	err = con_ring_avail(r, &n);
	if (!err)
		err = con_ring_room(r, &n);
	if (!err)
		say_connected(shared);
	return err;
}

int con_ring_avail(const struct con_ring *r, uint32_t *ret)
{
	const struct xencons_interface *shared = r->shared;
	/* Pairs with the guest's barrier between bytes and out_prod. */
	uint32_t prod = __atomic_load_n(&shared->out_prod, __ATOMIC_ACQUIRE);

	if (prod - r->out_cons > CON_RING_OUT_SIZE)
		return -EPROTO;
	*ret = prod - r->out_cons;
	return 0;
}

void con_ring_take(struct con_ring *r, uint8_t *buf, uint32_t n)
{
	struct xencons_interface *shared = r->shared;
	uint32_t start = r->out_cons & (CON_RING_OUT_SIZE - 1);
	uint32_t first = MIN(n, CON_RING_OUT_SIZE - start);

	memcpy(buf, shared->out + start, first);
	memcpy(buf + first, shared->out, n - first);
	r->out_cons += n;
	/* The guest may overwrite the bytes once it sees this. */
	__atomic_store_n(&shared->out_cons, r->out_cons, __ATOMIC_RELEASE);
}

int con_ring_room(const struct con_ring *r, uint32_t *ret)
{
	const struct xencons_interface *shared = r->shared;
	/* Pairs with the guest's barrier between its reads and in_cons. */
	uint32_t cons = __atomic_load_n(&shared->in_cons, __ATOMIC_ACQUIRE);

	if (r->in_prod - cons > CON_RING_IN_SIZE)
		return -EPROTO;
	*ret = CON_RING_IN_SIZE - (r->in_prod - cons);
	return 0;
}

void con_ring_put(struct con_ring *r, const uint8_t *buf, uint32_t n)
{
	struct xencons_interface *shared = r->shared;
	uint32_t start = r->in_prod & (CON_RING_IN_SIZE - 1);
	uint32_t first = MIN(n, CON_RING_IN_SIZE - start);

	memcpy(shared->in + start, buf, first);
	memcpy(shared->in, buf + first, n - first);
	r->in_prod += n;
	/* Bytes first, then the index by which the guest finds them. */
	__atomic_store_n(&shared->in_prod, r->in_prod, __ATOMIC_RELEASE);
}
