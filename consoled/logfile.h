/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Log files by name: open, rotate. The bytes are the worker's business. */
#ifndef PVBACK_CONSOLED_LOGFILE_H
#define PVBACK_CONSOLED_LOGFILE_H

#include <stddef.h>
#include <stdint.h>

#define LOGFILE_NAME_MAX 220

/*
 * File name of a guest's log, "guest-<name>.log". Pure. What could lead out
 * of the directory or hide the file is replaced, an overlong name is cut.
 */
void logfile_name(char file[LOGFILE_NAME_MAX], const char *guest);

/* Make the directory if it is missing. 0 or -errno. */
int logfile_prepare(const char *dir);

/* Open for appending, made if it is missing: a descriptor or -errno. */
int logfile_open(const char *dir, const char *file);

/*
 * Move the file to "<file>.1", that to ".2" and so on up to @keep, unless it
 * has fewer than @max bytes (then somebody else has just done so), and open
 * a fresh one: a descriptor or -errno.
 */
int logfile_rotate(const char *dir, const char *file, unsigned int keep, uint64_t max);

#endif
