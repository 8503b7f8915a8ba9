/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose writes may still reach an image: a lock that lasts as long as they are under way. */
#ifndef PVBACK_IMAGE_LOCK_H
#define PVBACK_IMAGE_LOCK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Lock the image open as @fd, for writing, on behalf of a worker that gets this
 * very descriptor; @ret: a number that tells this lock from all others. The
 * lock ends when the worker lets it go or, if it was killed, when the last of its I/O
 * is done. -errno: the file system has no locks.
 */
int image_lock_take(int fd, uint32_t *ret);

/*
 * Is there a lock on the image at @path that @ours says no to? True: writes
 * of a worker that is no more, or of another daemon's, may still land.
 */
bool image_lock_foreign(const char *path, bool (*ours)(void *ctx, uint32_t number), void *ctx);

#endif
