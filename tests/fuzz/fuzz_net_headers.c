// SPDX-License-Identifier: GPL-2.0-or-later
/* net_headers() finds what the model finds, and looks at nothing outside. */
#include "net_model.h"

#include <errno.h>

#include "headers.h"

static struct frame frame;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	struct model_headers m;
	struct net_headers h;
	uint8_t *copy;
	int err;

	fuzz_frame(&f, &frame, 65535);
	copy = exact_copy(&frame);
	err = net_headers(copy, frame.len, &h);
	CHECK((err == 0) == model_find(copy, frame.len, &m));
	CHECK(err == 0 || err == -EPROTO || err == -EPROTONOSUPPORT);
	if (err == 0) {
		CHECK(h.l3_off < h.l4_off && h.l4_off < h.hdr_len && h.hdr_len <= frame.len);
		CHECK(h.l3_off == m.l3 && h.l4_off == m.l4 && h.hdr_len == m.end);
		CHECK(h.l4_off + h.csum_off == m.csum && m.csum + 2u <= h.hdr_len);
		CHECK(h.l4_proto == (m.tcp ? IPPROTO_TCP : IPPROTO_UDP));
		CHECK(h.ipv6 == m.v6 && h.tagged == m.tagged && h.l4_bytes == m.l4_bytes);
	}
	free(copy);
	return 0;
}
