/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One log file as the writer's thread sees it: an open descriptor, a limit. */
#ifndef PVBACK_CONSOLED_OUTFILE_H
#define PVBACK_CONSOLED_OUTFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"

struct outfile {
	const char *dev; /* for messages */
	int fd;
	uint64_t max;	   /* bytes after which a fresh file is wanted; 0 = never */
	uint64_t size;	   /* bytes in the file */
	uint64_t lost;	   /* bytes that did not get in since the file last said so */
	uint64_t asked_ns; /* when a fresh file was asked for; 0 = not yet */
	struct log_meter meter;
};

/* @fd becomes the outfile's. */
void outfile_init(struct outfile *o, const char *dev, int fd, uint64_t max);
void outfile_fini(struct outfile *o);
void outfile_switch(struct outfile *o, int fd);

/* Append; @lost: bytes that were lost before these. May wait for the disk. */
void outfile_write(struct outfile *o, const void *data, size_t n, uint64_t lost);

/* Is it time to ask for a fresh file? True once, then again in a while. */
bool outfile_ask(struct outfile *o);

/* So far over the limit that the fresh file should be waited for. */
bool outfile_held(const struct outfile *o);

#endif
