// SPDX-License-Identifier: GPL-2.0-or-later
/* The steps of a request, against an engine that only writes down its orders. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "request.h"

static char orders[64]; /* R, W, F and D, in order */
static uint64_t last_len;
static uint64_t last_offset;
static const uint8_t *last_base;
static unsigned int last_pieces;

static void note(char what, uint64_t len, uint64_t offset)
{
	size_t nr = strlen(orders);

	orders[nr] = what;
	orders[nr + 1] = '\0';
	last_len = len;
	last_offset = offset;
}

static void note_data(char what, const struct iovec *iov, unsigned int nr_iov, uint64_t offset)
{
	uint64_t len = 0;

	for (unsigned int i = 0; i < nr_iov; i++)
		len += iov[i].iov_len;
	last_base = iov->iov_base;
	last_pieces = nr_iov;
	note(what, len, offset);
}

void engine_read(struct engine *e, uint64_t tag, const struct iovec *iov, unsigned int nr_iov,
		 uint64_t offset)
{
	note_data('R', iov, nr_iov, offset);
}

void engine_write(struct engine *e, uint64_t tag, const struct iovec *iov, unsigned int nr_iov,
		  uint64_t offset)
{
	note_data('W', iov, nr_iov, offset);
}

void engine_flush(struct engine *e, uint64_t tag)
{
	note('F', 0, 0);
}

void engine_discard(struct engine *e, uint64_t tag, uint64_t offset, uint64_t len, bool secure)
{
	note(secure ? 'S' : 'D', len, offset);
}

static uint8_t buf[BLK_MAX_REQUEST_BYTES];
static struct request r;

/* @pieces: of the data, all of one length. */
static void start_in_pieces(enum blk_kind kind, uint32_t len, unsigned int pieces)
{
	memset(&r, 0, sizeof(r));
	r.req.kind = kind;
	r.req.len = len;
	r.req.offset = 1 << 20;
	r.req.nr_segments = len > 0 && kind < BLK_REQ_DISCARD ? pieces : 0;
	r.nr_iov = r.req.nr_segments;
	/* of a request before */
	r.stage = STAGE_FINISHED;
	r.moved = 77;
	r.first_iov = 3;
	for (unsigned int i = 0; i < r.nr_iov; i++) {
		r.iov[i].iov_base = buf + (size_t)i * (len / pieces);
		r.iov[i].iov_len = len / pieces;
	}
	orders[0] = '\0';
	request_start(&r, NULL, 0);
}

static void start(enum blk_kind kind, uint32_t len)
{
	start_in_pieces(kind, len, 1);
}

static void read_is_one_step(void **state)
{
	start(BLK_REQ_READ, 4096);
	assert_true(request_advance(&r, NULL, 0, 4096));
	assert_string_equal(orders, "R");
	assert_int_equal(request_status(&r), BLKIF_RSP_OKAY);
}

static void short_transfer_is_continued(void **state)
{
	start(BLK_REQ_WRITE, 4096);
	assert_false(request_advance(&r, NULL, 0, 1024));
	assert_int_equal(last_len, 3072);
	assert_int_equal(last_offset, (1 << 20) + 1024);
	assert_ptr_equal(last_base, buf + 1024);
	assert_false(request_advance(&r, NULL, 0, -EINTR));
	assert_int_equal(last_len, 3072);
	assert_true(request_advance(&r, NULL, 0, 3072));
	assert_string_equal(orders, "WWW");
	assert_int_equal(request_status(&r), BLKIF_RSP_OKAY);
}

static void short_transfer_goes_on_inside_its_pieces(void **state)
{
	start_in_pieces(BLK_REQ_READ, 16384, 4);
	assert_int_equal(last_pieces, 4);
	assert_false(request_advance(&r, NULL, 0, 4096));
	assert_int_equal(last_pieces, 3);
	assert_ptr_equal(last_base, buf + 4096);
	assert_false(request_advance(&r, NULL, 0, 4096 + 512));
	assert_int_equal(last_pieces, 2);
	assert_ptr_equal(last_base, buf + 8192 + 512);
	assert_int_equal(last_len, 16384 - 8192 - 512);
	assert_true(request_advance(&r, NULL, 0, 16384 - 8192 - 512));
	assert_string_equal(orders, "RRR");
	assert_int_equal(request_status(&r), BLKIF_RSP_OKAY);
}

static void end_of_image_is_an_error(void **state)
{
	start(BLK_REQ_READ, 4096);
	assert_false(request_advance(&r, NULL, 0, 512));
	assert_true(request_advance(&r, NULL, 0, 0));
	assert_int_equal(request_status(&r), BLKIF_RSP_ERROR);
}

static void flush_with_data_is_flush_write_flush(void **state)
{
	start(BLK_REQ_FLUSH_WRITE, 4096);
	assert_false(request_advance(&r, NULL, 0, 0));
	assert_false(request_advance(&r, NULL, 0, 4096));
	assert_true(request_advance(&r, NULL, 0, 0));
	assert_string_equal(orders, "FWF");
}

static void barrier_with_data_is_flush_write_flush(void **state)
{
	start(BLK_REQ_BARRIER, 4096);
	assert_true(request_will_flush(&r));
	assert_true(request_flushes(&r));
	assert_false(request_advance(&r, NULL, 0, 0));
	assert_false(request_flushes(&r));
	assert_false(request_advance(&r, NULL, 0, 4096));
	assert_true(request_advance(&r, NULL, 0, 0));
	assert_string_equal(orders, "FWF");
}

static void barrier_without_data_is_one_flush(void **state)
{
	start(BLK_REQ_BARRIER, 0);
	assert_true(request_advance(&r, NULL, 0, 0));
	assert_string_equal(orders, "F");
}

static void discard_is_one_step(void **state)
{
	start(BLK_REQ_DISCARD, 1 << 20);
	assert_false(request_will_flush(&r));
	assert_int_equal(last_len, 1 << 20);
	assert_int_equal(last_offset, 1 << 20);
	assert_true(request_advance(&r, NULL, 0, 0));
	assert_string_equal(orders, "D");
	assert_int_equal(request_status(&r), BLKIF_RSP_OKAY);
	start(BLK_REQ_DISCARD_SECURE, 4096);
	assert_string_equal(orders, "S");
}

static void discard_that_the_image_cannot_is_not_supported(void **state)
{
	start(BLK_REQ_DISCARD, 4096);
	assert_true(request_advance(&r, NULL, 0, -EOPNOTSUPP));
	assert_int_equal(request_status(&r), BLKIF_RSP_EOPNOTSUPP);
}

/* Linux takes "not supported" of a flush for leave not to flush any more. */
static void flush_is_never_not_supported(void **state)
{
	start(BLK_REQ_FLUSH, 0);
	assert_true(request_advance(&r, NULL, 0, -EOPNOTSUPP));
	assert_int_equal(request_status(&r), BLKIF_RSP_ERROR);
}

static void pure_flush_is_one_step(void **state)
{
	start(BLK_REQ_FLUSH, 0);
	assert_true(request_advance(&r, NULL, 0, 0));
	assert_string_equal(orders, "F");
	assert_int_equal(request_status(&r), BLKIF_RSP_OKAY);
}

static void error_ends_the_request_at_any_step(void **state)
{
	start(BLK_REQ_FLUSH_WRITE, 4096);
	assert_true(request_advance(&r, NULL, 0, -EIO));
	assert_int_equal(request_status(&r), BLKIF_RSP_ERROR);
	start(BLK_REQ_FLUSH_WRITE, 4096);
	assert_false(request_advance(&r, NULL, 0, 0));
	assert_true(request_advance(&r, NULL, 0, -ENOSPC));
	assert_string_equal(orders, "FW");
	assert_int_equal(request_status(&r), BLKIF_RSP_ERROR);
}

static void interrupted_flush_is_started_again(void **state)
{
	start(BLK_REQ_FLUSH, 0);
	assert_false(request_advance(&r, NULL, 0, -EAGAIN));
	assert_false(request_advance(&r, NULL, 0, -EINTR));
	assert_true(request_advance(&r, NULL, 0, 0));
	assert_string_equal(orders, "FFF");
	assert_int_equal(request_status(&r), BLKIF_RSP_OKAY);
}

static void second_half_of_a_read_goes_behind_the_first(void **state)
{
	start(BLK_REQ_READ, BLK_MAX_REQUEST_BYTES);
	assert_false(request_advance(&r, NULL, 0, 1));
	assert_int_equal(last_len, BLK_MAX_REQUEST_BYTES - 1);
	assert_int_equal(last_offset, (1 << 20) + 1);
	assert_ptr_equal(last_base, buf + 1);
	assert_true(request_advance(&r, NULL, 0, BLK_MAX_REQUEST_BYTES - 1));
	assert_string_equal(orders, "RR");
}

static void flush_after_the_data_can_fail(void **state)
{
	start(BLK_REQ_FLUSH_WRITE, 512);
	assert_false(request_advance(&r, NULL, 0, 0));
	assert_false(request_advance(&r, NULL, 0, 512));
	assert_true(request_advance(&r, NULL, 0, -EIO));
	assert_string_equal(orders, "FWF");
	assert_int_equal(request_status(&r), BLKIF_RSP_ERROR);
}

static void which_kinds_flush_before_they_are_answered(void **state)
{
	static const struct {
		enum blk_kind kind;
		bool flushes;
	} cases[] = {
		{ BLK_REQ_READ, false },   { BLK_REQ_WRITE, false },
		{ BLK_REQ_FLUSH, true },   { BLK_REQ_FLUSH_WRITE, true },
		{ BLK_REQ_BARRIER, true }, { BLK_REQ_DISCARD, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start(cases[i].kind, cases[i].kind == BLK_REQ_FLUSH ? 0 : 512);
		assert_int_equal(request_will_flush(&r), cases[i].flushes);
	}
}

static void flush_at_the_end_is_seen_as_one(void **state)
{
	start(BLK_REQ_FLUSH, 0);
	assert_true(request_flushes(&r));
	assert_true(request_advance(&r, NULL, 0, -EIO));
	assert_true(request_flushes(&r));
	start(BLK_REQ_DISCARD, 512);
	assert_false(request_flushes(&r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_is_one_step),
		cmocka_unit_test(short_transfer_is_continued),
		cmocka_unit_test(short_transfer_goes_on_inside_its_pieces),
		cmocka_unit_test(end_of_image_is_an_error),
		cmocka_unit_test(flush_with_data_is_flush_write_flush),
		cmocka_unit_test(barrier_with_data_is_flush_write_flush),
		cmocka_unit_test(barrier_without_data_is_one_flush),
		cmocka_unit_test(discard_is_one_step),
		cmocka_unit_test(discard_that_the_image_cannot_is_not_supported),
		cmocka_unit_test(flush_is_never_not_supported),
		cmocka_unit_test(pure_flush_is_one_step),
		cmocka_unit_test(error_ends_the_request_at_any_step),
		cmocka_unit_test(interrupted_flush_is_started_again),
		cmocka_unit_test(second_half_of_a_read_goes_behind_the_first),
		cmocka_unit_test(flush_after_the_data_can_fail),
		cmocka_unit_test(which_kinds_flush_before_they_are_answered),
		cmocka_unit_test(flush_at_the_end_is_seen_as_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
