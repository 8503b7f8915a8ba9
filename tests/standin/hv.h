/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stand-in's hypervisor: one process, one thread, nothing to lock. */
#ifndef STANDIN_HV_H
#define STANDIN_HV_H

#include <stdbool.h>
#include <stdint.h>

#include "rpc.h"
#include "shared.h"

struct dom {
	struct dom *next;
	uint16_t domid;
	int memory; /* memory file; -1 when dead */
	struct standin_domain *shared;
	unsigned int maps; /* grants mapped by anybody: dying until there are none */
	bool dying, shutdown, paused;
	uint8_t reason;
	uint16_t readers[STANDIN_GREFS], writers[STANDIN_GREFS]; /* mappings of each entry */
};

struct map {
	struct map *next;
	uint32_t id;
	bool writable;
	unsigned int nr;
	struct {
		struct dom *dom;
		uint32_t gref;
	} entries[];
};

/* One connection: a handle of some library of some program. */
struct client {
	struct client *next;
	int fd;
	int sink; /* where its ports are written; -1: not for events */
	bool greeted;
	struct dom *dom; /* NULL when its domain is gone */
	uint32_t handle;
	int32_t restricted; /* the one domain it may bind to, or -1 */
	struct map *maps;
	uint32_t last_map;
};

extern struct standin_world *world;

/* hv.c */
struct client *client_by_handle(uint32_t handle);
void clients_forget(const struct dom *d);

/* hv_domain.c */
struct dom *dom_find(uint16_t domid); /* alive, or NULL */
int dom_create(uint16_t wanted, uint16_t *ret);
int dom_create_any(uint16_t *ret);
int dom_destroy(uint16_t domid);
int dom_shutdown(uint16_t domid, uint8_t reason);
int dom_pause(uint16_t domid, bool paused);
void dom_info(struct rpc *r);
void dom_put_maps(struct dom *d, unsigned int nr);

/* hv_evtchn.c */
int port_alloc(struct client *c, uint16_t remote, uint32_t *ret);
int port_bind(struct client *c, uint16_t domid, uint32_t remote, uint32_t *ret);
int port_virq(struct client *c, uint32_t virq, uint32_t *ret);
int port_close(struct client *c, uint32_t port);
int port_status(uint16_t domid, uint32_t port, uint32_t *ret_state, uint32_t *ret_peer);
void ports_close_all(struct client *c); /* of this handle */
void ports_destroy(struct dom *d);	/* of this domain */
void virq_raise(uint32_t virq);

/* hv_grant.c */
int grant_map(struct client *c, struct rpc *r);
int grant_unmap(struct client *c, uint32_t id);
void grant_unmap_all(struct client *c);

#endif
