/* SPDX-License-Identifier: GPL-2.0-or-later */
/* blkback-store: connections to NBD servers, and what these have to offer. May wait. */
#ifndef PVBACK_STORE_NBD_H
#define PVBACK_STORE_NBD_H

#include <stddef.h>

#include "store_conf.h"
#include "target.h"

/* To a server without TLS. On error @why has the reason. */
int store_nbd_dial(const struct target *t, int *ret_fd, char *why, size_t why_size);

/*
 * Ask the server behind @fd, which is used up, what @export is; then judge
 * whether a disk can be made of it.
 */
int store_nbd_measure(int fd, const char *export, struct store_info *ret, char *why,
		      size_t why_size);

#endif
