/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of keys, good and bad, and what a number among them is by a slow reader. */
#ifndef PVBACK_FUZZ_KEY_VALUES_H
#define PVBACK_FUZZ_KEY_VALUES_H

#include "fuzz.h"

#include <inttypes.h>

#include "fake_xs.h"

#define VALUE_MAX 4100u
#define PORT_MAX 131071u

struct value {
	bool present;
	size_t len;
	char data[VALUE_MAX];
};

/* Values. */

static inline void pick_number(struct fuzz *f, struct value *v)
{
	static const uint64_t corners[] = {
		0,	    1,		2,	    PORT_MAX,	PORT_MAX + 1, INT32_MAX,
		UINT32_MAX, 1ull << 31, 1ull << 32, UINT64_MAX, 1ull << 63,   65536
	};
	uint8_t bits = fuzz_u8(f);
	uint64_t value = bits & 1 ? corners[bits >> 1 & 7] : fuzz_u64(f) >> (bits & 0x3e);

	v->len = (size_t)snprintf(v->data, sizeof(v->data), "%" PRIu64, value);
}

static inline void pick(struct fuzz *f, const char *path, struct value *v)
{
	uint8_t kind = fuzz_u8(f) % 16;

	*v = (struct value){ .present = kind != 0 };
	switch (kind) {
	case 0:
		return;
	case 1:
		v->len = fuzz_below(f, 80);
		fuzz_bytes(f, v->data, v->len);
		break;
	case 2:
		v->len = fuzz_below(f, VALUE_MAX - 1);
		memset(v->data, '0', v->len);
		break;
	case 3:
		pick_number(f, v);
		v->data[fuzz_u8(f) % (v->len + 1)] = (char)fuzz_u8(f);
		break;
	case 4:
		break;
	case 5:
		v->len = (size_t)snprintf(v->data, sizeof(v->data), "%d", -(int)fuzz_u8(f));
		break;
	case 6:
	case 7:
	case 8:
		pick_number(f, v);
		break;
	default:
		v->len = (size_t)snprintf(v->data, sizeof(v->data), "%u", kind & 1u);
	}
	fake_xs_set(path, v->data, v->len);
}

/* 1: a number in bounds; 0: absent; -1: wrong. */
static inline int number(const struct value *v, size_t room, uint64_t min, uint64_t max,
			 uint64_t *ret)
{
	unsigned __int128 n = 0;

	if (!v->present)
		return 0;
	if (v->len == 0 || v->len >= room)
		return -1;
	for (size_t i = 0; i < v->len; i++) {
		if (v->data[i] < '0' || v->data[i] > '9')
			return -1;
		if (n <= UINT64_MAX)
			n = n * 10 + (unsigned int)(v->data[i] - '0');
	}
	if (n < min || n > max)
		return -1;
	*ret = (uint64_t)n;
	return 1;
}

static inline bool is(const struct value *v, const char *text)
{
	return v->present && v->len == strlen(text) && memcmp(v->data, text, v->len) == 0;
}

static inline void pick_front(struct fuzz *f, const char *kind, const char *key, struct value *v)
{
	char path[128];

	snprintf(path, sizeof(path), "/local/domain/1/device/%s/0/%s", kind, key);
	pick(f, path, v);
}

static inline bool front_number(struct fuzz *f, const char *kind, const char *key, uint64_t min,
				uint64_t max, bool needed, uint64_t def, uint64_t *ret)
{
	struct value v;
	int got;

	pick_front(f, kind, key, &v);
	*ret = def;
	got = number(&v, 64, min, max, ret);
	return got > 0 || (got == 0 && !needed);
}

#endif
