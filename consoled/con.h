/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One domain's console in the supervisor: keys, pty, log file, worker's id. */
#ifndef PVBACK_CONSOLED_CON_H
#define PVBACK_CONSOLED_CON_H

#include <stdbool.h>
#include <stdint.h>

#include "keys.h"
#include "logfile.h"
#include "pty.h"
#include "worker_msg.h"
#include "xen/store.h"

struct con_settings {
	const char *log_dir;   /* NULL: no logs */
	uint64_t log_max;      /* bytes; 0: never rotated */
	unsigned int log_keep; /* rotated files */
	bool log_stamps;
	bool log_raw;
};

enum con_state {
	CON_IDLE,   /* not with the worker: no keys yet, or no worker */
	CON_ADDING, /* CON_ADD sent */
	CON_SERVED,
	CON_FAILED, /* could not be added, to be tried again */
	CON_BROKEN, /* guest broke the ring: given up until it has another */
};

struct con {
	struct con *next;
	uint16_t domid;
	char dev[32]; /* "console/3" */
	enum con_state state;
	uint32_t id; /* with the worker, see con_conf.h; 0 = none */
	bool has_keys;
	struct con_keys keys;
	struct pty pty;
	bool published; /* pty.path stands in XenStore */
	bool told;	/* the present trouble has been logged */
	bool port_told; /* console/port was written since we looked */
	bool dirty;	/* for domains.c: to be looked at */
	bool seen;	/* for domains.c: present in this walk */
	char log_file[LOGFILE_NAME_MAX];
};

void con_init(struct store *store, const struct con_settings *settings);

int con_new(uint16_t domid, struct con **ret);
/* Drains and drops it; clients see a hang-up, the log stays. */
void con_free(struct con *con);

/* Read the keys again and do what follows from them. */
void con_look(struct con *con);
/* READY, FAILED, BROKEN or CON_ROTATE about this console. */
void con_message(struct con *con, const struct worker_msg *msg);
void con_link_down(struct con *con);
/* Open the log by its name of today. */
void con_reopen_log(struct con *con);

#endif
