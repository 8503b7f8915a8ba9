// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writes that are kept for a server that may forget them, beside a list of them and two
 * plain arrays of bytes: what the guest was told is on the disk, and what the server has.
 * Whoever comes back has forgotten any of the writes since the last good flush;
 * those, no other, are given to it again, and then it has every byte the guest
 * was told of. Room is granted while there is some, never more than there is.
 */
#include "fuzz.h"

#include "base/util.h"
#include "unflushed.h"

#define DISK (UNFLUSHED_WRITE_MAX + 0x20000u)
#define POOL (6u << 20)
#define NR_ACTIONS 4096u
#define NR_FLYING 16u
#define NR_FLUSHES 4u

/* What a write takes at most, and what two of the largest take. */
#define HEAD 16u
#define COST(len) ((uint64_t)(len) + 2 * HEAD - 1)
#define LEAST_SIZE (2 * (UNFLUSHED_WRITE_MAX + HEAD))

struct write {
	uint32_t offset, len, pattern;
};

struct flush {
	bool begun;
	uint64_t mark;	    /* the end of what is kept, when it began */
	unsigned int acked; /* writes that were answered then */
};

static _Alignas(16) uint8_t pool[POOL];
static uint8_t bytes[DISK + 4096]; /* what is written is from here */
static struct unflushed u;

static struct {
	uint8_t told[DISK], server[DISK];
	uint32_t reach;			/* beyond it nothing was written */
	struct write acked[NR_ACTIONS]; /* in their order */
	unsigned int first, nr;		/* of these, what the server may forget */
	struct write flying[NR_FLYING]; /* have room; 0 bytes: none */
	struct flush flushes[NR_FLUSHES];
} model;

static void write_to(uint8_t *disk, const struct write *w)
{
	memcpy(disk + w->offset, bytes + w->pattern, w->len);
}

/* All that has room, at its worst; and one piece of memory that was too short and skipped. */
static uint64_t most_in_use(void)
{
	uint64_t sum = UNFLUSHED_WRITE_MAX + HEAD;

	for (unsigned int i = model.first; i < model.nr; i++)
		sum += COST(model.acked[i].len);
	for (unsigned int i = 0; i < NR_FLYING; i++)
		sum += model.flying[i].len ? COST(model.flying[i].len) : 0;
	return sum;
}

/* The bytes alone; in use if there are any. */
static uint64_t least_in_use(void)
{
	uint64_t sum = 0;

	for (unsigned int i = model.first; i < model.nr; i++)
		sum += model.acked[i].len;
	for (unsigned int i = 0; i < NR_FLYING; i++)
		sum += model.flying[i].len;
	return sum;
}

static void check_bounds(void)
{
	CHECK(unflushed_bytes(&u) <= u.size);
	CHECK(unflushed_bytes(&u) + u.reserved <= u.size);
	CHECK(unflushed_bytes(&u) + u.reserved >= least_in_use());
	CHECK((unflushed_bytes(&u) == 0) == (model.first == model.nr));
}

static uint32_t pick_len(struct fuzz *f)
{
	switch (fuzz_below(f, 8)) {
	case 0:
		return UNFLUSHED_WRITE_MAX - fuzz_u8(f);
	case 1:
		return UNFLUSHED_WRITE_MAX - fuzz_u16(f) * 8u;
	case 2:
	case 3:
		return 1u + fuzz_u8(f);
	default:
		return 1u + fuzz_u16(f);
	}
}

static void begin_write(struct fuzz *f)
{
	struct write *w = &model.flying[fuzz_below(f, NR_FLYING)];
	uint32_t len = pick_len(f);
	bool empty = least_in_use() == 0, room;

	if (w->len)
		return;
	room = unflushed_reserve(&u, len);
	CHECK(room || !empty);
	CHECK(room || most_in_use() + COST(len) + UNFLUSHED_WRITE_MAX + HEAD > u.size);
	if (!room)
		return;
	*w = (struct write){ .offset = fuzz_u16(f), .len = len, .pattern = fuzz_u16(f) % 4096 };
	model.reach = MAX(model.reach, w->offset + len);
}

/* The server's answer. */
static void end_write(struct fuzz *f)
{
	uint8_t which = fuzz_u8(f);
	struct write *w = &model.flying[which % NR_FLYING];

	if (!w->len)
		return;
	if (which >= 0xe0) {
		unflushed_cancel(&u, w->len);
	} else {
		write_to(model.server, w);
		write_to(model.told, w);
		unflushed_add(&u, w->offset, bytes + w->pattern, w->len);
		CHECK(model.nr < NR_ACTIONS);
		model.acked[model.nr++] = *w;
	}
	w->len = 0;
}

/* It covers what is answered by now. */
static void begin_flush(struct fuzz *f)
{
	model.flushes[fuzz_below(f, NR_FLUSHES)] = (struct flush){ true, u.end, model.nr };
}

/* In any order; a failed one covers nothing. */
static void end_flush(struct fuzz *f)
{
	uint8_t which = fuzz_u8(f);
	struct flush *flush = &model.flushes[which % NR_FLUSHES];

	if (flush->begun && which < 0xe0) {
		unflushed_drop(&u, flush->mark);
		model.first = MAX(model.first, flush->acked);
	}
	flush->begun = false;
}

/* At most @most of them, the oldest first; is it done with all? */
static bool replay(unsigned int most)
{
	uint64_t at = u.begin;
	struct unflushed_write w;
	unsigned int i = model.first;

	for (; i < model.first + most && unflushed_next(&u, &at, &w); i++) {
		CHECK(i < model.nr);
		CHECK(w.offset == model.acked[i].offset && w.len == model.acked[i].len);
		CHECK(w.data >= u.memory && w.data + w.len <= u.memory + u.size);
		memcpy(model.server + w.offset, w.data, w.len);
	}
	return i < model.first + most;
}

static void forget(uint8_t which)
{
	for (unsigned int i = model.first; i < model.nr; i++)
		if (which >> i % 8 & 1)
			memset(model.server + model.acked[i].offset, which, model.acked[i].len);
}

/* The server dies and comes back, without some of what it had in memory only. */
static void lose(struct fuzz *f)
{
	uint8_t which = fuzz_u8(f);

	memset(model.flushes, 0, sizeof(model.flushes));
	forget(which);
	/* It may be gone again before it has everything. */
	if (which & 1 && !replay(fuzz_u8(f)))
		forget(fuzz_u8(f));
	CHECK(replay(NR_ACTIONS + 1));
	CHECK(memcmp(model.server, model.told, model.reach) == 0);
}

static void act(struct fuzz *f)
{
	switch (fuzz_below(f, 16)) {
	case 0:
		begin_flush(f);
		break;
	case 1:
		end_flush(f);
		break;
	case 2:
		lose(f);
		break;
	case 3:
		/* Memory in which nothing is kept is given back. */
		if (unflushed_bytes(&u) == 0)
			memset(u.memory, 0, u.size);
		break;
	case 4:
	case 5:
	case 6:
	case 7:
	case 8:
	case 9:
		begin_write(f);
		break;
	default:
		end_write(f);
	}
	check_bounds();
}

/* The server's last word is a good flush. */
static void finish(struct fuzz *f)
{
	for (unsigned int i = 0; i < NR_FLYING; i++)
		if (model.flying[i].len)
			unflushed_cancel(&u, model.flying[i].len);
	CHECK(u.reserved == 0);
	CHECK(replay(NR_ACTIONS + 1));
	lose(f);
	unflushed_drop(&u, u.end);
	model.first = model.nr;
	CHECK(unflushed_bytes(&u) == 0 && replay(1));
}

static void begin(struct fuzz *f)
{
	uint32_t size = LEAST_SIZE + fuzz_u16(f) % ((POOL - LEAST_SIZE) / 64) * 64;

	if (bytes[1] == 0)
		for (uint32_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = fuzz_pattern(i + 1u) | 1;
	memset(model.told, 0, model.reach);
	memset(model.server, 0, model.reach);
	memset(model.flying, 0, sizeof(model.flying));
	memset(model.flushes, 0, sizeof(model.flushes));
	model.reach = model.first = model.nr = 0;
	/* At the end of it, so that a byte too far is seen. */
	unflushed_init(&u, pool + POOL - size, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size < NR_ACTIONS ? size : NR_ACTIONS };

	begin(&f);
	while (f.left > 0)
		act(&f);
	finish(&f);
	return 0;
}
