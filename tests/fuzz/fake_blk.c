// SPDX-License-Identifier: GPL-2.0-or-later
/* What a block queue needs to be set up, and what says nothing about requests. */
#include "fake_blk.h"

#include "engine.h"
#include "worker/child.h"
#include "xen/evtchn.h"
#include "xen/gnttab.h"

uint8_t fake_ring_page[4096] __attribute__((aligned(4096)));
unsigned int fake_notified, fake_broken_told;

void engine_close(struct engine *e)
{
}

void engine_watch(struct engine *e, uint64_t tag, int fd)
{
}

int engine_submit(struct engine *e, unsigned int wait_nr, uint64_t timeout_ns)
{
	return 0;
}

uint64_t engine_syscalls(const struct engine *e)
{
	return 0;
}

int gnttab_open(struct gnttab **ret)
{
	*ret = NULL;
	return 0;
}

void gnttab_close(struct gnttab *gt)
{
}

int gnttab_map(struct gnttab *gt, uint16_t domid, const uint32_t *refs, unsigned int nr, void **ret)
{
	*ret = fake_ring_page;
	return 0;
}

int gnttab_unmap(struct gnttab *gt, void *addr, unsigned int nr)
{
	return 0;
}

int evtchn_open(struct evtchn **ret)
{
	*ret = NULL;
	return 0;
}

void evtchn_close(struct evtchn *ec)
{
}

int evtchn_fd(const struct evtchn *ec)
{
	return -1;
}

int evtchn_bind_patiently(struct evtchn *ec, const char *dev, uint16_t domid, uint32_t remote,
			  uint32_t *ret_local)
{
	*ret_local = 1;
	return 0;
}

int evtchn_restrict(struct evtchn *ec, uint16_t domid)
{
	return 0;
}

int evtchn_take(struct evtchn *ec, uint32_t *ports, unsigned int max)
{
	return 0;
}

int evtchn_unmask(struct evtchn *ec, const uint32_t *ports, unsigned int nr)
{
	return 0;
}

int evtchn_notify(struct evtchn *ec, uint32_t local)
{
	fake_notified++;
	return 0;
}

int child_failed(int err, uint32_t id, const char *fmt, ...)
{
	return err;
}

int child_broken(uint32_t id, const char *fmt, ...)
{
	fake_broken_told++;
	return 0;
}
