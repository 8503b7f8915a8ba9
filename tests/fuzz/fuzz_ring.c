// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * common/ring over a page in which the guest writes what it likes, at any
 * time, beside a model that knows only the indices.
 */
#include "fuzz.h"

#include <errno.h>

#include "ring/ring.h"

#define HEADER 64u

static uint8_t page[2 * 4096] __attribute__((aligned(4096)));

static struct {
	size_t bytes, slot_size;
	uint32_t nr_slots;
	uint32_t cons, prod; /* ours, private */
	uint32_t pushed;
} model;

static uint32_t index_at(unsigned int word)
{
	uint32_t value;

	memcpy(&value, page + 4 * word, sizeof(value));
	return value;
}

static void set_index(unsigned int word, uint32_t value)
{
	memcpy(page + 4 * word, &value, sizeof(value));
}

/* Mostly near to what our own indices are: the corners are there. */
static uint32_t any_index(struct fuzz *f)
{
	switch (fuzz_below(f, 4)) {
	case 0:
		return fuzz_u32(f);
	case 1:
		return model.cons + (uint32_t)(int8_t)fuzz_u8(f);
	case 2:
		return model.prod + (uint32_t)(int8_t)fuzz_u8(f);
	default:
		return model.prod + model.nr_slots + (uint32_t)(int8_t)fuzz_u8(f);
	}
}

static const uint8_t *slot(uint32_t index)
{
	return page + HEADER + (index % model.nr_slots) * model.slot_size;
}

static void check_avail(struct ring *r)
{
	uint32_t n = 0xdeadbeef, prod = index_at(0);
	int err = ring_avail(r, &n);
	uint64_t owed = (uint32_t)(prod - model.prod);
	uint64_t fresh = (uint32_t)(prod - model.cons);

	CHECK((err == 0) == (owed <= model.nr_slots && fresh <= model.nr_slots));
	CHECK(err == 0 ? n == fresh : n == 0xdeadbeef);
}

static void take(struct fuzz *f, struct ring *r)
{
	uint8_t got[256], want[256];
	uint32_t n, ahead = fuzz_below(f, model.nr_slots);

	if (ring_avail(r, &n) != 0 || n == 0)
		return;
	memcpy(want, slot(model.cons + ahead), model.slot_size);
	ring_peek(r, ahead, got, model.slot_size);
	CHECK(memcmp(got, want, model.slot_size) == 0);
	memcpy(want, slot(model.cons), model.slot_size);
	ring_take(r, got, model.slot_size);
	CHECK(memcmp(got, want, model.slot_size) == 0);
	model.cons++;
}

/* Only what is owed is answered; nothing else in the page changes. */
static void put(struct fuzz *f, struct ring *r)
{
	static uint8_t before[sizeof(page)];
	uint8_t rsp[16];
	size_t size = 1 + fuzz_below(f, sizeof(rsp)), at;

	if (ring_inflight(r) == 0)
		return;
	if (size > model.slot_size)
		size = model.slot_size;
	memcpy(before, page, sizeof(page));
	fuzz_bytes(f, rsp, size);
	ring_put(r, rsp, size);
	at = (size_t)(slot(model.prod) - page);
	memcpy(before + at, rsp, size);
	CHECK(memcmp(before, page, sizeof(page)) == 0);
	model.prod++;
}

/* The frontend is told when its rsp_event lies in (pushed, prod]. */
static void push(struct ring *r)
{
	uint32_t event = index_at(3);
	bool want = false, told;

	for (uint32_t i = model.pushed; i != model.prod; i++)
		want |= i + 1 == event;
	told = ring_push(r);
	CHECK(told == want);
	if (model.pushed != model.prod)
		CHECK(index_at(2) == model.prod);
	model.pushed = model.prod;
}

static void arm(struct fuzz *f, struct ring *r)
{
	uint32_t want = 1 + fuzz_below(f, model.nr_slots);
	bool now = ring_arm(r, want);

	CHECK(index_at(1) == model.cons + want);
	CHECK(now == (index_at(0) - model.cons >= want));
}

static int attach(struct fuzz *f, struct ring *r)
{
	static const size_t sizes[] = { 8, 12, 108, 112 };
	uint32_t n = 0;

	model.slot_size = sizes[fuzz_below(f, 4)];
	model.bytes = 4096 * (1 + fuzz_below(f, 2));
	for (model.nr_slots = 1; HEADER + 2 * model.nr_slots * model.slot_size <= model.bytes;)
		model.nr_slots *= 2;
	model.cons = model.prod = model.pushed = fuzz_u8(f) & 1 ? 0 : fuzz_u32(f);
	set_index(2, model.prod);
	n = fuzz_below(f, 512);
	set_index(0, model.prod + n);
	if (ring_attach(r, page, model.bytes, model.slot_size) != 0) {
		CHECK(n > model.nr_slots);
		return -EPROTO;
	}
	CHECK(n <= model.nr_slots && r->nr_slots == model.nr_slots);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	struct ring r;

	for (size_t i = 0; i < sizeof(page); i++)
		page[i] = fuzz_pattern(i);
	if (attach(&f, &r) != 0)
		return 0;
	while (f.left > 0) {
		switch (fuzz_below(&f, 8)) {
		case 0:
			take(&f, &r);
			break;
		case 1:
			put(&f, &r);
			break;
		case 2:
			push(&r);
			break;
		case 3:
			arm(&f, &r);
			break;
		case 4:
			set_index(0, any_index(&f));
			break;
		case 5:
			set_index(1 + fuzz_below(&f, 3), any_index(&f));
			break;
		case 6:
			page[fuzz_below(&f, sizeof(page))] = fuzz_u8(&f);
			break;
		default:
			for (unsigned int n = fuzz_u8(&f); n > 0; n--)
				take(&f, &r);
		}
		check_avail(&r);
		CHECK(ring_inflight(&r) == model.cons - model.prod);
		CHECK(ring_inflight(&r) <= model.nr_slots);
	}
	return 0;
}
