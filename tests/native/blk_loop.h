/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Block tests: a block device over a file, one of the world's loop devices. */
#ifndef NATIVE_BLK_LOOP_H
#define NATIVE_BLK_LOOP_H

#include "blk_case.h"

/*
 * As disk_new(), but what is attached is a block device of sectors of
 * @sector_size bytes over d->image. Skips the test if there is no such device.
 */
void disk_new_device(struct disk *d, uint64_t bytes, unsigned int sector_size);
/* The same for a disk that has only been prepared. */
void disk_attach_device(struct disk *d, unsigned int sector_size);
const char *disk_device(void); /* its path */
/* Lets the device go as well. */
void disk_free_device(struct disk *d);
/* The device forgets what it knows of the image's size and content. */
void disk_drop_caches(void);

#endif
