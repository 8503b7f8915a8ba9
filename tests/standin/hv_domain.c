// SPDX-License-Identifier: GPL-2.0-or-later
/* Domains of the stand-in: their memory files, their life and death. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hv.h"

#define DOMID_MAX 0x7fef

static struct dom *doms;
static uint32_t instances;

static struct dom *dom_listed(uint16_t domid)
{
	struct dom *d = doms;

	while (d && d->domid != domid)
		d = d->next;
	return d;
}

struct dom *dom_find(uint16_t domid)
{
	struct dom *d = dom_listed(domid);

	return d && !d->dying ? d : NULL;
}

static void dom_free(struct dom *d)
{
	if (d->shared)
		munmap(d->shared, STANDIN_DOMAIN_SIZE);
	if (d->memory >= 0)
		close(d->memory);
	free(d);
}

static int dom_memory(struct dom *d)
{
	d->memory = memfd_create("standin-domain", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (d->memory < 0 || ftruncate(d->memory, STANDIN_DOMAIN_SIZE) < 0)
		return -errno;
	d->shared = mmap(NULL, STANDIN_DOMAIN_SIZE, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_NORESERVE, d->memory, 0);
	if (d->shared == MAP_FAILED) {
		d->shared = NULL;
		return -errno;
	}
	d->shared->domid = d->domid;
	d->shared->instance = ++instances;
	return 0;
}

static uint16_t free_domid(void)
{
	/* Xen goes on from the last one, so numbers are not used again soon. */
	static uint16_t last;
	unsigned int tries = DOMID_MAX;

	do {
		last = last == DOMID_MAX ? 1 : last + 1;
	} while (dom_listed(last) && --tries);
	return tries ? last : 0;
}

int dom_create(uint16_t wanted, uint16_t *ret)
{
	struct dom *d;
	int err;

	if (wanted > DOMID_MAX || dom_listed(wanted))
		return wanted > DOMID_MAX ? -EINVAL : -EEXIST;
	d = calloc(1, sizeof(*d));
	if (!d)
		return -ENOMEM;
	d->memory = -1;
	d->domid = wanted;
	err = dom_memory(d);
	if (err) {
		dom_free(d);
		return err;
	}
	d->next = doms;
	doms = d;
	*ret = d->domid;
	return 0;
}

int dom_create_any(uint16_t *ret)
{
	uint16_t domid = free_domid();

	return domid ? dom_create(domid, ret) : -ENOSPC;
}

static void dom_release(struct dom *d)
{
	struct dom **at = &doms;

	while (*at != d)
		at = &(*at)->next;
	*at = d->next;
	dom_free(d);
	virq_raise(VIRQ_DOM_EXC);
}

int dom_destroy(uint16_t domid)
{
	struct dom *d = dom_find(domid);

	if (!d || domid == 0)
		return d ? -EPERM : -ESRCH;
	d->dying = true;
	ports_destroy(d);
	clients_forget(d);
	atomic_store(&d->shared->dead, 1);
	if (d->maps == 0)
		dom_release(d);
	else
		virq_raise(VIRQ_DOM_EXC);
	return 0;
}

/* The last mapping of a dead domain lets go of it. */
void dom_put_maps(struct dom *d, unsigned int nr)
{
	d->maps -= nr;
	if (d->dying && d->maps == 0)
		dom_release(d);
}

int dom_shutdown(uint16_t domid, uint8_t reason)
{
	struct dom *d = dom_find(domid);

	if (!d)
		return -ESRCH;
	d->shutdown = true;
	d->reason = reason;
	virq_raise(VIRQ_DOM_EXC);
	return 0;
}

int dom_pause(uint16_t domid, bool paused)
{
	struct dom *d = dom_find(domid);

	if (!d)
		return -ESRCH;
	d->paused = paused;
	return 0;
}

static struct dom *dom_next(uint32_t from)
{
	struct dom *best = NULL;

	for (struct dom *d = doms; d; d = d->next)
		if (d->domid >= from && (!best || d->domid < best->domid))
			best = d;
	return best;
}

void dom_info(struct rpc *r)
{
	uint32_t from = r->domid;
	struct dom *d;

	for (r->nr = 0; r->nr + 3 <= RPC_LIST_MAX && (d = dom_next(from)); from = d->domid + 1u) {
		r->list[r->nr++] = d->domid;
		r->list[r->nr++] = (d->dying ? INFO_DYING : 0) | (d->shutdown ? INFO_SHUTDOWN : 0) |
				   (d->paused ? INFO_PAUSED : 0) |
				   (uint32_t)d->reason << INFO_REASON_SHIFT;
		r->list[r->nr++] = d->maps;
	}
}
