/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small toolstack for tests: makes domains and devices in a world of the
 * stand-in with the same keys, permissions and transactions as libxl, without
 * a hypervisor call more than needed. Domains made here can be handled by the real
 * `xl` afterwards. For use as domain 0, in a world opened by tests/native/world.
 *
 * Each call has a XenStore connection of its own: safe from several threads.
 * int functions return 0 or -errno.
 */
#ifndef FRONT_TOOLSTACK_H
#define FRONT_TOOLSTACK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A domain: in the hypervisor, in XenStore (introduced, with its own ring), in libxl's
 * books, with a console page and port. It has nothing that runs but a process
 * for its XenStore ring, which is gone when the domain is.
 */
struct toolstack_domain {
	const char *name;
	uint16_t domid; /* 0 = next free */
	bool no_console;
};

int toolstack_domain_create(const char *name, uint16_t *ret);
int toolstack_domain_make(const struct toolstack_domain *how, uint16_t *ret);

/*
 * Detaches all devices by force and takes the domain out of everything, as
 * `xl destroy` does. -ETIMEDOUT: a backend did not reach state 6; all is removed nevertheless.
 */
int toolstack_destroy(uint16_t domid);

/* Who runs the hotplug script between state 2 and "connected". */
enum toolstack_plug {
	PLUG_OURSELVES, /* nobody: what the script would have done is done here, quickly */
	PLUG_SCRIPT,	/* the real script in /etc/xen/scripts */
	PLUG_NOT,	/* the device stays in state 2, see toolstack_plug() */
	PLUG_NO_WAIT,	/* only writes the keys, does not wait for state 2 either */
};

struct toolstack_vbd {
	unsigned int devid; /* 51712 = xvda */
	const char *image;
	bool readonly;
	bool cdrom;
	bool no_discard;
	enum toolstack_plug plug;
};

struct toolstack_vif {
	unsigned int handle;
	const char *bridge; /* NULL = xenbr0 */
	const char *mac;    /* NULL = made from domain and handle */
	const char *rate;   /* as in XenStore: "bytes,usecs"; NULL = no limit */
	unsigned int mtu;   /* 0 = do not say */
	enum toolstack_plug plug;
};

/* -ECONNREFUSED: the backend has refused (its state node is gone); -ETIMEDOUT: no state 2. */
int toolstack_vbd_add(uint16_t domid, const struct toolstack_vbd *how);
int toolstack_vif_add(uint16_t domid, const struct toolstack_vif *how);
int toolstack_attach_vbd(uint16_t domid, unsigned int devid, const char *image, bool readonly);
int toolstack_attach_vif(uint16_t domid, unsigned int handle);

/* What was left out by PLUG_NOT, as PLUG_OURSELVES does it. @kind "vbd" or "vif". */
int toolstack_plug(uint16_t domid, const char *kind, unsigned int devid);

/*
 * Not by force: online 0, state 5, wait for 6, remove; -ETIMEDOUT and nothing
 * removed if 6 is not reached in ten seconds. By force: the frontend's directory goes first.
 */
int toolstack_detach(uint16_t domid, const char *kind, unsigned int devid, bool force);

/* A key of the backend's or (kind "") of any absolute path, as domain 0. */
int toolstack_read(const char *path, char *buf, unsigned int size);
int toolstack_write(const char *path, const char *value);
int toolstack_rm(const char *path);
/* Wait until @path reads @value; NULL = until it is gone. -ETIMEDOUT. */
int toolstack_wait(const char *path, const char *value, int timeout_ms);

#endif
