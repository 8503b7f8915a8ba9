/* SPDX-License-Identifier: GPL-2.0-or-later */
/* segment.c: the segments, put together, are the frame. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "net_frames.h"
#include "segment.h"

#define FIN 0x01
#define PSH 0x08
#define ACK 0x10
#define CWR 0x80

static struct frame f, part;

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void check_part(const struct frame_spec *s, unsigned int i, unsigned int nr, uint16_t size)
{
	uint8_t flags = part.data[f.l4 + 13];

	part.l3 = f.l3;
	part.l4 = f.l4;
	assert_int_equal(ref_l4_error(&part, s->v6, false), 0);
	assert_int_equal(get32(part.data + f.l4 + 4), get32(f.data + f.l4 + 4) + i * size);
	assert_int_equal(!!(flags & CWR), i == 0);
	assert_int_equal(!!(flags & FIN), i + 1 == nr);
	assert_int_equal(!!(flags & PSH), i + 1 == nr);
	assert_true(flags & ACK);
	/* As they were: Ethernet and tags, addresses and options, ports. */
	assert_memory_equal(part.data, f.data, f.l3);
	assert_memory_equal(part.data + f.l3 + 12, f.data + f.l3 + 12, f.l4 - f.l3 - 12);
	assert_memory_equal(part.data + f.l4, f.data + f.l4, 4);
	if (s->v6) {
		assert_int_equal(get16(part.data + f.l3 + 4), part.len - f.l3 - 40);
		return;
	}
	assert_int_equal(get16(part.data + f.l3 + 2), part.len - f.l3);
	assert_int_equal(get16(part.data + f.l3 + 4), 0x1234 + i);
	assert_int_equal(ref_sum(part.data + f.l3, f.l4 - f.l3, 0), 0xffff);
}

static void check_frame(const struct frame_spec *s, uint16_t size)
{
	size_t at;
	struct net_headers h;
	unsigned int nr, i;

	make_frame(&f, s);
	at = f.body;
	f.data[f.l4 + 13] = FIN | PSH | ACK | CWR;
	memset(f.data + f.l4 + 4, 0xff, 4); /* the sequence wraps */
	assert_int_equal(net_headers(f.data, f.len, &h), 0);
	nr = net_segments(&h, f.len, size);
	assert_int_equal(nr, (s->payload + size - 1) / size);
	for (i = 0; i < nr; i++) {
		part.len = net_segment(f.data, f.len, &h, size, i, part.data);
		check_part(s, i, nr, size);
		assert_memory_equal(part.data + f.body, f.data + at, part.len - f.body);
		at += part.len - f.body;
	}
	assert_int_equal(at, f.len);
}

static void every_kind(void **state)
{
	for (unsigned int i = 0; i < 48; i++) {
		struct frame_spec s = {
			.v6 = i & 1,
			.tags = i % 3,
			.ip_opts = i & 2 ? 8 : 0,
			.tcp_opts = i & 4 ? 12 : 0,
			.payload = 1 + i * 1300,
		};

		check_frame(&s, 1448);
		check_frame(&s, (uint16_t)(s.payload > 600 ? 536 : 1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_kind) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
