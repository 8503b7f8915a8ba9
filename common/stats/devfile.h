/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file for each device, in a directory of them: of "vbd/3/51712" it is vbd-3-51712. */
#ifndef PVBACK_DEVFILE_H
#define PVBACK_DEVFILE_H

#include <limits.h>
#include <stdbool.h>

void devfile_path(const char *dir, const char *dev, char path[PATH_MAX]);
void devfile_remove(const char *dir, const char *dev);

/* Remove those of @kind ("vbd") that @keep returns false for. */
void devfile_sweep(const char *dir, const char *kind,
		   bool (*keep)(void *ctx, unsigned int domid, unsigned int devid), void *ctx);

#endif
