// SPDX-License-Identifier: GPL-2.0-or-later
/* net-bench: the relay between two taps, and how a worker is found. See net_bench.c. */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net_bench.h"

/* A worker's first argument is its device. */
static bool serves(const char *pid, const char *dev)
{
	char path[64], text[256] = "";
	FILE *f;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%.16s/cmdline", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	return len && strstr(text, "netback-worker") && !strcmp(text + strlen(text) + 1, dev);
}

int bench_worker(uint16_t domid, unsigned int handle)
{
	DIR *dir = opendir("/proc");
	struct dirent *de;
	char dev[32];
	int pid = 0;

	snprintf(dev, sizeof(dev), "vif/%u/%u", domid, handle);
	while (dir && !pid && (de = readdir(dir)))
		if (de->d_name[0] >= '1' && de->d_name[0] <= '9' && serves(de->d_name, dev))
			pid = atoi(de->d_name);
	if (dir)
		closedir(dir);
	return pid;
}

/* As many as there are, but not for ever; true: there may be more. */
static bool pass(const struct wire *from, const struct wire *to)
{
	static uint8_t buf[sizeof(struct virtio_net_hdr) + FRAME_MAX];
	unsigned int nr;

	for (nr = 0; nr < 64; nr++) {
		ssize_t len = read(from->fd, buf, sizeof(buf));

		if (len < 0)
			return false;
		/* What the other one does not take is lost, as on a wire. */
		if (write(to->fd, buf, (size_t)len) < 0 && errno == EBADFD)
			return false;
	}
	return true;
}

int bench_relay(const struct bench_arguments *a)
{
	struct wire_how how = { .name = "relay0",
				.bridge = "xenbr0",
				.offloads = WIRE_CSUM | WIRE_TSO4 | WIRE_TSO6 };
	struct wire net, guest;
	int ret = wire_open(&how, &net);

	if (ret)
		return ret;
	how.name = "eth0";
	how.bridge = NULL;
	how.netns = a->netns;
	ret = wire_open(&how, &guest);
	if (ret)
		return ret;
	puts("ready");
	fflush(stdout);
	for (;;) {
		struct pollfd fds[] = { { .fd = net.fd, .events = POLLIN },
					{ .fd = guest.fd, .events = POLLIN } };
		bool out = pass(&guest, &net), in = pass(&net, &guest);

		if (!out && !in && poll(fds, 2, -1) < 0 && errno != EINTR)
			return -errno;
	}
}
