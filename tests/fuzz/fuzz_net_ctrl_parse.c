// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ctrl_parse.c: any requests, one after the other. What is set is always sound; what is
 * refused sets nothing; what is to be fetched is as long as its table, in its place, and
 * not longer than we have room for.
 */
#include "fuzz.h"

#include "ctrl_parse.h"

static struct net_hash h, before;
static struct xen_netif_ctrl_request req;
static struct net_ctrl_step step;

static void check_fetch(void)
{
	uint64_t nr = req.data[1], first = req.data[2];

	CHECK(step.gref == req.data[0] && step.bytes > 0 && step.bytes <= NET_CTRL_FETCH_MAX);
	CHECK(memcmp(&h, &before, sizeof(h)) == 0);
	if (req.type == XEN_NETIF_CTRL_TYPE_SET_HASH_KEY) {
		CHECK(nr == step.bytes && nr <= 40);
		return;
	}
	CHECK(req.type == XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING);
	CHECK(nr * 4 == step.bytes && first + nr <= h.nr_mapping && h.nr_mapping <= 128);
}

static void check_fetched(const uint8_t *from, unsigned int nr_queues)
{
	bool okay = step.status == XEN_NETIF_CTRL_STATUS_SUCCESS;

	CHECK(!step.fetch && (okay || memcmp(&h, &before, sizeof(h)) == 0));
	CHECK(from || !okay);
	if (!from || !okay)
		return;
	for (uint32_t i = 0; i < req.data[1]; i++) {
		uint32_t entry;

		if (req.type == XEN_NETIF_CTRL_TYPE_SET_HASH_KEY) {
			CHECK(h.key[i] == from[i]);
			continue;
		}
		memcpy(&entry, from + (size_t)i * 4, 4);
		CHECK(entry < nr_queues && h.mapping[req.data[2] + i] == entry);
	}
}

/* Copied to memory that ends where the copy does. */
static void fetched(struct fuzz *f, unsigned int nr_queues)
{
	unsigned int bytes = step.bytes;
	uint8_t *from = malloc(bytes), how = fuzz_u8(f);

	memset(from, 0, bytes);
	for (unsigned int i = 0; i < bytes; i += how & 1 ? 1 : 4)
		from[i] = fuzz_u8(f) & (how & 2 ? 3 : 255);
	net_ctrl_fetched(&req, how & 0x80 ? NULL : from, nr_queues, &h, &step);
	check_fetched(how & 0x80 ? NULL : from, nr_queues);
	free(from);
}

/* A list to be fetched is that of a queue we have, and of a page at most. */
static void check_grefs(unsigned int nr_queues)
{
	CHECK(req.type >= 8 && req.type <= 10);
	if (!step.fetch) {
		CHECK(step.status == XEN_NETIF_CTRL_STATUS_SUCCESS ||
		      step.status == XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER);
		return;
	}
	CHECK(req.type != 8 && req.data[0] < nr_queues && step.gref == req.data[1]);
	CHECK(step.bytes == (uint64_t)req.data[2] * 8 && step.bytes > 0 && step.bytes <= 4096);
}

static uint32_t number(struct fuzz *f)
{
	uint8_t how = fuzz_u8(f);

	return how < 140 ? how : how < 200 ? 0u - (how - 140) : fuzz_u32(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	unsigned int nr_queues = 1 + fuzz_u8(&f) % 16;

	memset(&h, 0, sizeof(h));
	while (f.left > 0) {
		req.type = fuzz_u8(&f);
		req.type = req.type < 200 ? req.type % 12 : fuzz_u16(&f);
		for (unsigned int i = 0; i < 3; i++)
			req.data[i] = number(&f);
		before = h;
		memset(&step, 0xa5, sizeof(step));
		if (net_gref_judge(&req, nr_queues, &step)) {
			check_grefs(nr_queues);
			continue;
		}
		net_ctrl_judge(&req, &h, &step);
		if (step.fetch) {
			check_fetch();
			fetched(&f, nr_queues);
		} else if (step.status != XEN_NETIF_CTRL_STATUS_SUCCESS) {
			CHECK(memcmp(&h, &before, sizeof(h)) == 0);
			CHECK(step.status <= 3 && step.data == 0);
		}
		CHECK(net_hash_is_sound(&h, nr_queues));
	}
	return 0;
}
