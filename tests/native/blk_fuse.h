/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Block tests: an image on a file system of one file, whose disk fails as it
 * is told to. The file system is a process; the file below it is d->image's.
 */
#ifndef NATIVE_BLK_FUSE_H
#define NATIVE_BLK_FUSE_H

#include "blk_case.h"

struct fuse_faults {
	_Atomic int read;	      /* errno that every read fails with; 0: none */
	_Atomic int write;	      /* the same for writes and holes */
	_Atomic int flush;	      /* the same for fsync() */
	_Atomic bool hang;	      /* reads and writes are taken and not answered */
	_Atomic unsigned int hanging; /* how many of them */
	_Atomic unsigned int flushes; /* seen */
};

/*
 * As disk_new(), but what is attached is seen through the file system. Skips
 * the test if there is none to be had.
 */
void disk_new_fuse(struct disk *d, uint64_t bytes);
/* The same for a disk that has only been prepared. */
void disk_attach_fuse(struct disk *d);
const char *fuse_image(void); /* the path of what is attached */
struct fuse_faults *fuse_faults(void);
/* What hangs is done now, in the order in which it came. */
void fuse_release(void);
void fuse_wait_hanging(unsigned int nr);
/* After disk_free(). */
void fuse_end(void);

#endif
