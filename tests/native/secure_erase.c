// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A stand-in for devices that erase for good, which are rare: put in front of a
 * program, it answers BLKSECDISCARD as Linux does (block/ioctl.c) and fills what is
 * erased with SECURE_ERASE_MARK, so that it can be told from a plain discard.
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SECURE_ERASE_MARK 0x5e

static int erase(int fd, const uint64_t *range)
{
	static _Alignas(4096) uint8_t block[512];

	if ((range[0] | range[1]) & 511) {
		errno = EINVAL;
		return -1;
	}
	memset(block, SECURE_ERASE_MARK, sizeof(block));
	for (uint64_t at = 0; at < range[1]; at += sizeof(block))
		if (pwrite(fd, block, sizeof(block), (off_t)(range[0] + at)) < 0)
			return -1;
	return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
	static int (*next)(int fd, unsigned long request, ...);
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (request == BLKSECDISCARD)
		return erase(fd, arg);
	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "ioctl");
	return next(fd, request, arg);
}
