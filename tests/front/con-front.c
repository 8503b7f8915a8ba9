// SPDX-License-Identifier: GPL-2.0-or-later
/* con-front DOMID: a guest whose console is a pipe: stdin is what it prints, stdout what it is told. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "confront.h"

#define PATIENCE_MS 60000

static int print_from_stdin(struct confront *c, bool *ret_end)
{
	char buf[4096];
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));

	*ret_end = n <= 0;
	return n <= 0 ? 0 : confront_write(c, buf, (size_t)n, 16, PATIENCE_MS, NULL);
}

static int hand_to_stdout(struct confront *c)
{
	char buf[1024];
	size_t n;

	confront_calm(c);
	while ((n = confront_take(c, buf, sizeof(buf))) > 0) {
		confront_notify(c);
		if (write(STDOUT_FILENO, buf, n) != (ssize_t)n)
			return -EPIPE;
	}
	return 0;
}

/* After the end of stdin the console stays for @linger_ms: a guest that has stopped talking. */
static int run(struct confront *c, int linger_ms)
{
	struct pollfd fds[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = confront_fd(c), .events = POLLIN },
	};
	bool end = false;
	int err = 0;

	while (!err) {
		int nr = poll(fds, 2, end ? linger_ms : -1);

		if (nr < 0 && errno != EINTR)
			return -errno;
		if (nr == 0)
			return 0;
		if (nr > 0 && fds[0].revents)
			err = print_from_stdin(c, &end);
		if (nr > 0 && !err && fds[1].revents)
			err = hand_to_stdout(c);
		if (end)
			fds[0].fd = -1;
	}
	return err;
}

int main(int argc, char **argv)
{
	struct confront *c;
	int err;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: con-front DOMID [MS-AFTER-END-OF-INPUT]\n");
		return 2;
	}
	err = confront_open((uint16_t)atoi(argv[1]), 0, &c);
	if (!err) {
		err = run(c, argc == 3 ? atoi(argv[2]) : -1);
		confront_close(c);
	}
	if (err)
		fprintf(stderr, "con-front: %s\n", strerror(-err));
	return err ? 1 : 0;
}
