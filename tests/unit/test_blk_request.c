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

static char orders[64]; /* R, W and F, in order */
static uint32_t last_len;
static uint64_t last_offset;
static const uint8_t *last_buf;

static void note(char what, uint32_t len, uint64_t offset)
{
	size_t nr = strlen(orders);

	orders[nr] = what;
	orders[nr + 1] = '\0';
	last_len = len;
	last_offset = offset;
}

void engine_read(struct engine *e, uint64_t tag, void *buf, uint32_t len, uint64_t offset)
{
	last_buf = buf;
	note('R', len, offset);
}

void engine_write(struct engine *e, uint64_t tag, const void *buf, uint32_t len, uint64_t offset)
{
	last_buf = buf;
	note('W', len, offset);
}

void engine_flush(struct engine *e, uint64_t tag)
{
	note('F', 0, 0);
}

static uint8_t buf[BLK_MAX_REQUEST_BYTES];

static struct request start(enum blk_kind kind, uint32_t len)
{
	struct request r = {
		.req = { .kind = kind, .len = len, .offset = 1 << 20 },
		.buf = buf,
		/* of a request before */
		.stage = STAGE_FINISHED,
		.moved = 77,
	};

	orders[0] = '\0';
	request_start(&r, NULL, 0);
	return r;
}

static void read_is_one_step(void **state)
{
	struct request r = start(BLK_REQ_READ, 4096);

	assert_true(request_advance(&r, NULL, 0, 4096));
	assert_string_equal(orders, "R");
	assert_int_equal(request_status(&r), BLKIF_RSP_OKAY);
}

static void short_transfer_is_continued(void **state)
{
	struct request r = start(BLK_REQ_WRITE, 4096);

	assert_false(request_advance(&r, NULL, 0, 1024));
	assert_int_equal(last_len, 3072);
	assert_int_equal(last_offset, (1 << 20) + 1024);
	assert_ptr_equal(last_buf, buf + 1024);
	assert_false(request_advance(&r, NULL, 0, -EINTR));
	assert_int_equal(last_len, 3072);
	assert_true(request_advance(&r, NULL, 0, 3072));
	assert_string_equal(orders, "WWW");
	assert_int_equal(request_status(&r), BLKIF_RSP_OKAY);
}

static void end_of_image_is_an_error(void **state)
{
	struct request r = start(BLK_REQ_READ, 4096);

	assert_false(request_advance(&r, NULL, 0, 512));
	assert_true(request_advance(&r, NULL, 0, 0));
	assert_int_equal(request_status(&r), BLKIF_RSP_ERROR);
}

static void flush_with_data_is_flush_write_flush(void **state)
{
	struct request r = start(BLK_REQ_FLUSH_WRITE, 4096);

	assert_false(request_advance(&r, NULL, 0, 0));
	assert_false(request_advance(&r, NULL, 0, 4096));
	assert_true(request_advance(&r, NULL, 0, 0));
	assert_string_equal(orders, "FWF");
}

static void pure_flush_is_one_step(void **state)
{
	struct request r = start(BLK_REQ_FLUSH, 0);

	assert_true(request_advance(&r, NULL, 0, 0));
	assert_string_equal(orders, "F");
	assert_int_equal(request_status(&r), BLKIF_RSP_OKAY);
}

static void error_ends_the_request_at_any_step(void **state)
{
	struct request r = start(BLK_REQ_FLUSH_WRITE, 4096);

	assert_true(request_advance(&r, NULL, 0, -EIO));
	assert_int_equal(request_status(&r), BLKIF_RSP_ERROR);
	r = start(BLK_REQ_FLUSH_WRITE, 4096);
	assert_false(request_advance(&r, NULL, 0, 0));
	assert_true(request_advance(&r, NULL, 0, -ENOSPC));
	assert_string_equal(orders, "FW");
	assert_int_equal(request_status(&r), BLKIF_RSP_ERROR);
}

static void interrupted_flush_is_started_again(void **state)
{
	struct request r = start(BLK_REQ_FLUSH, 0);

	assert_false(request_advance(&r, NULL, 0, -EAGAIN));
	assert_false(request_advance(&r, NULL, 0, -EINTR));
	assert_true(request_advance(&r, NULL, 0, 0));
	assert_string_equal(orders, "FFF");
	assert_int_equal(request_status(&r), BLKIF_RSP_OKAY);
}

static void second_half_of_a_read_goes_behind_the_first(void **state)
{
	struct request r = start(BLK_REQ_READ, BLK_MAX_REQUEST_BYTES);

	assert_false(request_advance(&r, NULL, 0, 1));
	assert_int_equal(last_len, BLK_MAX_REQUEST_BYTES - 1);
	assert_int_equal(last_offset, (1 << 20) + 1);
	assert_ptr_equal(last_buf, buf + 1);
	assert_true(request_advance(&r, NULL, 0, BLK_MAX_REQUEST_BYTES - 1));
	assert_string_equal(orders, "RR");
}

static void flush_after_the_data_can_fail(void **state)
{
	struct request r = start(BLK_REQ_FLUSH_WRITE, 512);

	assert_false(request_advance(&r, NULL, 0, 0));
	assert_false(request_advance(&r, NULL, 0, 512));
	assert_true(request_advance(&r, NULL, 0, -EIO));
	assert_string_equal(orders, "FWF");
	assert_int_equal(request_status(&r), BLKIF_RSP_ERROR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_is_one_step),
		cmocka_unit_test(short_transfer_is_continued),
		cmocka_unit_test(end_of_image_is_an_error),
		cmocka_unit_test(flush_with_data_is_flush_write_flush),
		cmocka_unit_test(pure_flush_is_one_step),
		cmocka_unit_test(error_ends_the_request_at_any_step),
		cmocka_unit_test(interrupted_flush_is_started_again),
		cmocka_unit_test(second_half_of_a_read_goes_behind_the_first),
		cmocka_unit_test(flush_after_the_data_can_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
