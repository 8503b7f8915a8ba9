// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Frames are dropped all the time, as a guest takes none, or one large one too few
 * (XSA-392), while its tap is captured and all its counters are read: what it and
 * another guest send is never late by a second, nor is anything that it gets as
 * soon as it takes frames again (XSA-424).
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net_case.h"

#define RUN_MS 200
#define LATE_MS 1000

static struct net_guest g, other;
static atomic_bool over;
static atomic_uint nr_flooded, nr_read, nr_captured;

static void *flood(void *arg)
{
	static uint8_t small[1514], large[60000];
	struct frame_how how = { .kind = FRAME_OURS,
				 .from = frame_wire_mac,
				 .payload = sizeof(small) - 14 };

	frame_make(small, &how);
	how.payload = sizeof(large) - 14;
	frame_make(large, &how);
	while (!atomic_load(&over)) {
		unsigned int nr = atomic_fetch_add(&nr_flooded, 1);

		wire_send(&net_wire, NULL, nr % 5 ? small : large,
			  nr % 5 ? sizeof(small) : sizeof(large));
	}
	return arg;
}

/* Each file of a directory, as programs of an admin do. */
static void read_all(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	static char text[65536];

	check(dir, "%s is not there", path);
	while ((entry = readdir(dir))) {
		int fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC);

		if (fd < 0)
			continue;
		if (read(fd, text, sizeof(text)) > 0)
			atomic_fetch_add(&nr_read, 1);
		close(fd);
	}
	closedir(dir);
}

static void *look_at_it(void *arg)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL),
				  .sll_ifindex = (int)if_nametoindex(g.tap) };
	int capture = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL));
	static uint8_t buf[FRAME_MAX];
	char path[96];

	check(capture >= 0 && !bind(capture, (struct sockaddr *)&to, sizeof(to)), "no capture");
	snprintf(path, sizeof(path), "/sys/class/net/%s/statistics", g.tap);
	while (!atomic_load(&over)) {
		read_all(path);
		read_all("/run/pvback/stats");
		while (read(capture, buf, sizeof(buf)) > 0)
			atomic_fetch_add(&nr_captured, 1);
	}
	close(capture);
	return arg;
}

/* The guest, and another one, send frame after frame; none may be late. */
static void say_in_time(int run_ms)
{
	int64_t end = netfront_now_ms() + run_ms;
	static uint8_t buf[FRAME_MAX];

	do {
		struct netfront_frame f = { .data = buf };
		int64_t start = netfront_now_ms();
		uint32_t mark;

		f.len = net_ours(buf, 9000, &mark);
		must(netfront_send(g.nf, &f, NULL));
		net_guest_flush(&g);
		net_wire_expect(mark, f.len);
		net_guest_says(&other, 1514);
		check(netfront_now_ms() - start < LATE_MS, "frames took %lld ms",
		      (long long)(netfront_now_ms() - start));
	} while (netfront_now_ms() < end);
}

static void drop(const char *name, bool rx_notify, unsigned int buffers)
{
	struct netfront_conf conf = netfront_all;
	pthread_t flooding, looking;
	struct netfront_packet pkt;

	conf.rx_notify = rx_notify;
	conf.rx_buffers = buffers;
	conf.rx_none = !buffers;
	net_guest_new(&g, name, &conf);
	atomic_store(&over, false);
	check(!pthread_create(&flooding, NULL, flood, NULL) &&
		      !pthread_create(&looking, NULL, look_at_it, NULL),
	      "no threads");
	say_in_time(RUN_MS);
	/* There is room now, and the flood goes on. */
	g.nf->rx.target = NETFRONT_SLOTS;
	netfront_rx_post(g.nf);
	check(net_guest_receive(&g, &pkt, LATE_MS), "%s: nothing came within a second", name);
	atomic_store(&over, true);
	pthread_join(flooding, NULL);
	pthread_join(looking, NULL);
	while (net_guest_receive(&g, &pkt, 20))
		netfront_rx_post(g.nf);
	net_guest_end(&g);
}

static void run(void)
{
	net_guest_new(&other, "other", &netfront_all);
	drop("takesnone", true, 0);
	drop("takesnone2", false, 0);
	drop("takesone", false, 1);
	net_guest_end(&other);
	check(atomic_load(&nr_flooded) > 1000 && atomic_load(&nr_read) > 100 &&
		      atomic_load(&nr_captured) > 100,
	      "%u frames, %u files, %u captured", atomic_load(&nr_flooded), atomic_load(&nr_read),
	      atomic_load(&nr_captured));
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
