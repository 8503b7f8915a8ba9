// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pair.c: what is put comes, in order and whole, as long as there is room by a model that counts;
 * and whatever somebody writes into the memory, neither side goes outside of it.
 */
#include "fuzz.h"

#include <errno.h>

#include "pair.h"
#include "rx_plan.h"

#define HEAD 12u

static struct net_pair_half half;
static struct pair_tx tx;
static struct pair_rx rx;
static uint8_t data[HEAD + 65535];

/* Put and not taken yet. */
static struct {
	uint32_t len;
	uint8_t seed;
} queue[NET_PAIR_SLOTS];
static uint32_t in, published, out, heard;

static uint8_t byte_of(uint8_t seed, uint32_t i)
{
	return (uint8_t)(seed + i * 13 + i / 251);
}

/* Ends and a few in between: that is where a wrong place shows. */
static void paint(uint8_t seed, uint32_t len)
{
	for (uint32_t i = 0; i < len; i += i < 64 ? 1 : 61)
		data[i] = byte_of(seed, i);
	data[len - 1] = byte_of(seed, len - 1);
}

static void put(struct fuzz *f)
{
	uint8_t seed = fuzz_u8(f);
	uint32_t len = HEAD + 14 + fuzz_u16(f) % (65535 - 14);
	int ret;

	paint(seed, len);
	ret = pair_put(&tx, data, len);
	CHECK(ret == 0 || ret == -ENOSPC);
	CHECK(ret || in - heard < NET_PAIR_SLOTS);
	/* A sixteenth of the area is always enough for one, if no more is there. */
	CHECK(!ret || in - heard >= 16);
	if (ret)
		return;
	queue[in % NET_PAIR_SLOTS].len = len;
	queue[in++ % NET_PAIR_SLOTS].seed = seed;
}

static void take(void)
{
	struct net_pair_slot slot;
	uint32_t len = queue[out % NET_PAIR_SLOTS].len;
	uint8_t seed = queue[out % NET_PAIR_SLOTS].seed;
	const uint8_t *at;

	CHECK(pair_waiting(&rx) == (published != out));
	CHECK(pair_next(&rx, &slot) == (published != out));
	if (published == out)
		return;
	CHECK(slot.len == len);
	at = half.area + slot.off;
	for (uint32_t i = 0; i < len; i += i < 64 ? 1 : 61)
		CHECK(at[i] == byte_of(seed, i));
	CHECK(at[len - 1] == byte_of(seed, len - 1));
	pair_done(&rx);
	out++;
}

static void one_step(struct fuzz *f)
{
	switch (fuzz_u8(f) % 8) {
	case 0:
	case 1:
	case 2:
		put(f);
		break;
	case 3:
		pair_publish(&tx);
		published = in;
		break;
	case 4:
	case 5:
		take();
		break;
	case 6:
		CHECK(pair_refresh(&tx) == 0);
		heard = out;
		break;
	case 7:
		if (fuzz_u8(f) & 1)
			break;
		CHECK(pair_skip(&rx) == (int)(published - out));
		out = published;
		break;
	}
}

/* A peer that has been broken into. */
static void noise(struct fuzz *f)
{
	struct net_pair_slot slot;
	int ret;

	atomic_store(&half.prod, fuzz_u8(f) & 1 ? rx.cons + fuzz_u8(f) : fuzz_u32(f));
	atomic_store(&half.cons, fuzz_u8(f) & 1 ? tx.cons + fuzz_u8(f) : fuzz_u32(f));
	half.slots[rx.cons % NET_PAIR_SLOTS].off = fuzz_u32(f) >> fuzz_u8(f) % 32;
	half.slots[rx.cons % NET_PAIR_SLOTS].len = fuzz_u32(f) >> fuzz_u8(f) % 32;
	ret = pair_next(&rx, &slot);
	CHECK(ret == 0 || ret == 1 || ret == -EPROTO);
	if (ret == 1) {
		CHECK(slot.len >= HEAD + 14 && slot.len <= HEAD + NET_RX_MAX_FRAME);
		CHECK((uint64_t)slot.off + slot.len <= NET_PAIR_AREA);
		pair_done(&rx);
	}
	ret = pair_refresh(&tx);
	CHECK(ret == 0 || ret == -EPROTO);
	CHECK(tx.prod - tx.cons <= NET_PAIR_SLOTS);
	paint(1, 100);
	pair_put(&tx, data, 100);
	ret = pair_skip(&rx);
	CHECK(ret <= (int)NET_PAIR_SLOTS);
}

static void pick(struct fuzz *f)
{
	struct pair_view v = { .nr = fuzz_u8(f) % (NET_PAIR_PEERS + 1) };
	uint8_t frame[14];
	int to;

	fuzz_bytes(f, frame, sizeof(frame));
	v.own = fuzz_u8(f) & 3 ? pair_mac(frame + 6) : 1;
	for (unsigned int i = 0; i < v.nr; i++) {
		v.to[i].mac = fuzz_u8(f) & 1 ? pair_mac(frame) : fuzz_u8(f);
		v.to[i].max_len = 1514;
	}
	to = pair_pick(&v, frame, 60, false);
	CHECK(to < (int)v.nr);
	CHECK(to < 0 || (v.to[to].mac == pair_mac(frame) && v.own == pair_mac(frame + 6) &&
			 !(frame[12] == 0x81 && frame[13] == 0)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct fuzz f = { bytes, size };
	uint32_t first = fuzz_u32(&f);

	atomic_store(&half.prod, first);
	atomic_store(&half.cons, first);
	tx = (struct pair_tx){ .shared = &half, .prod = first, .cons = first };
	rx = (struct pair_rx){ .shared = &half, .cons = first };
	in = published = out = heard = first;
	pick(&f);
	while (f.left > 8)
		one_step(&f);
	for (unsigned int i = 0; i < 4; i++)
		noise(&f);
	return 0;
}
