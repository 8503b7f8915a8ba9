/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One message with at most one descriptor beside it. */
#ifndef STANDIN_FDPASS_H
#define STANDIN_FDPASS_H

#include <stddef.h>
#include <sys/types.h>

/* @fd may be -1. 0 or -errno. */
int fdpass_send(int sock, const void *buf, size_t len, int fd);

/* Bytes received, 0 = closed, or -errno. @fd may be NULL; -1 if none came. */
ssize_t fdpass_recv(int sock, void *buf, size_t size, int *fd);

#endif
