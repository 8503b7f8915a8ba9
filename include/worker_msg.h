/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The closed set of messages between a supervisor and its workers: fixed-size
 * datagrams over a socket pair, descriptors beside them. A worker is believed
 * as little as possible: what it says is a type, an errno and a text (and of a
 * blkback-store, what the store is like).
 */
#ifndef PVBACK_WORKER_MSG_H
#define PVBACK_WORKER_MSG_H

#include <stdbool.h>
#include <stdint.h>

#include "blk_conf.h"
#include "con_conf.h"
#include "net_conf.h"
#include "net_pair.h"
#include "store_conf.h"

enum worker_msg_type {
	/* supervisor -> worker */
	WORKER_MSG_CONF = 1, /* first message: what to serve, with descriptors */
	WORKER_MSG_STOP,     /* finish what is in flight, then exit 0 */
	WORKER_MSG_CON_ADD,  /* console worker: serve one more console */
	WORKER_MSG_CON_DEL,  /* console worker: drain and drop a console */
	WORKER_MSG_CON_LOG,  /* console worker: here is a fresh log file */
	WORKER_MSG_RESIZE,   /* block worker: the disk has blk.sectors now */
	WORKER_MSG_LIMITS,   /* block and network worker: these limits are in force now */
	WORKER_MSG_STORE,    /* block worker: here is a new connection to the disk's store */
	WORKER_MSG_NET_LIVE, /* network worker: net.live is in force now */
	WORKER_MSG_NET_PAIR, /* network worker: memory shared with another one, or no more; see pair */

	/* worker -> supervisor */
	WORKER_MSG_READY = 64,	  /* rings mapped, sealed, serving */
	WORKER_MSG_FAILED,	  /* could not start (con: could not add): err, text */
	WORKER_MSG_BROKEN,	  /* guest broke the ring: text; stopped serving it */
	WORKER_MSG_CON_GONE,	  /* console worker: console dropped */
	WORKER_MSG_CON_ROTATE,	  /* console worker: log is full, a fresh one please */
	WORKER_MSG_NET_LIVE_DONE, /* network worker: what NET_LIVE said is in force */
	WORKER_MSG_STORE_LOST,	  /* block worker: the connection to the store is dead: text */
};

#define WORKER_TEXT_MAX 160

struct worker_msg {
	uint32_t type;		    /* enum worker_msg_type */
	int32_t err;		    /* -errno with FAILED */
	uint32_t id;		    /* console worker: which console; else 0 */
	bool quiet;		    /* CONF: its guest connects too often to tell of each time */
	char dev[32];		    /* CONF, CON_ADD: name for logs, "vbd/3/51712" */
	char text[WORKER_TEXT_MAX]; /* FAILED, BROKEN: one line, NUL-terminated */
	union {
		struct blk_conf blk;
		struct net_conf net;
		struct net_pair_conf pair;
		struct con_conf con;
		struct store_conf store;      /* CONF of a blkback-store */
		struct store_info store_info; /* READY of a blkback-store */
	};
};

#endif
