/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For the tests of the I/O engines: a file of their own, and each engine on it. */
#ifndef UNIT_ENGINE_FILE_H
#define UNIT_ENGINE_FILE_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"

static const char *const engine_names[] = {
	[BLK_ENGINE_URING] = "io_uring",
	[BLK_ENGINE_AIO] = "aio",
	[BLK_ENGINE_SYNC] = "sync",
};

static inline int engine_make(enum blk_engine kind, int fd, unsigned int depth, struct engine **ret)
{
	const struct engine_conf conf = {
		.dev = engine_names[kind],
		.fd = fd,
		.depth = depth,
		.discard = BLK_DISCARD_FILE,
		.kind = kind,
	};

	return engine_open(&conf, ret);
}

/* Of @bytes, with something in every sector; opened with @flags and, if that can be, directly. */
static inline int engine_file(uint64_t bytes, int flags)
{
	const char *dir = getenv("TMPDIR");
	uint64_t line[64];
	char path[160];
	int fd, direct;

	snprintf(path, sizeof(path), "%s/engine.XXXXXX", dir ? dir : "/var/tmp");
	fd = mkstemp(path);
	if (fd < 0)
		return -1;
	for (uint64_t at = 0; at < bytes; at += sizeof(line)) {
		for (unsigned int i = 0; i < 64; i++)
			line[i] = (at + i * 8 + 1) * 0x9e3779b97f4a7c15ull;
		if (write(fd, line, sizeof(line)) != sizeof(line)) {
			unlink(path);
			close(fd);
			return -1;
		}
	}
	fsync(fd);
	close(fd);
	direct = open(path, flags | O_DIRECT | O_CLOEXEC);
	fd = direct < 0 ? open(path, flags | O_CLOEXEC) : direct;
	unlink(path);
	return fd;
}

/* False, with a word why, if this host has only some of them. */
static inline bool engines_are_all_here(void)
{
	for (enum blk_engine kind = BLK_ENGINE_URING; kind <= BLK_ENGINE_SYNC; kind++) {
		struct engine *e;
		int fd = engine_file(0, O_RDWR), err = engine_make(kind, fd, 1, &e);

		if (err) {
			printf("skipped: no %s here: %s\n", engine_names[kind], strerror(-err));
			return false;
		}
		engine_close(e);
		close(fd);
	}
	return true;
}

#endif
