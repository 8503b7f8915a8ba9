// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls of the C library that lead into the world: the files in which Linux
 * tells a xenstored about domain 0's ring, and the choice of a loop device.
 */
#undef _FILE_OFFSET_BITS /* both names of each, and neither is a macro for the other */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/loop.h>

#define PROC_XEN "/proc/xen/"

/* xsguest for domain 0 has made these two. */
static const char *redirected(const char *path, char *buf, size_t size)
{
	const char *dir = getenv("STANDIN_DIR");
	const char *name = path + strlen(PROC_XEN);

	if (!dir || strncmp(path, PROC_XEN, strlen(PROC_XEN)) != 0 ||
	    (strcmp(name, "xsd_port") != 0 && strcmp(name, "xsd_kva") != 0))
		return path;
	snprintf(buf, size, "%s/%s", dir, name);
	return buf;
}

static int open_at(int dir, const char *path, int flags, mode_t mode)
{
	char buf[256];

	return (int)syscall(SYS_openat, dir, redirected(path, buf, sizeof(buf)), flags, mode);
}

static mode_t mode_of(int flags, va_list ap)
{
	return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(ap, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
	mode_t mode;
	va_list ap;

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	return open_at(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

/* From programs that were compiled with _FORTIFY_SOURCE. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);

int __open_2(const char *path, int flags)
{
	return open_at(AT_FDCWD, path, flags, 0);
}

int __open64_2(const char *path, int flags)
{
	return open_at(AT_FDCWD, path, flags, 0);
}

/* oxenstored wants more descriptors than a container may have, and gives up. */
int setrlimit(__rlimit_resource_t resource, const struct rlimit *limits)
{
	int err = (int)syscall(SYS_prlimit64, 0, resource, limits, NULL);

	return err && errno == EPERM ? 0 : err;
}

int setrlimit64(__rlimit_resource_t resource, const struct rlimit64 *limits)
{
	return setrlimit(resource, (const struct rlimit *)limits);
}

/* Is nobody's now? */
static int loop_is_free(int nr)
{
	struct loop_info64 info;
	char path[32];
	int fd, err;

	snprintf(path, sizeof(path), "/dev/loop%d", nr);
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	err = (int)syscall(SYS_ioctl, fd, LOOP_GET_STATUS64, &info);
	close(fd);
	return err < 0 && errno == ENXIO;
}

/*
 * Loop devices are the whole machine's, and the stock block script first asks for
 * a free one and then takes it. So that worlds do not take each other's, and
 * what they leave can be found, each has numbers of its own: STANDIN_LOOPS="FIRST COUNT".
 */
static int own_free_loop(int control)
{
	const char *range = getenv("STANDIN_LOOPS");
	int first, count;

	if (!range || sscanf(range, "%d %d", &first, &count) != 2)
		return (int)syscall(SYS_ioctl, control, LOOP_CTL_GET_FREE, 0);
	for (int nr = first; nr < first + count; nr++) {
		if (syscall(SYS_ioctl, control, LOOP_CTL_ADD, nr) < 0 && errno != EEXIST)
			return -1;
		if (loop_is_free(nr))
			return nr;
	}
	errno = ENOSPC;
	return -1;
}

int ioctl(int fd, unsigned long request, ...)
{
	void *arg;
	va_list ap;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (request == LOOP_CTL_GET_FREE)
		return own_free_loop(fd);
	return (int)syscall(SYS_ioctl, fd, request, arg);
}
