/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's half of the stand-in: what a guest kernel has from the
 * hypervisor. Frontends in tests/front are written against it. Exported by
 * libstandin.so, which such a program links (and which is preloaded anyway in
 * a world opened by tests/native/world).
 *
 * A guest is a domain of the world (see `standin create`). Several processes
 * may act for one guest: memory, grant table and ports are the domain's.
 *
 * int functions return 0 or -errno.
 */
#ifndef STANDIN_GUEST_H
#define STANDIN_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include <xenctrl.h>
#include <xen/grant_table.h>

#define GUEST_PAGE_SIZE 4096u

struct guest;
struct guest_events;

/* -ESRCH: no such domain; -ENOENT: not in a world (STANDIN_DIR is not set). */
int guest_open(uint16_t domid, struct guest **ret);
void guest_close(struct guest *g); /* grants and pages stay, as they are the domain's */
uint16_t guest_domid(const struct guest *g);

/*
 * Memory. Pages are side by side and zeroed. NULL: the guest's memory is used
 * up. Everything a backend is to reach must come from here.
 */
void *guest_pages_alloc(struct guest *g, unsigned int nr);
void guest_pages_free(struct guest *g, void *addr, unsigned int nr);
uint32_t guest_frame(const struct guest *g, const void *page);

/*
 * Grants. guest_grant() takes a free entry of the table, guest_grant_at() a
 * certain one (the well-known ones: 0 console, 1 XenStore). @to is the backend's
 * domain. guest_grant_end() is -EBUSY while a backend has the page mapped.
 */
int guest_grant(struct guest *g, uint16_t to, const void *page, bool readonly, uint32_t *ret_gref);
void guest_grant_at(struct guest *g, uint32_t gref, uint16_t to, const void *page, bool readonly);
int guest_grant_end(struct guest *g, uint32_t gref);
bool guest_grant_in_use(const struct guest *g, uint32_t gref);

/*
 * The entry itself, for hostile guests: any flags, any domain, any frame, at
 * any time. NULL when @gref is outside of the table.
 */
grant_entry_v1_t *guest_grant_entry(struct guest *g, uint32_t gref);

/*
 * Event channels. A struct guest_events has a descriptor of its own, so a
 * thread can wait for its own ports only.
 */
int guest_events_open(struct guest *g, struct guest_events **ret);
void guest_events_close(struct guest_events *e);   /* closes its ports as well */
int guest_events_fd(const struct guest_events *e); /* readable: ports are pending */

/* A port that the domain @remote may bind to. */
int guest_port_alloc(struct guest_events *e, uint16_t remote, uint32_t *ret_port);
int guest_port_close(struct guest_events *e, uint32_t port);
int guest_notify(struct guest_events *e, uint32_t port); /* nobody bound: silently nothing */

/* Take what is pending, without waiting: how many ports, 0, or -errno. */
int guest_events_take(struct guest_events *e, uint32_t *ports, unsigned int max);

/* Wait until something was pending and take all of it: 1, 0 = time is up, or -errno. */
int guest_events_wait(struct guest_events *e, int timeout_ms);

#endif
