/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A block frontend's disk for one NBD client, from its first request to its last. */
#ifndef FRONT_BLK_EXPORT_H
#define FRONT_BLK_EXPORT_H

#include "blkfront.h"
#include "nbd.h"

void blk_export_describe(const struct blkfront *f, struct nbd_export *ret);

/*
 * Until the client is gone: 0. Everything it asked for is done then. Or until
 * @stop_fd is readable. -errno: the disk does not answer any more.
 */
int blk_export_serve(struct blkfront *f, int client_fd, int stop_fd);

#endif
