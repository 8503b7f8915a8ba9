// SPDX-License-Identifier: GPL-2.0-or-later
/* A disk and a hypervisor for a block queue. */
#include "fake_blk.h"

#include <errno.h>

#include "worker/child.h"

uint8_t fake_ring_page[4096] __attribute__((aligned(4096)));
uint8_t fake_in[SLOTS * PER_SLOT][4096] __attribute__((aligned(4096)));
struct blkif_request_segment fake_table[SLOTS][BLK_MAX_INDIRECT];
unsigned int fake_notified, fake_broken_told, fake_mapped;
struct fake_disk fake_disk;

static uint8_t out_pages[SLOTS * PER_SLOT][4096] __attribute__((aligned(4096)));

struct engine {
	struct order {
		enum { ORDER_READ, ORDER_WRITE, ORDER_FLUSH, ORDER_DISCARD } kind;
		uint64_t tag, offset;
		uint64_t len; /* of all pieces */
		const struct iovec *iov;
		unsigned int nr_iov;
	} order[SLOTS];
};

static struct engine engine;

uint8_t fake_disk_byte(uint64_t offset)
{
	return fuzz_pattern(offset / 512 * 7 + offset % 512 / BLOCK);
}

uint8_t fake_page_byte(uint32_t gref, uint32_t at)
{
	uint32_t page = gref & (GREF_OUT - 1);

	return fuzz_pattern(page * 64ull + at / BLOCK + (1ull << 40));
}

void fake_begin(struct fuzz *f)
{
	static bool filled;

	for (uint32_t i = 0; !filled && i < SLOTS * PER_SLOT; i++)
		for (uint32_t at = 0; at < 4096; at++)
			out_pages[i][at] = fake_page_byte(i, at);
	filled = true;
	memset(fake_ring_page, 0, sizeof(fake_ring_page));
	fake_disk = (struct fake_disk){ .f = f };
	fake_notified = fake_broken_told = fake_mapped = 0;
}

/* The disk. */

static const struct blk_req *request_of(uint64_t tag)
{
	return &fake_disk.q->requests[tag].req;
}

static bool is_barrier(uint64_t tag)
{
	return request_of(tag)->kind == BLK_REQ_BARRIER;
}

static void order(const struct order *o)
{
	CHECK(fake_disk.nr < SLOTS && o->tag < SLOTS);
	for (unsigned int i = 0; i < fake_disk.nr; i++) {
		CHECK(engine.order[i].tag != o->tag);
		CHECK(!is_barrier(engine.order[i].tag));
	}
	CHECK(fake_disk.nr == 0 || !is_barrier(o->tag));
	CHECK(o->offset + o->len <= DISK_SECTORS * 512ull);
	engine.order[fake_disk.nr++] = *o;
}

static uint64_t bytes_of(const struct iovec *iov, unsigned int nr)
{
	uint64_t sum = 0;

	CHECK(nr >= 1 && nr <= BLK_MAX_SEGMENTS);
	for (unsigned int i = 0; i < nr; i++) {
		CHECK(iov[i].iov_len > 0 &&
		      iov[i].iov_len % fake_disk.q->conf.sector_size % 512 == 0);
		sum += iov[i].iov_len;
	}
	return sum;
}

void engine_read(struct engine *e, uint64_t tag, const struct iovec *iov, unsigned int nr_iov,
		 uint64_t offset)
{
	order(&(struct order){ ORDER_READ, tag, offset, bytes_of(iov, nr_iov), iov, nr_iov });
}

void engine_write(struct engine *e, uint64_t tag, const struct iovec *iov, unsigned int nr_iov,
		  uint64_t offset)
{
	CHECK(!fake_disk.q->conf.readonly);
	order(&(struct order){ ORDER_WRITE, tag, offset, bytes_of(iov, nr_iov), iov, nr_iov });
}

void engine_flush(struct engine *e, uint64_t tag)
{
	order(&(struct order){ .kind = ORDER_FLUSH, .tag = tag });
}

void engine_discard(struct engine *e, uint64_t tag, uint64_t offset, uint64_t len, bool secure)
{
	CHECK(!fake_disk.q->conf.readonly && fake_disk.q->conf.discard != BLK_DISCARD_NONE);
	CHECK(!secure || fake_disk.q->conf.discard_secure);
	check_discarded(request_of(tag), offset, len);
	order(&(struct order){ .kind = ORDER_DISCARD, .tag = tag, .offset = offset, .len = len });
}

static void fill(const struct order *o, uint64_t len)
{
	uint64_t at = 0;

	for (unsigned int i = 0; i < o->nr_iov; i++) {
		uint8_t *to = o->iov[i].iov_base;

		for (size_t k = 0; k < o->iov[i].iov_len && at < len; k += BLOCK, at += BLOCK)
			memset(to + k, fake_disk_byte(o->offset + at), BLOCK);
	}
}

static int32_t do_order(const struct order *o)
{
	uint8_t bits = fake_disk.orderly ? 0 : fuzz_u8(fake_disk.f);
	uint64_t len = o->len;

	if (bits >= 0xf0 && o->kind == ORDER_DISCARD)
		return bits & 1 ? -EOPNOTSUPP : -EIO;
	if (bits >= 0xf0) {
		fake_disk.flush_failed |= o->kind == ORDER_FLUSH && (bits & 1);
		return bits & 1 ? -EIO : -EAGAIN;
	}
	fake_disk.flushes += o->kind == ORDER_FLUSH;
	if (o->kind == ORDER_FLUSH || o->kind == ORDER_DISCARD)
		return 0;
	if (bits >= 0xe0) /* a piece, or the end of the image */
		len = (bits & 15) * 512u < len ? (bits & 15) * 512u : len;
	if (o->kind == ORDER_READ)
		fill(o, len);
	else if (len > 0)
		check_written(request_of(o->tag), o->iov, o->nr_iov, o->offset, (uint32_t)len);
	return (int32_t)len;
}

unsigned int engine_reap(struct engine *e, struct engine_done *done, unsigned int max)
{
	unsigned int want = fake_disk.orderly ? fake_disk.nr : fuzz_u8(fake_disk.f) & 31, nr = 0;

	CHECK(max >= SLOTS + 2);
	for (; want > 0 && fake_disk.nr > 0; want--) {
		unsigned int i = fuzz_u8(fake_disk.f) % fake_disk.nr;
		struct order o = engine.order[i];

		engine.order[i] = engine.order[--fake_disk.nr];
		done[nr++] = (struct engine_done){ .tag = o.tag, .res = do_order(&o) };
	}
	if (fake_disk.stop)
		done[nr++] = (struct engine_done){ .tag = UINT64_MAX - 1 }; /* TAG_STOP */
	return nr;
}

int engine_open(const struct engine_conf *conf, struct engine **ret)
{
	CHECK(conf->depth == SLOTS);
	*ret = &engine;
	return 0;
}

void engine_close(struct engine *e)
{
}

void engine_watch(struct engine *e, uint64_t tag, int fd)
{
}

int engine_submit(struct engine *e, unsigned int wait_nr, uint64_t timeout_ns)
{
	return 0;
}

bool engine_ready(struct engine *e)
{
	return false;
}

uint64_t engine_syscalls(const struct engine *e)
{
	return 0;
}

int engine_nbd_open(const struct engine_conf *conf, struct engine **ret)
{
	return -ENODEV;
}

void engine_store(struct engine *e, int fd, unsigned int number)
{
}

const char *engine_name(const struct engine *e)
{
	return "fake";
}

/* The hypervisor. */

/* NULL: @gref cannot be had like that. */
static uint8_t *page_of(uint32_t gref, bool writable)
{
	uint32_t i = gref & (GREF_OUT - 1);

	if (gref < SLOTS * PER_SLOT)
		return fake_in[gref];
	if (i >= SLOTS * PER_SLOT || gref >= GREF_RING)
		return NULL;
	if (gref >= GREF_TABLE)
		return i < SLOTS && !writable ? (uint8_t *)fake_table[i] : NULL;
	return gref >= GREF_OUT_RO && writable ? NULL : out_pages[i];
}

int gnttab_map(struct gnttab *gt, uint16_t domid, const uint32_t *refs, unsigned int nr, void **ret)
{
	CHECK(nr == 1);
	*ret = fake_ring_page;
	if (refs[0] == GREF_RING)
		return 0;
	*ret = page_of(refs[0], true);
	if (!*ret || (!fake_disk.orderly && fuzz_u8(fake_disk.f) == 7))
		return -EINVAL;
	fake_mapped++;
	return 0;
}

int gnttab_unmap(struct gnttab *gt, void *addr, unsigned int nr)
{
	if (addr == fake_ring_page)
		return 0;
	CHECK(fake_mapped > 0 && nr == 1);
	fake_mapped--;
	return 0;
}

#define COPIES_MAX (2 * SLOTS * BLK_MAX_SEGMENTS)

struct gcopy {
	enum gcopy_direction dir;
	unsigned int nr, max;
	struct copy {
		uint32_t gref;
		uint16_t offset, len;
		uint8_t *local;
		bool ok;
	} seg[COPIES_MAX];
};

int gcopy_new(struct gnttab *gt, uint16_t domid, enum gcopy_direction dir, unsigned int max,
	      struct gcopy **ret)
{
	static struct gcopy copies[3];

	CHECK(max == COPIES_MAX || max == SLOTS);
	*ret = &copies[max == SLOTS ? 2 : dir == GCOPY_TO_GUEST];
	(*ret)->dir = dir;
	(*ret)->nr = 0;
	(*ret)->max = max;
	return 0;
}

void gcopy_free(struct gcopy *gc)
{
}

void gcopy_reset(struct gcopy *gc)
{
	gc->nr = 0;
}

unsigned int gcopy_count(const struct gcopy *gc)
{
	return gc->nr;
}

void gcopy_add(struct gcopy *gc, uint32_t gref, uint16_t offset, void *local, uint16_t len)
{
	CHECK(gc->nr < gc->max);
	CHECK(offset + len <= 4096 && len > 0);
	gc->seg[gc->nr++] = (struct copy){ gref, offset, len, local, false };
}

int gcopy_run(struct gcopy *gc)
{
	if (!fake_disk.orderly && fuzz_u8(fake_disk.f) == 1)
		return -EFAULT;
	for (unsigned int i = 0; i < gc->nr; i++) {
		struct copy *c = &gc->seg[i];
		uint8_t *page = page_of(c->gref, gc->dir == GCOPY_TO_GUEST);

		c->ok = page != NULL;
		if (page && gc->dir == GCOPY_TO_GUEST)
			memcpy(page + c->offset, c->local, c->len);
		else if (page)
			memcpy(c->local, page + c->offset, c->len);
	}
	return 0;
}

bool gcopy_ok(const struct gcopy *gc, unsigned int first, unsigned int nr)
{
	for (unsigned int i = first; i < first + nr; i++) {
		CHECK(i < gc->nr);
		if (!gc->seg[i].ok)
			return false;
	}
	return true;
}

int gnttab_open(struct gnttab **ret)
{
	*ret = NULL;
	return 0;
}

void gnttab_close(struct gnttab *gt)
{
}

int evtchn_open(struct evtchn **ret)
{
	*ret = NULL;
	return 0;
}

void evtchn_close(struct evtchn *ec)
{
}

int evtchn_fd(const struct evtchn *ec)
{
	return -1;
}

int evtchn_bind_patiently(struct evtchn *ec, const char *dev, uint16_t domid, uint32_t remote,
			  int stop_fd, uint32_t *ret_local)
{
	*ret_local = 1;
	return 0;
}

int evtchn_restrict(struct evtchn *ec, uint16_t domid)
{
	return 0;
}

int evtchn_take(struct evtchn *ec, uint32_t *ports, unsigned int max)
{
	return 0;
}

int evtchn_unmask(struct evtchn *ec, const uint32_t *ports, unsigned int nr)
{
	return 0;
}

int evtchn_notify(struct evtchn *ec, uint32_t local)
{
	fake_notified++;
	return 0;
}

int child_failed(int err, uint32_t id, const char *fmt, ...)
{
	return err;
}

int child_broken(uint32_t id, const char *fmt, ...)
{
	fake_broken_told++;
	return 0;
}
