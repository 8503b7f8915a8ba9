// SPDX-License-Identifier: GPL-2.0-or-later
/* usage: loops FIRST COUNT: detach and remove these loop devices, for a world that is over. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <linux/loop.h>

/* A device goes when its last user does, which may take the kernel a moment. */
#define TRIES 200

static int remove_loop(int control, int nr)
{
	struct timespec pause = { .tv_nsec = 5000000 };

	for (int i = 0; i < TRIES; i++) {
		if (ioctl(control, LOOP_CTL_REMOVE, nr) == 0 || errno == ENODEV)
			return 0;
		nanosleep(&pause, NULL);
	}
	return -errno;
}

int main(int argc, char **argv)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), failed = 0;

	if (argc != 3 || control < 0)
		return 2;
	for (int i = 0; i < atoi(argv[2]); i++) {
		int nr = atoi(argv[1]) + i, fd, err;
		char path[32];

		snprintf(path, sizeof(path), "/dev/loop%d", nr);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		ioctl(fd, LOOP_CLR_FD, 0);
		close(fd);
		err = remove_loop(control, nr);
		if (err) {
			fprintf(stderr, "loops: %s: %s\n", path, strerror(-err));
			failed = 1;
		}
	}
	return failed;
}
