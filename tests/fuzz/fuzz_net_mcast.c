// SPDX-License-Identifier: GPL-2.0-or-later
/* mcast.c against a list that counts: any order of adding and deleting, and lists made by somebody else. */
#include "fuzz.h"

#include <errno.h>

#include "mcast.h"

#define KINDS 4096u

static struct net_mcast m, copy;
static uint32_t times[KINDS];
static unsigned int nr;

/* Few addresses, so that they meet; odd kinds are unicast. */
static const uint8_t *address(unsigned int kind)
{
	static uint8_t addr[6];

	memcpy(addr, (const uint8_t[]){ 0x01, 0, 0x5e, 0, 0, 0 }, 6);
	addr[0] = (uint8_t)(kind & 1 ? 2 : 1);
	addr[4] = (uint8_t)(kind >> 8);
	addr[5] = (uint8_t)kind;
	return addr;
}

static void add(unsigned int kind)
{
	int want = 0;

	if (kind & 1)
		want = -EINVAL;
	else if (times[kind] == 0xffff || (!times[kind] && nr == NET_MCAST_MAX))
		want = -ENOSPC;
	CHECK(net_mcast_add(&m, address(kind)) == want);
	nr += !want && !times[kind];
	times[kind] += !want;
}

static void del(unsigned int kind)
{
	net_mcast_del(&m, address(kind));
	nr -= times[kind] == 1;
	times[kind] -= times[kind] > 0;
}

static void check(const struct net_mcast *list)
{
	CHECK(list->nr == nr && nr <= NET_MCAST_MAX);
	for (unsigned int kind = 0; kind < KINDS; kind++)
		CHECK(net_mcast_has(list, address(kind)) == (times[kind] > 0));
}

/* Whatever is in the memory: a list whose chains end, or none. */
static void load_noise(struct fuzz *f)
{
	static struct net_mcast noise;
	unsigned int some = fuzz_u16(f) % NET_MCAST_SLOTS;

	memset(&noise, 0, sizeof(noise));
	for (unsigned int i = 0; i < some; i++)
		noise.slots[fuzz_u16(f) % NET_MCAST_SLOTS] = fuzz_u64(f);
	if (!net_mcast_load(&copy, &noise))
		return;
	CHECK(copy.nr <= NET_MCAST_MAX);
	net_mcast_has(&copy, address(0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };

	memset(&m, 0, sizeof(m));
	memset(times, 0, sizeof(times));
	nr = 0;
	while (f.left > 0) {
		uint8_t what = fuzz_u8(&f);
		unsigned int kind = fuzz_u16(&f) % KINDS;

		if (what < 100)
			add(kind);
		else if (what < 110) /* many that lie side by side */
			for (unsigned int i = kind & ~1u; i < KINDS && i < kind + 200; i += 2)
				add(i);
		else if (what < 250)
			del(kind);
		else
			load_noise(&f);
	}
	check(&m);
	CHECK(net_mcast_load(&copy, &m));
	check(&copy);
	return 0;
}
