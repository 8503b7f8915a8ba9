// SPDX-License-Identifier: GPL-2.0-or-later
/* The guest's half: see guest.h. */
#include "guest.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib.h"

/* Below are the well-known ones (GNTTAB_RESERVED_*), left to guest_grant_at(). */
#define FIRST_FREE_GREF 8

struct guest {
	struct rpc_link *link;
	struct standin_domain *shared;
	uint32_t next_gref; /* where the search begins */
	uint32_t next_frame;
};

struct guest_events {
	struct events *e;
};

int guest_open(uint16_t domid, struct guest **ret)
{
	struct guest *g = calloc(1, sizeof(*g));
	int err;

	if (!g)
		return -ENOMEM;
	err = rpc_open_as(domid, 0, &g->link, NULL);
	if (err)
		goto err_free;
	g->shared = link_domain(g->link, domid);
	if (!g->shared) {
		err = -ESRCH;
		goto err_close;
	}
	g->next_gref = FIRST_FREE_GREF;
	*ret = g;
	return 0;

err_close:
	rpc_close(g->link);
err_free:
	free(g);
	return err;
}

void guest_close(struct guest *g)
{
	if (!g)
		return;
	rpc_close(g->link);
	free(g);
}

uint16_t guest_domid(const struct guest *g)
{
	return rpc_domid(g->link);
}

/* Other processes of the guest take frames as well: each is won or lost. */
static bool take_frames(struct guest *g, uint32_t first, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		if (atomic_exchange(&g->shared->frame_used[first + i], 1) == 0)
			continue;
		while (i > 0)
			atomic_store(&g->shared->frame_used[first + --i], 0);
		return false;
	}
	return true;
}

void *guest_pages_alloc(struct guest *g, unsigned int nr)
{
	uint32_t places = STANDIN_FRAMES - nr;

	for (uint32_t tried = 0; nr > 0 && nr <= STANDIN_FRAMES && tried <= places; tried++) {
		uint32_t first = (g->next_frame + tried) % (places + 1);
		unsigned char *page = g->shared->pages + (size_t)first * STANDIN_PAGE;

		if (!take_frames(g, first, nr))
			continue;
		g->next_frame = first + nr;
		memset(page, 0, (size_t)nr * STANDIN_PAGE);
		return page;
	}
	return NULL;
}

void guest_pages_free(struct guest *g, void *addr, unsigned int nr)
{
	uint32_t first = guest_frame(g, addr);

	for (unsigned int i = 0; i < nr; i++)
		atomic_store(&g->shared->frame_used[first + i], 0);
}

uint32_t guest_frame(const struct guest *g, const void *page)
{
	return (uint32_t)(((const unsigned char *)page - g->shared->pages) / STANDIN_PAGE);
}

grant_entry_v1_t *guest_grant_entry(struct guest *g, uint32_t gref)
{
	return gref < STANDIN_GREFS ? &g->shared->grants[gref] : NULL;
}

/* Frame and domain first, the flags make the entry valid: what a guest kernel does. */
void guest_grant_at(struct guest *g, uint32_t gref, uint16_t to, const void *page, bool readonly)
{
	grant_entry_v1_t *entry = &g->shared->grants[gref];

	entry->frame = guest_frame(g, page);
	entry->domid = to;
	atomic_store((_Atomic uint16_t *)&entry->flags,
		     readonly ? GTF_permit_access | GTF_readonly : GTF_permit_access);
}

int guest_grant(struct guest *g, uint16_t to, const void *page, bool readonly, uint32_t *ret_gref)
{
	const uint32_t nr = STANDIN_GREFS - FIRST_FREE_GREF;

	for (uint32_t tried = 0; tried < nr; tried++) {
		uint32_t gref = FIRST_FREE_GREF + (g->next_gref - FIRST_FREE_GREF + tried) % nr;
		uint16_t none = GTF_invalid;

		/* Taken by a mark that permits nothing; the rest is ours alone. */
		if (!atomic_compare_exchange_strong(
			    (_Atomic uint16_t *)&g->shared->grants[gref].flags, &none,
			    GTF_accept_transfer))
			continue;
		g->next_gref = gref + 1;
		guest_grant_at(g, gref, to, page, readonly);
		*ret_gref = gref;
		return 0;
	}
	return -ENOSPC;
}

bool guest_grant_in_use(const struct guest *g, uint32_t gref)
{
	return atomic_load((_Atomic uint16_t *)&g->shared->grants[gref].flags) &
	       (GTF_reading | GTF_writing);
}

int guest_grant_end(struct guest *g, uint32_t gref)
{
	_Atomic uint16_t *flags = (_Atomic uint16_t *)&g->shared->grants[gref].flags;
	uint16_t old = atomic_load(flags);

	do {
		if (old & (GTF_reading | GTF_writing))
			return -EBUSY;
	} while (!atomic_compare_exchange_weak(flags, &old, GTF_invalid));
	return 0;
}

int guest_events_open(struct guest *g, struct guest_events **ret)
{
	struct guest_events *e = calloc(1, sizeof(*e));
	int err;

	if (!e)
		return -ENOMEM;
	err = events_open(guest_domid(g), &e->e);
	if (err) {
		free(e);
		return err;
	}
	*ret = e;
	return 0;
}

void guest_events_close(struct guest_events *e)
{
	if (!e)
		return;
	events_close(e->e);
	free(e);
}

int guest_events_fd(const struct guest_events *e)
{
	return events_fd(e->e);
}

int guest_port_alloc(struct guest_events *e, uint16_t remote, uint32_t *ret_port)
{
	return events_alloc(e->e, remote, ret_port);
}

int guest_port_close(struct guest_events *e, uint32_t port)
{
	return events_unbind(e->e, port);
}

int guest_notify(struct guest_events *e, uint32_t port)
{
	return events_notify(e->e, port);
}

int guest_events_take(struct guest_events *e, uint32_t *ports, unsigned int max)
{
	ssize_t got = recv(events_fd(e->e), ports, max * sizeof(*ports), MSG_DONTWAIT);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (got == 0)
		return -EPIPE;
	for (size_t i = 0; i < (size_t)got / sizeof(*ports); i++)
		events_unmask(e->e, ports[i]);
	return (int)((size_t)got / sizeof(*ports));
}

int guest_events_wait(struct guest_events *e, int timeout_ms)
{
	struct pollfd p = { .fd = events_fd(e->e), .events = POLLIN };
	uint32_t ports[64];
	int got = poll(&p, 1, timeout_ms);

	if (got <= 0)
		return got == 0 || errno == EINTR ? 0 : -errno;
	for (;;) {
		got = guest_events_take(e, ports, 64);
		if (got <= 0)
			return got < 0 ? got : 1;
	}
}
