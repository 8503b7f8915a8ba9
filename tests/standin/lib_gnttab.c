// SPDX-License-Identifier: GPL-2.0-or-later
/* libxengnttab of the stand-in: mapping by the hypervisor's leave, copying in place. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <xenctrl.h> /* first: it makes the types the other goes without */
#include <xengnttab.h>

#include "grant.h"
#include "lib.h"

struct mapping {
	struct mapping *next;
	void *addr;
	uint32_t nr;
	uint32_t id;
};

struct xengntdev_handle {
	struct rpc_link *link;
	struct mapping *mappings;
};

static int with_errno(int err)
{
	if (!err)
		return 0;
	errno = -err;
	return -1;
}

xengnttab_handle *xengnttab_open(struct xentoollog_logger *logger, unsigned int open_flags)
{
	struct xengntdev_handle *h = calloc(1, sizeof(*h));

	(void)logger;
	(void)open_flags;
	if (!h || with_errno(rpc_open(0, &h->link, NULL))) {
		free(h);
		return NULL;
	}
	return h;
}

/* Mappings outlive the handle in the process, but not in the hypervisor's books; as with gntdev. */
int xengnttab_close(xengnttab_handle *xgt)
{
	if (!xgt)
		return 0;
	while (xgt->mappings) {
		struct mapping *m = xgt->mappings;

		xgt->mappings = m->next;
		frames_release(m->addr, m->nr);
		free(m);
	}
	rpc_close(xgt->link);
	free(xgt);
	return 0;
}

int xengnttab_set_max_grants(xengnttab_handle *xgt, uint32_t nr_grants)
{
	(void)xgt;
	(void)nr_grants;
	return 0;
}

static int injected_map_fault(void)
{
	struct standin_fault *f = &lib_world()->fault;

	if (atomic_load(&f->map_errno) == 0 || atomic_load(&f->map_times) == 0)
		return 0;
	atomic_fetch_sub(&f->map_times, 1);
	return -atomic_load(&f->map_errno);
}

static int unmap_id(struct rpc_link *l, uint32_t id)
{
	struct rpc r = { .op = RPC_UNMAP, .a = id };

	return rpc_call(l, &r, NULL);
}

/* One mapping may be of several domains: each page from its own file. */
static int place_pages(struct rpc_link *l, const uint32_t *domids, unsigned int step,
		       const struct rpc *r, int prot, void **ret)
{
	char *at = frames_reserve(r->nr);

	if (!at)
		return -ENOMEM;
	for (uint32_t i = 0; i < r->nr; i++) {
		uint16_t domid = (uint16_t)domids[(size_t)i * step];

		if (!link_domain(l, domid) ||
		    frame_place(at + (size_t)i * STANDIN_PAGE, link_domain_fd(l, domid), r->list[i],
				prot) != 0) {
			frames_release(at, r->nr);
			return -EINVAL;
		}
	}
	*ret = at;
	return 0;
}

static void *map(struct xengntdev_handle *h, uint32_t count, const uint32_t *domids,
		 unsigned int step, const uint32_t *refs, int prot)
{
	struct rpc r = { .op = RPC_MAP, .b = !!(prot & PROT_WRITE), .nr = 2 * count };
	struct mapping *m = calloc(1, sizeof(*m));
	int err = count > RPC_LIST_MAX / 2 ? -E2BIG : injected_map_fault();

	if (!m || err)
		goto err_free;
	for (uint32_t i = 0; i < count; i++) {
		r.list[2 * i] = domids[(size_t)i * step];
		r.list[2 * i + 1] = refs[i];
	}
	err = rpc_call(h->link, &r, NULL);
	if (err)
		goto err_free;
	err = place_pages(h->link, domids, step, &r, prot, &m->addr);
	if (err)
		goto err_unmap;
	m->nr = count;
	m->id = r.a;
	m->next = h->mappings;
	h->mappings = m;
	return m->addr;

err_unmap:
	unmap_id(h->link, r.a);
err_free:
	free(m);
	errno = err ? -err : ENOMEM;
	return NULL;
}

void *xengnttab_map_grant_ref(xengnttab_handle *xgt, uint32_t domid, uint32_t ref, int prot)
{
	return map(xgt, 1, &domid, 0, &ref, prot);
}

void *xengnttab_map_grant_refs(xengnttab_handle *xgt, uint32_t count, uint32_t *domids,
			       uint32_t *refs, int prot)
{
	return map(xgt, count, domids, 1, refs, prot);
}

void *xengnttab_map_domain_grant_refs(xengnttab_handle *xgt, uint32_t count, uint32_t domid,
				      uint32_t *refs, int prot)
{
	return map(xgt, count, &domid, 0, refs, prot);
}

/* Of the two notifications at the end of a mapping none is played. */
void *xengnttab_map_grant_ref_notify(xengnttab_handle *xgt, uint32_t domid, uint32_t ref, int prot,
				     uint32_t notify_offset, evtchn_port_t notify_port)
{
	(void)notify_offset;
	(void)notify_port;
	return map(xgt, 1, &domid, 0, &ref, prot);
}

int xengnttab_unmap(xengnttab_handle *xgt, void *start_address, uint32_t count)
{
	for (struct mapping **at = &xgt->mappings; *at; at = &(*at)->next) {
		struct mapping *m = *at;
		int err;

		if (m->addr != start_address || m->nr != count)
			continue;
		*at = m->next;
		frames_release(m->addr, m->nr);
		err = unmap_id(xgt->link, m->id);
		free(m);
		return with_errno(err);
	}
	return with_errno(-EINVAL);
}

/* Where one side of a copy lies: status, and the address. */
static int16_t side(struct rpc_link *l, const union xengnttab_copy_ptr *ptr, bool foreign,
		    bool writable, uint16_t len, char **ret)
{
	struct standin_domain *d;
	uint32_t frame;
	int16_t status;

	if (!foreign) {
		*ret = ptr->virt;
		return GNTST_okay;
	}
	d = link_domain(l, ptr->foreign.domid);
	if (!d)
		return GNTST_bad_domain;
	if (ptr->foreign.offset + (uint32_t)len > STANDIN_PAGE)
		return GNTST_bad_copy_arg;
	status = grant_judge(d, ptr->foreign.ref, rpc_domid(l), writable, &frame);
	if (status == GNTST_okay)
		*ret = (char *)d->pages + (size_t)frame * STANDIN_PAGE + ptr->foreign.offset;
	return status;
}

/* Is this the n-th copy (or call) that is to go wrong? */
static bool fault_is_due(struct standin_fault *f)
{
	uint32_t every = atomic_load(&f->copy_every);

	return every <= 1 || (atomic_fetch_add(&f->copies_seen, 1) + 1) % every == 0;
}

static void copy_one(struct rpc_link *l, xengnttab_grant_copy_segment_t *seg)
{
	struct standin_world *w = lib_world();
	enum standin_copy_fault fault = atomic_load(&w->fault.copy);
	char *from, *to;

	if (fault != COPY_FINE && fault != COPY_CALL_FAILS && fault_is_due(&w->fault)) {
		if (fault == COPY_STATUS)
			seg->status = (int16_t)atomic_load(&w->fault.copy_value);
		atomic_fetch_add(&w->copies_failed, 1);
		return;
	}
	seg->status =
		side(l, &seg->source, seg->flags & GNTCOPY_source_gref, false, seg->len, &from);
	if (seg->status == GNTST_okay)
		seg->status =
			side(l, &seg->dest, seg->flags & GNTCOPY_dest_gref, true, seg->len, &to);
	if (seg->status == GNTST_okay)
		memcpy(to, from, seg->len);
	else
		atomic_fetch_add(&w->copies_failed, 1);
}

int xengnttab_grant_copy(xengnttab_handle *xgt, uint32_t count,
			 xengnttab_grant_copy_segment_t *segs)
{
	struct standin_world *w = lib_world();
	uint64_t bytes = 0;

	atomic_fetch_add_explicit(&w->copy_calls, 1, memory_order_relaxed);
	if (atomic_load(&w->fault.copy) == COPY_CALL_FAILS && fault_is_due(&w->fault))
		return with_errno(-atomic_load(&w->fault.copy_value));
	for (uint32_t i = 0; i < count; i++) {
		copy_one(xgt->link, &segs[i]);
		bytes += segs[i].len;
	}
	atomic_fetch_add_explicit(&w->copies, count, memory_order_relaxed);
	atomic_fetch_add_explicit(&w->copied_bytes, bytes, memory_order_relaxed);
	return 0;
}
