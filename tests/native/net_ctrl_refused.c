// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests of the control ring that ask for too much: each is answered with its error, sets
 * nothing, and touches nothing that is not granted: sizes and offsets at and over their
 * bounds and such that wrap (XSA-270), grants that are none, queues that there are not.
 */
#include "net_ctrl_case.h"

#define KEY XEN_NETIF_CTRL_TYPE_SET_HASH_KEY
#define SIZE XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE
#define MAPPING XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING
#define INVALID XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER
#define TOO_LARGE XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW
#define UNKNOWN XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED

static void sizes(struct netfront *nf)
{
	static const uint32_t wild[] = { 101, 127, 128, 129, 1u << 30, 0x40000001, UINT32_MAX };
	uint32_t gref = nf->ctrl.page_gref;

	memset(nf->ctrl.page, 0, GUEST_PAGE_SIZE);
	ctrl_expect(nf, KEY, gref, 41, 0, TOO_LARGE);
	ctrl_expect(nf, KEY, gref, UINT32_MAX, 0, TOO_LARGE);
	ctrl_expect(nf, KEY, 0xfffffff0, 40, 0, INVALID);
	ctrl_expect(nf, KEY, 0xfffffff0, 0, 0, CTRL_OKAY);
	ctrl_expect(nf, SIZE, 129, 0, 0, TOO_LARGE);
	ctrl_expect(nf, SIZE, UINT32_MAX, 0, 0, TOO_LARGE);
	ctrl_expect(nf, MAPPING, gref, 1, 0, INVALID); /* its size is 0 yet */
	ctrl_expect(nf, SIZE, 100, 0, 0, CTRL_OKAY);
	for (size_t i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		ctrl_expect(nf, MAPPING, gref, wild[i], 0, wild[i] > 128 ? TOO_LARGE : INVALID);
		ctrl_expect(nf, MAPPING, gref, 1, wild[i], INVALID);
		ctrl_expect(nf, MAPPING, gref, 0u - wild[i], wild[i],
			    0u - wild[i] > 128 ? TOO_LARGE : INVALID);
		ctrl_expect(nf, MAPPING, gref, 100, wild[i], INVALID);
	}
	ctrl_expect(nf, MAPPING, gref, 100, 0, CTRL_OKAY);
	ctrl_expect(nf, MAPPING, gref, 1, 99, CTRL_OKAY);
	ctrl_expect(nf, MAPPING, 0xfffffff0, 1, 99, INVALID);
	((uint32_t *)nf->ctrl.page)[7] = 1; /* there is one queue */
	ctrl_expect(nf, MAPPING, gref, 8, 0, INVALID);
	ctrl_expect(nf, MAPPING, gref, 7, 0, CTRL_OKAY);
}

static void others(struct netfront *nf)
{
	ctrl_expect(nf, XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM, 2, 0, 0, INVALID);
	ctrl_expect(nf, XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS, 1, 0, 0, INVALID);
	ctrl_expect(nf, XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM, 1, 0, 0, CTRL_OKAY);
	ctrl_expect(nf, XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS, 16, 0, 0, INVALID);
	ctrl_expect(nf, XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS, 0, 0, 0, CTRL_OKAY);
	for (uint32_t type = 0; type < 65536; type += type < 20 ? 1 : 4681)
		if (type < XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS ||
		    type > XEN_NETIF_CTRL_TYPE_DEL_GREF_MAPPING)
			ctrl_expect(nf, (uint16_t)type, 0, 0, 0, UNKNOWN);
	check(ctrl_expect(nf, XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE, 0, 0, 0, CTRL_OKAY) == 128,
	      "another size of the mapping");
}

static void run(void)
{
	struct net_guest g;

	net_guest_create(&g, "refused");
	ctrl_connect(&g, 1);
	sizes(g.nf);
	others(g.nf);
	net_guest_works(&g);
	net_guest_end(&g);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
