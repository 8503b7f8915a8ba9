/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the small toolstack share. */
#ifndef FRONT_TOOLSTACK_PRIV_H
#define FRONT_TOOLSTACK_PRIV_H

#include "toolstack.h"
#include "xsconn.h"

/* As libxl's, see libxl_internal.h: for a backend's state, and for a script. */
#define STATE_PATIENCE_MS 10000
#define SCRIPT_PATIENCE_MS 40000

/* A key of a directory. */
struct ts_key {
	const char *name;
	char value[256];
};

int ts_write_keys(struct xsconn *c, const char *dir, const struct ts_key *keys, size_t nr);
/* A directory, owned by @owner, which @reader may read; NO_READER: nobody else. */
#define NO_READER UINT32_MAX
int ts_make_dir(struct xsconn *c, const char *path, uint32_t owner, uint32_t reader);

/* Run @body in a transaction, again and again until nobody else wrote meanwhile. */
int ts_transact(struct xsconn *c, int (*body)(struct xsconn *c, void *ctx), void *ctx);

/* Until the node reads @value; -ENOENT when it is gone, -ETIMEDOUT. NULL: until it is gone. */
int ts_wait_value(struct xsconn *c, const char *path, const char *value, int timeout_ms);

/* toolstack_device.c: all devices of a domain, at once and by force. */
int ts_detach_all(struct xsconn *c, uint16_t domid);

/* toolstack_plug.c */
struct ts_device {
	uint16_t domid;
	const char *kind;
	unsigned int devid;
	char back[XSCONN_PATH_MAX];
	char front[XSCONN_PATH_MAX];
	char libxl[XSCONN_PATH_MAX];
};

int ts_plug(struct xsconn *c, const struct ts_device *d);
int ts_run_script(struct xsconn *c, const struct ts_device *d, bool add);

#endif
