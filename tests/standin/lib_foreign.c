// SPDX-License-Identifier: GPL-2.0-or-later
/* libxenforeignmemory of the stand-in: any page of any domain, for xenstored and xenconsoled. */
#include <errno.h>
#include <stdlib.h>

#include <xenctrl.h> /* first: it makes the types the other goes without */
#include <xenforeignmemory.h>

#include "lib.h"

struct xenforeignmemory_handle {
	struct rpc_link *link;
};

xenforeignmemory_handle *xenforeignmemory_open(struct xentoollog_logger *logger,
					       unsigned int open_flags)
{
	struct xenforeignmemory_handle *h = calloc(1, sizeof(*h));
	int err;

	(void)logger;
	(void)open_flags;
	if (!h)
		return NULL;
	err = rpc_open(0, &h->link, NULL);
	if (err) {
		free(h);
		errno = -err;
		return NULL;
	}
	return h;
}

int xenforeignmemory_close(xenforeignmemory_handle *fmem)
{
	if (!fmem)
		return 0;
	rpc_close(fmem->link);
	free(fmem);
	return 0;
}

int xenforeignmemory_restrict(xenforeignmemory_handle *fmem, domid_t domid)
{
	(void)fmem;
	(void)domid;
	return 0;
}

void *xenforeignmemory_map2(xenforeignmemory_handle *fmem, uint32_t dom, void *addr, int prot,
			    int flags, size_t pages, const xen_pfn_t arr[], int err[])
{
	char *at;

	(void)flags;
	if (addr || !link_domain(fmem->link, (uint16_t)dom)) {
		errno = addr ? EOPNOTSUPP : ESRCH;
		return NULL;
	}
	at = frames_reserve((unsigned int)pages);
	for (size_t i = 0; at && i < pages; i++) {
		int bad = arr[i] >= STANDIN_FRAMES
				  ? -EINVAL
				  : frame_place(at + i * STANDIN_PAGE,
						link_domain_fd(fmem->link, (uint16_t)dom),
						(uint32_t)arr[i], prot);

		if (err)
			err[i] = bad;
		if (bad && !err) {
			frames_release(at, (unsigned int)pages);
			errno = -bad;
			return NULL;
		}
	}
	return at;
}

void *xenforeignmemory_map(xenforeignmemory_handle *fmem, uint32_t dom, int prot, size_t pages,
			   const xen_pfn_t arr[], int err[])
{
	return xenforeignmemory_map2(fmem, dom, NULL, prot, 0, pages, arr, err);
}

int xenforeignmemory_unmap(xenforeignmemory_handle *fmem, void *addr, size_t pages)
{
	(void)fmem;
	frames_release(addr, (unsigned int)pages);
	return 0;
}
