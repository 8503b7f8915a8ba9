// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The multicast addresses that a guest wants to hear: a hash table with linear
 * probing and no holes in its chains. A guest that chooses its addresses such
 * that they fall on each other makes its own packets slow: at most NET_MCAST_MAX
 * steps each.
 */
#include "mcast.h"

#include <errno.h>

#define COUNT_SHIFT 48
#define COUNT_MAX 0xffffu
#define ADDR_MASK ((1ull << COUNT_SHIFT) - 1)
#define GROUP_BIT (1ull << 40) /* of the first byte */

static uint64_t pack(const uint8_t addr[6])
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < 6; i++)
		value = value << 8 | addr[i];
	return value;
}

static uint32_t home(uint64_t value)
{
	/* Fibonacci hashing: addresses of a kind differ in few bits. */
	return (uint32_t)((value & ADDR_MASK) * 0x9e3779b97f4a7c15ull >> 53) % NET_MCAST_SLOTS;
}

static uint32_t after(uint32_t slot)
{
	return (slot + 1) % NET_MCAST_SLOTS;
}

/* Where it is, or the free slot where it would be. */
static uint32_t find(const struct net_mcast *m, uint64_t value)
{
	uint32_t i = home(value);

	while (m->slots[i] && ((m->slots[i] ^ value) & ADDR_MASK))
		i = after(i);
	return i;
}

static int add_times(struct net_mcast *m, uint64_t value, uint64_t times)
{
	uint32_t i = find(m, value);

	if (!(value & GROUP_BIT))
		return -EINVAL;
	if ((m->slots[i] >> COUNT_SHIFT) + times > COUNT_MAX)
		return -ENOSPC;
	if (!m->slots[i] && m->nr == NET_MCAST_MAX)
		return -ENOSPC;
	m->nr += !m->slots[i];
	m->slots[i] = (m->slots[i] | value) + (times << COUNT_SHIFT);
	return 0;
}

int net_mcast_add(struct net_mcast *m, const uint8_t addr[6])
{
	return add_times(m, pack(addr), 1);
}

/* Move up what stands behind the free slot @gap and would not be found any more. */
static void close_gap(struct net_mcast *m, uint32_t gap)
{
	for (uint32_t i = after(gap); m->slots[i]; i = after(i)) {
		uint32_t start = home(m->slots[i]);

		/* Does its chain begin behind the gap? */
		if ((i - start) % NET_MCAST_SLOTS < (i - gap) % NET_MCAST_SLOTS)
			continue;
		m->slots[gap] = m->slots[i];
		m->slots[i] = 0;
		gap = i;
	}
}

void net_mcast_del(struct net_mcast *m, const uint8_t addr[6])
{
	uint32_t i = find(m, pack(addr));

	if (!m->slots[i])
		return;
	m->slots[i] -= 1ull << COUNT_SHIFT;
	if (m->slots[i] >> COUNT_SHIFT)
		return;
	m->slots[i] = 0;
	m->nr--;
	close_gap(m, i);
}

bool net_mcast_has(const struct net_mcast *m, const uint8_t addr[6])
{
	return m->slots[find(m, pack(addr))] != 0;
}

bool net_mcast_load(struct net_mcast *m, const struct net_mcast *from)
{
	*m = (struct net_mcast){ 0 };
	for (uint32_t i = 0; i < NET_MCAST_SLOTS; i++) {
		uint64_t value = from->slots[i];

		if (!value)
			continue;
		if (!(value >> COUNT_SHIFT) ||
		    add_times(m, value & ADDR_MASK, value >> COUNT_SHIFT) != 0)
			return false;
	}
	return true;
}
