// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys of console 0. */
#include "keys.h"

#include <errno.h>
#include <string.h>

#include "base/num.h"
#include "base/util.h"

#define LIMIT_MIN (64u * 1024)
#define LIMIT_MAX (1024u * 1024) /* what libxl writes */

#define PORT_MAX ((1u << 17) - 1)

static int read_u64(struct store *store, uint16_t domid, const char *key, uint64_t min,
		    uint64_t max, uint64_t *ret)
{
	char text[32];
	int err = store_read(store, text, sizeof(text), "/local/domain/%u/console/%s", domid, key);

	if (err)
		return err == -ENOENT ? err : -EINVAL;
	return num_u64(text, min, max, ret) < 0 ? -EINVAL : 0;
}

/* In a domain that serves consoles, the others' are not ours. */
static bool is_ours(struct store *store, uint16_t domid)
{
	uint64_t backend;
	char type[32];
	int err = store_read(store, type, sizeof(type), "/local/domain/%u/console/type", domid);

	if (err != -ENOENT && (err || strcmp(type, "xenconsoled") != 0))
		return false;
	err = read_u64(store, domid, "backend-id", 0, UINT16_MAX, &backend);
	return err == -ENOENT || (!err && backend == store_own_domid(store));
}

int con_keys_read(struct store *store, uint16_t domid, struct con_keys *ret)
{
	struct con_keys keys = { 0 };
	uint64_t port;
	int err;

	err = read_u64(store, domid, "port", 1, PORT_MAX, &port);
	if (!err)
		err = read_u64(store, domid, "ring-ref", 0, UINT64_MAX, &keys.ring_ref);
	if (err)
		return err;
	if (!is_ours(store, domid))
		return -ENOTSUP;
	keys.port = (uint32_t)port;
	/* A missing or strange limit is no reason not to serve. */
	if (read_u64(store, domid, "limit", 0, UINT64_MAX, &keys.limit) < 0)
		keys.limit = LIMIT_MAX;
	keys.limit = MIN(MAX(keys.limit, LIMIT_MIN), LIMIT_MAX);
	if (store_read(store, keys.vm, sizeof(keys.vm), "/local/domain/%u/vm", domid) < 0)
		keys.vm[0] = '\0';
	*ret = keys;
	return 0;
}

bool con_keys_same_ring(const struct con_keys *a, const struct con_keys *b)
{
	return a->port == b->port && a->ring_ref == b->ring_ref;
}
