// SPDX-License-Identifier: GPL-2.0-or-later
/* hash.c against netif.h's function over what a cursor that may fail finds; reads nothing outside the frame. */
#define XEN_NETIF_DEFINE_TOEPLITZ
#include "hash.h"

#include "net_model.h"

/* The addresses, and the ports if they are TCP's: bytes in @input; 0: no IP. */
static unsigned int model_input(const uint8_t *data, size_t len, uint8_t input[36], bool *v6,
				bool *ports)
{
	struct cursor c = { .data = data, .len = len };
	unsigned int type, first, proto, frag = 0, bytes;

	skip(&c, 12);
	type = eat(&c, 2);
	for (int tags = 0; tags < 2 && (type == 0x8100 || type == 0x88a8); tags++) {
		skip(&c, 2);
		type = eat(&c, 2);
	}
	*v6 = type == 0x86dd;
	first = eat(&c, 1);
	if (c.bad || (type != 0x0800 && !*v6) || first >> 4 != (*v6 ? 6 : 4) ||
	    (!*v6 && (first & 15) < 5))
		return 0;
	skip(&c, 5);
	if (*v6) {
		proto = eat(&c, 1);
		skip(&c, 1);
	} else {
		frag = eat(&c, 2) & 0x3fff;
		skip(&c, 1);
		proto = eat(&c, 1);
		skip(&c, 2);
	}
	bytes = *v6 ? 32 : 8;
	for (unsigned int i = 0; i < bytes; i++)
		input[i] = (uint8_t)eat(&c, 1);
	if (c.bad)
		return 0;
	if (!*v6)
		skip(&c, ((first & 15) - 5) * 4);
	for (unsigned int i = 0; i < 4; i++)
		input[bytes + i] = (uint8_t)eat(&c, 1);
	*ports = !c.bad && proto == 6 && !frag;
	return bytes;
}

static void check(const uint8_t *key, uint8_t types, const uint8_t *data, size_t len)
{
	static struct net_toeplitz t;
	struct net_hashed got;
	uint8_t input[36];
	bool v6, ports, hashed;
	unsigned int bytes = model_input(data, len, input, &v6, &ports), type;

	net_toeplitz_init(&t, key);
	hashed = net_hash_frame(&t, types, data, len, &got);
	if (bytes && ports && types & (v6 ? 8 : 2)) {
		type = v6 ? 3 : 1;
		bytes += 4;
	} else if (bytes && types & (v6 ? 4 : 1)) {
		type = v6 ? 2 : 0;
	} else {
		CHECK(!hashed);
		return;
	}
	CHECK(hashed && got.type == type);
	CHECK(got.value == xen_netif_toeplitz_hash(key, NET_HASH_KEY_MAX, input, bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	uint8_t key[NET_HASH_KEY_MAX], types = fuzz_u8(&f) & 15;
	static struct frame frame;
	uint8_t *copy;

	fuzz_bytes(&f, key, sizeof(key));
	fuzz_frame(&f, &frame, 2000);
	copy = exact_copy(&frame);
	check(key, types, copy, frame.len);
	free(copy);
	return 0;
}
