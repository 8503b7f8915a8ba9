// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One side of a pair goes away, under traffic: its driver closes, its worker is killed, its card
 * is detached, netbackd is restarted or killed. The other's slots are answered, its frames go
 * through the tap, and past it again as soon as there is somebody; no descriptor and no memory
 * of those that went stays behind. Nor do frames go past a tap that is down.
 */
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "net_direct_case.h"

static struct net_guest a, b;
static atomic_bool over;
static pthread_t thread;

static void *send_all_the_time(void *arg)
{
	uint32_t mark = 0;

	while (!atomic_load(&over)) {
		struct netfront_packet pkt;

		netfront_tx_reap(a.nf);
		for (unsigned int i = 0; i < 5 && netfront_tx_room(a.nf) > NETFRONT_TX_SLOTS; i++)
			direct_put(&a, &b, mark++, 3000);
		netfront_tx_push(a.nf);
		while (netfront_rx_next(a.nf, &pkt))
			;
		netfront_rx_post(a.nf);
		netfront_wait(a.nf, 1);
	}
	return arg;
}

static void send_on(bool on)
{
	atomic_store(&over, !on);
	if (on)
		check(!pthread_create(&thread, NULL, send_all_the_time, NULL), "no thread");
	else
		pthread_join(thread, NULL);
}

static unsigned int nr_fds(pid_t pid)
{
	char path[64];
	unsigned int nr = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	check(dir != NULL, "%s", path);
	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr;
}

static unsigned int nr_shared(pid_t pid)
{
	char path[64], line[512];
	unsigned int nr = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	f = fopen(path, "re");
	check(f != NULL, "%s", path);
	while (fgets(line, sizeof(line), f))
		nr += strstr(line, "vif-pair") != NULL;
	fclose(f);
	return nr;
}

/* One pair, or none: so many mappings. */
static void expect_shared(unsigned int nr)
{
	int64_t end = netfront_now_ms() + PATIENCE_MS;

	while (nr_shared(net_guest_worker(&a)) != nr) {
		check(netfront_now_ms() < end, "%u mappings, not %u",
		      nr_shared(net_guest_worker(&a)), nr);
		sleep_ms(2);
	}
}

/* Its frames are seen by the tap, and what it sends is answered. */
static void goes_through_the_tap(void)
{
	int64_t end = netfront_now_ms() + PATIENCE_MS;
	uint64_t before = net_guest_tap_count(&a, "rx_packets");

	while (net_guest_tap_count(&a, "rx_packets") < before + 20) {
		check(netfront_now_ms() < end, "nothing comes through the tap");
		check(!netfront_fault(a.nf), "the backend: %s", netfront_fault(a.nf));
		sleep_ms(1);
	}
}

/* Nobody takes what comes, so sooner or later there is no room. */
static uint64_t past_the_tap(void)
{
	return direct_count(&a, true, "direct_packets") + direct_count(&a, true, "direct_full");
}

static void goes_past_the_tap(unsigned int nr)
{
	uint64_t before;
	int64_t end = netfront_now_ms() + PATIENCE_MS;

	direct_wait(&a, &b, nr);
	before = past_the_tap();
	while (past_the_tap() < before + 20) {
		check(netfront_now_ms() < end, "nothing goes past the tap");
		sleep_ms(1);
	}
}

static void new_peer(void)
{
	send_on(false);
	direct_new(&b, "peer", "group", &netfront_all);
	send_on(true);
	goes_past_the_tap(1);
}

static void its_driver_closes(void)
{
	send_on(false);
	net_guest_disconnect(&b);
	send_on(true);
	goes_through_the_tap();
	expect_shared(0);
	net_guest_connect(&b, &netfront_all);
	goes_past_the_tap(2);
	expect_shared(1);
}

static void its_worker_is_killed(void)
{
	kill(net_guest_worker(&b), SIGKILL);
	goes_through_the_tap();
	expect_shared(0);
	net_guest_destroy(&b);
	new_peer();
}

static void its_card_is_detached(void)
{
	must(toolstack_detach(b.domid, "vif", 0, true));
	goes_through_the_tap();
	expect_shared(0);
	net_guest_destroy(&b);
	new_peer();
}

static void netbackd_comes_again(bool killed)
{
	unsigned int before = direct_pairs(&a, &b);

	if (killed)
		netbackd_kill();
	else
		netbackd_stop();
	netbackd_start();
	goes_past_the_tap(before + 1);
	expect_shared(1);
}

/* The next frame to the tap, a second later at most, tells. */
static void its_tap_goes_down(void)
{
	int64_t end = netfront_now_ms() + PATIENCE_MS;
	uint64_t direct, now, lost;

	must(wire_link_up(a.tap, 0));
	do {
		direct = past_the_tap();
		sleep_ms(30);
		now = past_the_tap();
		lost = direct_count(&a, true, "tap_down");
		check(netfront_now_ms() < end, "it goes on past a tap that is down: %llu lost",
		      (unsigned long long)lost);
	} while (now != direct || !lost);
	must(wire_link_up(a.tap, 1));
	goes_past_the_tap(1);
}

static void run(void)
{
	unsigned int fds;

	direct_new(&a, "one", "group", &netfront_all);
	direct_new(&b, "peer", "group", &netfront_all);
	direct_wait(&a, &b, 1);
	fds = nr_fds(net_guest_worker(&a));
	expect_shared(1);
	send_on(true);
	its_driver_closes();
	its_worker_is_killed();
	its_card_is_detached();
	check(nr_fds(net_guest_worker(&a)) == fds, "%u descriptors, %u before",
	      nr_fds(net_guest_worker(&a)), fds);
	netbackd_comes_again(false);
	netbackd_comes_again(true);
	check(nr_fds(net_guest_worker(&a)) == fds, "%u descriptors, %u before",
	      nr_fds(net_guest_worker(&a)), fds);
	its_tap_goes_down();
	send_on(false);
	net_guest_flush(&a);
	net_guest_destroy(&a);
	net_guest_destroy(&b);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
