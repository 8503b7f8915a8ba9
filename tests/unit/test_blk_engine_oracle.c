// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One sequence of reads, writes, flushes and discards over each engine, many in flight, but
 * nothing beside what it overlaps with: every result, what was read and what the file holds in the
 * end are those of the engine that does one after the other.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/util.h"
#include "engine_file.h"

#define SECTOR 512u
#define FILE_BYTES (8u << 20)
#define NR_OPS 1500u
#define SLOTS 32u
#define PIECE_MAX 4096u
#define IOV_MAX_HERE 256u
#define SLOT_BYTES (IOV_MAX_HERE * 2 * PIECE_MAX)

enum kind { READ, WRITE, FLUSH, DISCARD };

struct op {
	enum kind kind;
	uint64_t offset, len;
	unsigned int nr_iov;
	uint64_t seed; /* of its pieces and, if it writes, of its data */
};

struct result {
	int64_t moved;
	int error;
	uint64_t sum; /* of what was read */
};

struct slot {
	bool busy;
	unsigned int op;
	struct iovec iov[IOV_MAX_HERE], left[IOV_MAX_HERE];
	unsigned int first;
	uint8_t *buf;
};

static struct op ops[NR_OPS];
static struct slot slots[SLOTS];

static uint64_t draw(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Pieces in a buffer of their own, with gaps between them. */
static uint64_t lay_out(const struct op *op, struct iovec *iov, uint8_t *buf)
{
	uint64_t seed = op->seed, len = 0;

	for (unsigned int i = 0; i < op->nr_iov; i++) {
		uint64_t size = (1 + draw(&seed) % (PIECE_MAX / SECTOR)) * SECTOR;

		iov[i].iov_base = buf + (size_t)i * 2 * PIECE_MAX + draw(&seed) % 4 * SECTOR;
		iov[i].iov_len = size;
		len += size;
	}
	return len;
}

static unsigned int draw_nr_iov(uint64_t *seed)
{
	static const unsigned int most[] = { 1, 1, 11, 11, 11, 32, 32, IOV_MAX_HERE };

	return 1 + (unsigned int)(draw(seed) % most[draw(seed) % 8]);
}

static void draw_ops(uint64_t seed)
{
	static const enum kind kinds[] = { READ,  READ, READ,  READ,	WRITE, WRITE,
					   WRITE, READ, WRITE, DISCARD, WRITE, FLUSH };

	for (unsigned int i = 0; i < NR_OPS; i++) {
		struct op *op = &ops[i];
		uint64_t sectors = FILE_BYTES / SECTOR;

		op->kind = kinds[draw(&seed) % 12];
		op->seed = draw(&seed) | 1;
		op->nr_iov = draw_nr_iov(&seed);
		op->len = lay_out(op, slots[0].iov, slots[0].buf);
		op->offset = draw(&seed) % sectors * SECTOR;
		/* Reads may go beyond the end; nothing else would leave the file as long as it is. */
		if (op->kind != READ && op->offset + op->len > FILE_BYTES)
			op->offset = FILE_BYTES - op->len;
		if (op->kind == FLUSH)
			op->offset = op->len = 0;
	}
}

static bool is_transfer(const struct op *op)
{
	return op->kind == READ || op->kind == WRITE;
}

static bool collide(const struct op *a, const struct op *b)
{
	return !(a->kind == READ && b->kind == READ) && a->offset < b->offset + b->len &&
	       b->offset < a->offset + a->len;
}

static struct slot *slot_for(unsigned int op)
{
	struct slot *found = NULL;

	for (unsigned int i = 0; i < SLOTS; i++) {
		if (!slots[i].busy)
			found = &slots[i];
		else if (collide(&ops[slots[i].op], &ops[op]))
			return NULL;
	}
	return found;
}

static void start(struct engine *e, struct slot *s, uint64_t moved)
{
	const struct op *op = &ops[s->op];
	uint64_t tag = (uint64_t)(s - slots);

	if (op->kind == READ)
		engine_read(e, tag, s->left + s->first, op->nr_iov - s->first, op->offset + moved);
	else if (op->kind == WRITE)
		engine_write(e, tag, s->left + s->first, op->nr_iov - s->first, op->offset + moved);
	else if (op->kind == FLUSH)
		engine_flush(e, tag);
	else
		engine_discard(e, tag, op->offset, op->len, false);
}

static void begin_op(struct engine *e, struct slot *s, unsigned int index, struct result *r)
{
	const struct op *op = &ops[index];
	uint64_t seed = op->seed + 2;

	s->busy = true;
	s->op = index;
	s->first = 0;
	memset(r, 0, sizeof(*r));
	lay_out(op, s->iov, s->buf);
	for (unsigned int i = 0; i < op->nr_iov; i++)
		for (uint64_t at = 0; at < s->iov[i].iov_len; at += 8) {
			uint64_t value = op->kind == WRITE ? draw(&seed) : 0;

			memcpy((uint8_t *)s->iov[i].iov_base + at, &value, 8);
		}
	memcpy(s->left, s->iov, sizeof(s->iov));
	start(e, s, 0);
}

static void consume(struct slot *s, uint64_t moved)
{
	while (moved > 0 && moved >= s->left[s->first].iov_len)
		moved -= s->left[s->first++].iov_len;
	if (moved > 0) {
		s->left[s->first].iov_base = (uint8_t *)s->left[s->first].iov_base + moved;
		s->left[s->first].iov_len -= moved;
	}
}

static void finish(struct slot *s, struct result *r)
{
	const struct op *op = &ops[s->op];
	uint64_t sum = 0;

	for (unsigned int i = 0; i < op->nr_iov && op->kind == READ; i++)
		for (uint64_t at = 0; at < s->iov[i].iov_len; at += 8) {
			uint64_t value;

			memcpy(&value, (uint8_t *)s->iov[i].iov_base + at, 8);
			sum = (sum ^ value) * 0x100000001b3ull;
		}
	r->sum = sum;
	s->busy = false;
}

/* As a request does it: pieces add up, and a piece of nothing is the end of the file. */
static bool advance(struct engine *e, struct slot *s, struct result *r, int32_t res)
{
	const struct op *op = &ops[s->op];

	if (res < 0 && res != -EINTR && res != -EAGAIN)
		r->error = res;
	if (res > 0 && is_transfer(op)) {
		r->moved += res;
		consume(s, (uint64_t)res);
	}
	if (r->error || (is_transfer(op) ? res == 0 || (uint64_t)r->moved == op->len : res == 0)) {
		finish(s, r);
		return true;
	}
	start(e, s, (uint64_t)r->moved);
	return false;
}

static unsigned int take(struct engine *e, struct result *results)
{
	struct engine_done done[7];
	unsigned int nr = engine_reap(e, done, 7), finished = 0;

	for (unsigned int i = 0; i < nr; i++) {
		struct slot *s = &slots[done[i].tag];

		assert_true(done[i].tag < SLOTS && s->busy);
		finished += advance(e, s, &results[s->op], done[i].res);
	}
	return finished;
}

static void play(enum blk_engine kind, struct result *results, uint8_t *bytes)
{
	int fd = engine_file(FILE_BYTES, O_RDWR);
	unsigned int next = 0, finished = 0, wait_nr;
	uint64_t seed = 77;
	struct engine *e;

	assert_true(fd >= 0);
	assert_int_equal(engine_make(kind, fd, SLOTS, &e), 0);
	while (finished < NR_OPS) {
		unsigned int batch = 1 + (unsigned int)(draw(&seed) % SLOTS);
		struct slot *s;

		for (; batch > 0 && next < NR_OPS && (s = slot_for(next)); batch--, next++)
			begin_op(e, s, next, &results[next]);
		/* Gather now and then, as a queue does; and sometimes only look. */
		wait_nr = (unsigned int)(draw(&seed) % 4);
		wait_nr = MIN(wait_nr, next - finished);
		assert_int_equal(engine_submit(e, wait_nr, wait_nr > 1 ? 100000 : 0), 0);
		finished += take(e, results);
	}
	assert_false(engine_ready(e));
	engine_close(e);
	assert_int_equal(lseek(fd, 0, SEEK_END), FILE_BYTES);
	assert_int_equal(pread(fd, bytes, FILE_BYTES, 0), FILE_BYTES);
	close(fd);
}

static void same_as_the_oracle(void **state)
{
	static struct result results[3][NR_OPS];
	static _Alignas(4096) uint8_t bytes[2][FILE_BYTES];
	unsigned int short_reads = 0;

	draw_ops(4711);
	play(BLK_ENGINE_SYNC, results[0], bytes[0]);
	for (enum blk_engine kind = BLK_ENGINE_URING; kind <= BLK_ENGINE_AIO; kind++) {
		play(kind, results[kind], bytes[1]);
		for (unsigned int i = 0; i < NR_OPS; i++) {
			assert_int_equal(results[kind][i].error, results[0][i].error);
			assert_int_equal(results[kind][i].moved, results[0][i].moved);
			assert_int_equal(results[kind][i].sum, results[0][i].sum);
		}
		assert_memory_equal(bytes[1], bytes[0], FILE_BYTES);
	}
	for (unsigned int i = 0; i < NR_OPS; i++) {
		const struct result *r = &results[0][i];

		assert_int_equal(r->error, 0);
		short_reads += ops[i].kind == READ && (uint64_t)r->moved < ops[i].len;
	}
	assert_in_range(short_reads, 1, NR_OPS / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(same_as_the_oracle) };

	if (!engines_are_all_here())
		return 77;
	for (unsigned int i = 0; i < SLOTS; i++) {
		slots[i].buf = aligned_alloc(4096, SLOT_BYTES);
		if (!slots[i].buf)
			return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
