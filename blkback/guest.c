// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/num.h"
#include "blk_limits.h"
#include "vbd_limits.h"
#include "xentop.h"

struct guest {
	struct guest *next;
	uint16_t domid;
	int fd;
	struct xentop *xentop; /* NULL: nobody answers for it */
};

static struct guest *guests;

static int make_memory(int *ret_fd)
{
	int fd = memfd_create("guest-limits", MFD_CLOEXEC | MFD_ALLOW_SEALING), err;

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, sizeof(struct blk_limits_used)) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0) {
		*ret_fd = fd;
		return 0;
	}
	err = -errno;
	close(fd);
	return err;
}

/* NULL: no memory, or no descriptor. */
static struct guest *find_or_make(uint16_t domid)
{
	struct guest *g = guests;

	while (g && g->domid != domid)
		g = g->next;
	if (g)
		return g;
	g = calloc(1, sizeof(*g));
	if (!g || make_memory(&g->fd) != 0) {
		free(g);
		return NULL;
	}
	g->domid = domid;
	g->next = guests;
	guests = g;
	return g;
}

int guest_memory(struct xenbus_device *dev, int *ret_fd)
{
	struct guest *g = find_or_make(dev->domid);
	int fd;

	if (!g)
		return -ENOMEM;
	if (!g->xentop)
		xentop_open(dev->bus, dev->domid, &g->xentop);
	fd = fcntl(g->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

/* Those that are released already wait for their directory to go. */
static bool has_disks(struct xenbus *bus, uint16_t domid, const struct xenbus_device *leaving)
{
	for (const struct xenbus_device *d = xenbus_devices(bus); d; d = d->next)
		if (d != leaving && d->priv && d->domid == domid)
			return true;
	return false;
}

/* The toolstack leaves the directory of a guest alone while there is something in it. */
static void remove_keys(struct xenbus *bus, const char *domain)
{
	struct store *store = xenbus_store(bus);
	uint16_t own = store_own_domid(store);
	unsigned int nr = 0, left = 0;
	char **names;

	if (store_list(store, &names, &nr, "/local/domain/%u/backend/vbd/%s", own, domain) != 0)
		return;
	for (unsigned int i = 0; i < nr; i++) {
		if (limits_is_key(names[i]))
			store_rm(store, "/local/domain/%u/backend/vbd/%s/%s", own, domain,
				 names[i]);
		else
			left++;
	}
	free(names);
	if (nr > 0 && left == 0)
		store_rm(store, "/local/domain/%u/backend/vbd/%s", own, domain);
}

static void sweep_keys(struct xenbus *bus, const struct xenbus_device *leaving)
{
	struct store *store = xenbus_store(bus);
	unsigned int nr = 0;
	uint32_t domid;
	char **names;

	if (store_list(store, &names, &nr, "/local/domain/%u/backend/vbd",
		       store_own_domid(store)) != 0)
		return;
	for (unsigned int i = 0; i < nr; i++)
		if (num_u32(names[i], 0, UINT16_MAX, &domid) == 0 &&
		    !has_disks(bus, (uint16_t)domid, leaving) &&
		    !store_domain_alive(store, (uint16_t)domid))
			remove_keys(bus, names[i]);
	free(names);
}

void guest_sweep(struct xenbus *bus, const struct xenbus_device *leaving)
{
	for (struct guest **at = &guests; *at;) {
		struct guest *g = *at;

		if (has_disks(bus, g->domid, leaving)) {
			at = &g->next;
			continue;
		}
		*at = g->next;
		xentop_close(g->xentop);
		close(g->fd);
		free(g);
	}
	sweep_keys(bus, leaving);
	xentop_sweep(bus);
}
