// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Segments of a large frame: each a frame as a receiver wants it, all of them
 * together the payload that was there before.
 */
#include "net_model.h"

#include "segment.h"

#define FIN_PSH 0x09
#define CWR 0x80

static struct frame frame;

/* Header bytes that differ from segment to segment are checked elsewhere. */
static bool may_differ(const struct model_headers *m, size_t i)
{
	if (m->v6 ? i == m->l3 + 4 || i == m->l3 + 5
		  : (i >= m->l3 + 2 && i <= m->l3 + 5) || i == m->l3 + 10 || i == m->l3 + 11)
		return true;
	return (i >= m->l4 + 4 && i <= m->l4 + 7) || i == m->l4 + 13 ||
	       (i >= m->l4 + 16 && i <= m->l4 + 17);
}

static void check_ip(const struct model_headers *m, const uint8_t *out, size_t len,
		     unsigned int index)
{
	if (m->v6) {
		CHECK(get16(out + m->l3 + 4) == len - m->l3 - 40);
		return;
	}
	CHECK(get16(out + m->l3 + 2) == len - m->l3);
	CHECK(get16(out + m->l3 + 4) == (uint16_t)(get16(frame.data + m->l3 + 4) + index));
	CHECK(ref_sum(out + m->l3, m->l4 - m->l3, 0) == 0xffff);
}

static void check_tcp(const struct model_headers *m, const uint8_t *out, size_t len, size_t done,
		      bool last)
{
	uint8_t had = frame.data[m->l4 + 13], has = out[m->l4 + 13];
	uint32_t seq = get16(frame.data + m->l4 + 4) << 16 | get16(frame.data + m->l4 + 6);

	seq += (uint32_t)done;
	CHECK(get16(out + m->l4 + 4) == seq >> 16 && get16(out + m->l4 + 6) == (seq & 0xffff));
	if (!last)
		had &= (uint8_t)~FIN_PSH;
	if (done > 0)
		had &= (uint8_t)~CWR;
	CHECK(has == had);
	CHECK(model_l4_error(out, m, len - m->l4, len - m->l4) == 0);
}

static void check_all(const struct model_headers *m, const struct net_headers *h, const uint8_t *in,
		      uint16_t gso_size)
{
	size_t payload = frame.len - m->end, done = 0;
	uint8_t *out = malloc(m->end + gso_size);
	unsigned int nr = net_segments(h, frame.len, gso_size);

	for (unsigned int i = 0; i < nr; i++) {
		size_t len = net_segment(in, frame.len, h, gso_size, i, out);
		size_t want = payload - done < gso_size ? payload - done : gso_size;

		CHECK(len == m->end + want && want > 0);
		CHECK(memcmp(out + m->end, frame.data + m->end + done, want) == 0);
		for (size_t at = 0; at < m->end; at++)
			CHECK(out[at] == frame.data[at] || may_differ(m, at));
		check_ip(m, out, len, i);
		check_tcp(m, out, len, done, done + want == payload);
		done += want;
	}
	CHECK(done == payload);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	struct model_headers m;
	struct net_headers h;
	uint16_t gso_size = (uint16_t)(fuzz_u16(&f) + 1);
	uint8_t *in;

	fuzz_frame(&f, &frame, 65535 + 22);
	if (!gso_size || !model_find(frame.data, frame.len, &m) || !m.tcp)
		return 0;
	/* Many segments cost time and show nothing that few do not. */
	if ((frame.len - m.end) / gso_size > 300)
		return 0;
	in = exact_copy(&frame);
	CHECK(net_headers(in, frame.len, &h) == 0);
	check_all(&m, &h, in, gso_size);
	CHECK(memcmp(in, frame.data, frame.len) == 0);
	free(in);
	return 0;
}
