// SPDX-License-Identifier: GPL-2.0-or-later
/* Log files by name, see logfile.h. */
#include "logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "<file>.4294967295" */
#define ROTATED_NAME_MAX (LOGFILE_NAME_MAX + 12)

void logfile_name(char file[LOGFILE_NAME_MAX], const char *guest)
{
	static const char prefix[] = "guest-";
	static const char suffix[] = ".log";
	size_t at = sizeof(prefix) - 1;
	size_t end = LOGFILE_NAME_MAX - sizeof(suffix);

	memcpy(file, prefix, at);
	for (size_t i = 0; guest[i] != '\0' && at < end; i++, at++) {
		unsigned char c = (unsigned char)guest[i];

		if (c < ' ' || c == 0x7f || c == '/' || (i == 0 && c == '.'))
			c = '_';
		file[at] = (char)c;
	}
	memcpy(file + at, suffix, sizeof(suffix));
}

int logfile_prepare(const char *dir)
{
	char path[PATH_MAX];
	size_t len = strlen(dir);

	if (len >= sizeof(path))
		return -ENAMETOOLONG;
	memcpy(path, dir, len + 1);
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		path[i] = '\0';
		if (mkdir(path, 0750) < 0 && errno != EEXIST)
			return -errno;
		path[i] = i < len ? '/' : '\0';
	}
	return 0;
}

static int open_dir(const char *dir)
{
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return fd;
}

/*
 * A link or a pipe in the place of a log is refused: nobody but us should
 * have put anything there. O_NONBLOCK is for the open of a pipe, and does
 * nothing to a regular file.
 */
static int open_at(int dir_fd, const char *file)
{
	struct stat st;
	int fd = openat(dir_fd, file,
			O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK |
				O_CLOEXEC,
			0640);
	int err;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		err = -errno;
	else
		err = S_ISREG(st.st_mode) ? 0 : -EINVAL;
	if (!err)
		return fd;
	close(fd);
	return err;
}

int logfile_open(const char *dir, const char *file)
{
	int dir_fd = open_dir(dir);
	int fd;

	if (dir_fd < 0)
		return dir_fd;
	fd = open_at(dir_fd, file);
	close(dir_fd);
	return fd;
}

static void rotated_name(char name[ROTATED_NAME_MAX], const char *file, unsigned int n)
{
	if (n == 0)
		snprintf(name, ROTATED_NAME_MAX, "%s", file);
	else
		snprintf(name, ROTATED_NAME_MAX, "%s.%u", file, n);
}

/* Gaps in the numbers are no error; the last one is overwritten. */
static int shift(int dir_fd, const char *file, unsigned int keep)
{
	char from[ROTATED_NAME_MAX], to[ROTATED_NAME_MAX];

	if (keep == 0)
		return unlinkat(dir_fd, file, 0) < 0 ? -errno : 0;
	for (unsigned int n = keep; n > 0; n--) {
		rotated_name(from, file, n - 1);
		rotated_name(to, file, n);
		if (renameat(dir_fd, from, dir_fd, to) < 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}

int logfile_rotate(const char *dir, const char *file, unsigned int keep, uint64_t max)
{
	int dir_fd = open_dir(dir);
	struct stat st;
	int fd, err = 0;

	if (dir_fd < 0)
		return dir_fd;
	if (fstatat(dir_fd, file, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_size >= (off_t)max)
		err = shift(dir_fd, file, keep);
	fd = err ? err : open_at(dir_fd, file);
	close(dir_fd);
	return fd;
}
