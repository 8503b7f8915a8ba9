/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What qemu-storage-daemon is to be started with. The names in it are somebody
 * else's text, so they go into JSON, letter by letter. Pure.
 */
#ifndef PVBACK_QSD_ARGS_H
#define PVBACK_QSD_ARGS_H

#include <stdbool.h>

#include "target.h"

#define QSD_EXPORT "disk"

#define QSD_ARGS_MAX 16

struct qsd_args {
	const char *argv[QSD_ARGS_MAX]; /* NULL at the end */
	/* what some of them point into */
	char blockdev[8 * TARGET_MAX];
	char object[8 * TARGET_MAX];
	char server[64];
	char export[80];
};

struct qsd_how {
	bool readonly;
	bool discard;
	bool direct;   /* past the page cache */
	int listen_fd; /* where it takes connections */
};

/* -E2BIG: it does not fit, which no target that was parsed can cause. */
int qsd_args_make(const struct target *t, const struct qsd_how *how, struct qsd_args *ret);

#endif
