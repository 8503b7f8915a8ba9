// SPDX-License-Identifier: GPL-2.0-or-later
/* Pseudo-terminals. */
#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static int make_raw(int fd)
{
	struct termios tio;

	if (tcgetattr(fd, &tio) < 0)
		return -errno;
	cfmakeraw(&tio);
	return tcsetattr(fd, TCSANOW, &tio) < 0 ? -errno : 0;
}

/* Through the master, so that no mount over /dev/pts can slip in another. */
static int open_slave(struct pty *p)
{
	if (grantpt(p->master) < 0 || unlockpt(p->master) < 0)
		return -errno;
	if (ptsname_r(p->master, p->path, sizeof(p->path)) != 0)
		return -errno;
	p->slave = ioctl(p->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return p->slave < 0 ? -errno : make_raw(p->slave);
}

int pty_open(struct pty *p)
{
	int err;

	*p = PTY_NONE;
	p->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (p->master < 0)
		return -errno;
	err = open_slave(p);
	if (err)
		pty_close(p);
	return err;
}

void pty_close(struct pty *p)
{
	if (p->slave >= 0)
		close(p->slave);
	if (p->master >= 0)
		close(p->master);
	*p = PTY_NONE;
}
