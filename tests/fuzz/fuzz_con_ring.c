// SPDX-License-Identifier: GPL-2.0-or-later
/* The console page under a guest that writes anywhere in it, at any time. */
#include "fuzz.h"

#include <errno.h>

#include <xen/io/console.h>

#include "../../consoled/ring.h"

static union {
	struct xencons_interface ring;
	uint8_t bytes[4096];
} page;

static struct {
	uint32_t out_cons, in_prod;
} model;

static uint32_t any_index(struct fuzz *f, uint32_t near)
{
	switch (fuzz_below(f, 4)) {
	case 0:
		return fuzz_u32(f);
	case 1:
		return near + CON_RING_OUT_SIZE + (uint32_t)(int8_t)fuzz_u8(f);
	case 2:
		return near - CON_RING_IN_SIZE + (uint32_t)(int8_t)fuzz_u8(f);
	default:
		return near + fuzz_u16(f) % 4096;
	}
}

static void check_indices(struct con_ring *r, uint32_t *ret_avail, uint32_t *ret_room)
{
	uint32_t avail = 0, room = 0;
	int err = con_ring_avail(r, &avail);

	CHECK((err == 0) == (page.ring.out_prod - model.out_cons <= CON_RING_OUT_SIZE));
	CHECK(err ? err == -EPROTO : model.out_cons + avail == page.ring.out_prod);
	CHECK(avail <= CON_RING_OUT_SIZE);
	err = con_ring_room(r, &room);
	CHECK((err == 0) == (model.in_prod - page.ring.in_cons <= CON_RING_IN_SIZE));
	CHECK(err ? err == -EPROTO
		  : room + (model.in_prod - page.ring.in_cons) == CON_RING_IN_SIZE);
	CHECK(room <= CON_RING_IN_SIZE);
	*ret_avail = avail;
	*ret_room = room;
}

static void take(struct con_ring *r, uint32_t n)
{
	uint8_t *buf = malloc(n + !n);
	uint8_t before[4096];

	memcpy(before, page.bytes, sizeof(before));
	con_ring_take(r, buf, n);
	for (uint32_t i = 0; i < n; i++, model.out_cons++)
		CHECK(buf[i] == (uint8_t)page.ring.out[model.out_cons % CON_RING_OUT_SIZE]);
	CHECK(page.ring.out_cons == model.out_cons);
	memcpy(before + offsetof(struct xencons_interface, out_cons), &page.ring.out_cons, 4);
	CHECK(memcmp(before, page.bytes, sizeof(before)) == 0);
	free(buf);
}

static void put(struct fuzz *f, struct con_ring *r, uint32_t n)
{
	uint8_t *buf = malloc(n + !n);
	static union {
		struct xencons_interface ring;
		uint8_t bytes[4096];
	} want;

	memcpy(&want, &page, sizeof(want));
	fuzz_bytes(f, buf, n < 16 ? n : 16);
	for (uint32_t i = 16; i < n; i++)
		buf[i] = fuzz_pattern(i);
	for (uint32_t i = 0; i < n; i++)
		want.ring.in[model.in_prod++ % CON_RING_IN_SIZE] = (char)buf[i];
	want.ring.in_prod = model.in_prod;
	con_ring_put(r, buf, n);
	CHECK(memcmp(want.bytes, page.bytes, sizeof(want)) == 0);
	free(buf);
}

static bool attach(struct fuzz *f, struct con_ring *r)
{
	uint8_t *connection = page.bytes + offsetof(struct xencons_interface, out_prod) + 4;
	bool possible;

	for (size_t i = 0; i < sizeof(page); i++)
		page.bytes[i] = fuzz_pattern(i);
	model.out_cons = page.ring.out_cons = fuzz_u8(f) & 1 ? 0 : fuzz_u32(f);
	model.in_prod = page.ring.in_prod = fuzz_u8(f) & 1 ? 0 : fuzz_u32(f);
	page.ring.out_prod = model.out_cons + fuzz_u16(f) % 4096;
	page.ring.in_cons = model.in_prod - fuzz_u16(f) % 2048;
	*connection = fuzz_u8(f);
	possible = page.ring.out_prod - model.out_cons <= CON_RING_OUT_SIZE &&
		   model.in_prod - page.ring.in_cons <= CON_RING_IN_SIZE;
	CHECK((con_ring_attach(r, &page) == 0) == possible);
	CHECK(!possible || *connection != 1);
	return possible;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	uint32_t avail, room;
	struct con_ring r;

	if (!attach(&f, &r))
		return 0;
	while (f.left > 0) {
		check_indices(&r, &avail, &room);
		switch (fuzz_below(&f, 5)) {
		case 0:
			take(&r, avail ? fuzz_u16(&f) % (avail + 1) : 0);
			break;
		case 1:
			put(&f, &r, room ? fuzz_u16(&f) % (room + 1) : 0);
			break;
		case 2:
			page.ring.out_prod = any_index(&f, model.out_cons);
			break;
		case 3:
			page.ring.in_cons = any_index(&f, model.in_prod);
			break;
		default:
			page.bytes[fuzz_u16(&f) % sizeof(page)] = fuzz_u8(&f);
		}
	}
	return 0;
}
