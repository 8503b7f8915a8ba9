// SPDX-License-Identifier: GPL-2.0-or-later
#include "xen/lifeline.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <xenstore_lib.h>

int lifeline_open(int *ret)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const char *path = xs_daemon_socket();
	struct stat st;
	int fd;

	/* As libxenstore chooses. */
	if (!path || stat(path, &st) < 0 || !S_ISSOCK(st.st_mode)) {
		*ret = -1;
		return 0;
	}
	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	*ret = fd;
	return 0;
}
