// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fifty guests with a card each that are created together are all connected within
 * ten seconds, as libxl wants each in state 2 in that time.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net_case.h"
#include "toolstack.h"

#define GUESTS 50
#define LIMIT_MS 10000

/* A process: its domain, the hotplug script, its driver. */
static void guest(unsigned int number, int go, int done)
{
	struct netfront_conf conf = netfront_all;
	struct net_guest g;
	char name[16], byte;

	conf.rx_buffers = 8;
	snprintf(name, sizeof(name), "fifty%u", number);
	check(read(go, &byte, 1) == 0, "no start");
	net_guest_create(&g, name);
	must(netfront_open(g.domid, 0, &conf, &g.nf));
	must(netfront_connect(g.nf));
	check(write(done, "x", 1) == 1, "nobody hears");
	/* The card is there until the test ends. */
	pause();
}

static void run(void)
{
	pid_t pids[GUESTS];
	int go[2], done[2];
	int64_t start;
	char byte;

	check(!pipe(go) && !pipe(done), "pipe: %s", strerror(errno));
	for (unsigned int i = 0; i < GUESTS; i++) {
		pids[i] = fork();
		check(pids[i] >= 0, "fork: %s", strerror(errno));
		if (!pids[i]) {
			close(go[1]);
			guest(i, go[0], done[1]);
			_exit(0);
		}
	}
	close(done[1]);
	start = netfront_now_ms();
	close(go[1]);
	for (unsigned int i = 0; i < GUESTS; i++)
		check(read(done[0], &byte, 1) == 1, "a guest did not connect");
	printf("%d cards connected in %lld ms\n", GUESTS, (long long)(netfront_now_ms() - start));
	check(netfront_now_ms() - start < LIMIT_MS, "%d cards took %lld ms", GUESTS,
	      (long long)(netfront_now_ms() - start));
	for (unsigned int i = 0; i < GUESTS; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
