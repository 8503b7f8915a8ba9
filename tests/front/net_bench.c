// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net-bench: how fast frames pass. A frontend that sends or receives frames
 * made beforehand straight in its ring, so that the guest costs next to nothing; or,
 * to compare with, a plain tap in the place of netback's; or a relay from one tap to another.
 *
 * "ring" and "direct" tell their result as JSON on one line: frames, bytes,
 * seconds, and CPU time of who carried them: the worker, or ourselves.
 */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "net_bench.h"

#define BATCH 64u
#define WINDOW 200u /* frames on the way to a tap, which keeps 256 */

struct bench_load {
	uint8_t data[FRAME_MAX];
	uint32_t len;
	struct virtio_net_hdr vh;
};

static struct bench_load load;
static atomic_bool over;
static atomic_ulong nr_sent, nr_got;

static const char usage[] =
	"usage: net-bench ring DOMID HANDLE --way tx|rx [--frame 64|1514|gso] [--seconds N]\n"
	"       net-bench direct --way tx|rx [--frame ...] [--seconds N]\n"
	"       net-bench relay --netns NAME\n"
	"tx: to MAC 02:00:00:00:00:0b; rx: from a tap wire0 that is made for it, to "
	"02:00:00:00:00:0a\n";

/* --- what is sent --- */

static void make_load(const struct bench_arguments *a)
{
	struct frame_how how = { .kind = FRAME_TCP4,
				 .to = a->rx ? frame_guest_mac : frame_wire_mac,
				 .from = a->rx ? frame_wire_mac : frame_guest_mac };

	if (!a->gso) {
		how.payload = a->size - 54;
		load.len = frame_make(load.data, &how);
		return;
	}
	how.payload = 65160; /* 45 segments */
	how.blank = true;
	load.len = frame_make(load.data, &how);
	load.vh = (struct virtio_net_hdr){ .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
					   .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
					   .gso_size = 1448,
					   .hdr_len = 54,
					   .csum_start = 34,
					   .csum_offset = 16 };
}

/* --- clocks --- */

static double now_s(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* All threads of a process, kernel time on its behalf included. */
static double cpu_of(int pid)
{
	char path[64], text[64];
	double sum = 0;
	struct dirent *de;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (de = readdir(dir))) {
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%d/task/%.16s/schedstat", pid, de->d_name);
		f = de->d_name[0] == '.' ? NULL : fopen(path, "re");
		if (f && fgets(text, sizeof(text), f))
			sum += strtod(text, NULL) / 1e9;
		if (f)
			fclose(f);
	}
	if (dir)
		closedir(dir);
	return sum;
}

static double cpu_now(const struct bench_arguments *a)
{
	return a->worker ? cpu_of(a->worker) : now_s(CLOCK_THREAD_CPUTIME_ID);
}

static void tell(unsigned long frames, double seconds, double cpu_s)
{
	printf("{\"frames\": %lu, \"bytes\": %lu, \"seconds\": %.6f, \"cpu_us\": %.4f}\n", frames,
	       frames * load.len, seconds, frames ? cpu_s * 1e6 / (double)frames : 0);
}

/* --- tx --- */

/* Sleep until half of what is on its way is answered, as Linux does. */
static void wait_for_answers(struct netfront *nf)
{
	struct pollfd pfd = { .fd = guest_events_fd(nf->events), .events = POLLIN };
	uint32_t pending = nf->tx.req_prod - nf->tx.rsp_cons,
		 want = nf->tx.rsp_cons + pending / 2 + 1;

	__atomic_store_n(&nf->tx.sring->rsp_event, want, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_load_n(&nf->tx.sring->rsp_prod, __ATOMIC_ACQUIRE) - nf->tx.rsp_cons >
	    pending / 2)
		return;
	poll(&pfd, 1, 100);
	netfront_woken(nf);
}

static unsigned int put_frames(struct netfront *nf, unsigned int nr_pages)
{
	struct netfront_frame f = { .len = load.len };
	uint16_t ids[NETFRONT_SLOTS];
	unsigned int nr = 0;

	if (load.vh.gso_size) {
		f.flags = NETTXF_csum_blank | NETTXF_data_validated;
		f.gso_type = XEN_NETIF_GSO_TYPE_TCPV4;
		f.gso_size = load.vh.gso_size;
	}
	while (nr < BATCH && netfront_tx_room(nf) > nr_pages && nf->tx.nr_free >= nr_pages) {
		for (unsigned int i = 0; i < nr_pages; i++)
			netfront_tx_id(nf, &ids[i]);
		netfront_send_ids(nf, &f, ids, nr_pages);
		nr++;
	}
	return nr;
}

static int ring_tx(const struct bench_arguments *a, struct netfront *nf)
{
	unsigned int nr_pages = (load.len + GUEST_PAGE_SIZE - 1) / GUEST_PAGE_SIZE;
	double start = now_s(CLOCK_MONOTONIC), cpu = cpu_now(a);
	unsigned long frames = 0;

	/* Headers in each page; of a large frame's other pages they are just bytes. */
	for (uint16_t id = 0; id < NETFRONT_SLOTS; id++)
		memcpy(netfront_tx_page(nf, id), load.data,
		       load.len < GUEST_PAGE_SIZE ? load.len : GUEST_PAGE_SIZE);
	while (now_s(CLOCK_MONOTONIC) - start < a->seconds && !netfront_fault(nf)) {
		unsigned int nr = put_frames(nf, nr_pages);

		netfront_tx_push(nf);
		frames += nr;
		if (!netfront_tx_reap(nf) && !nr)
			wait_for_answers(nf);
	}
	if (netfront_tx_flush(nf, 5000) || nf->tx.errors)
		return -EIO;
	tell(frames, now_s(CLOCK_MONOTONIC) - start, cpu_now(a) - cpu);
	return 0;
}

static int direct_tx(const struct bench_arguments *a, struct wire *tap)
{
	double start = now_s(CLOCK_MONOTONIC), cpu = cpu_now(a);
	unsigned long frames = 0;

	while (now_s(CLOCK_MONOTONIC) - start < a->seconds)
		for (unsigned int i = 0; i < BATCH; i++, frames++)
			if (wire_send(tap, &load.vh, load.data, load.len))
				return -EIO;
	tell(frames, now_s(CLOCK_MONOTONIC) - start, cpu_now(a) - cpu);
	return 0;
}

/* --- rx --- */

static void *send_all_the_time(void *arg)
{
	struct wire *w = arg;

	while (!atomic_load(&over)) {
		if (atomic_load(&nr_sent) - atomic_load(&nr_got) >= WINDOW) {
			sched_yield();
			continue;
		}
		if (!wire_send(w, &load.vh, load.data, load.len))
			atomic_fetch_add(&nr_sent, 1);
	}
	return NULL;
}

static unsigned int take_frames(struct netfront *nf)
{
	struct netfront_packet pkt;
	unsigned int nr = 0;

	while (nr < BATCH && netfront_rx_next(nf, &pkt))
		nr += pkt.len == load.len;
	netfront_rx_post(nf);
	atomic_fetch_add(&nr_got, nr);
	return nr;
}

static int ring_rx(const struct bench_arguments *a, struct netfront *nf)
{
	double start = now_s(CLOCK_MONOTONIC), cpu = cpu_now(a);
	unsigned long frames = 0;

	while (now_s(CLOCK_MONOTONIC) - start < a->seconds && !netfront_fault(nf)) {
		unsigned int nr = take_frames(nf);

		frames += nr;
		if (!nr)
			netfront_wait(nf, 100);
	}
	tell(frames, now_s(CLOCK_MONOTONIC) - start, cpu_now(a) - cpu);
	return 0;
}

static int direct_rx(const struct bench_arguments *a, struct wire *tap)
{
	double start = now_s(CLOCK_MONOTONIC), cpu = cpu_now(a);
	static uint8_t buf[FRAME_MAX];
	unsigned long frames = 0;

	while (now_s(CLOCK_MONOTONIC) - start < a->seconds) {
		int len = wire_receive(tap, frame_wire_mac, buf, sizeof(buf), NULL, 100);

		frames += len == (int)load.len;
		atomic_fetch_add(&nr_got, len == (int)load.len);
	}
	tell(frames, now_s(CLOCK_MONOTONIC) - start, cpu_now(a) - cpu);
	return 0;
}

/* --- the program --- */

static int measure(const struct bench_arguments *a, struct netfront *nf, struct wire *tap)
{
	const struct wire_how how = {
		.name = "wire0", .bridge = "xenbr0", .mac = frame_wire_mac, .mtu = 9000
	};
	struct wire wire;
	pthread_t sender;
	int ret;

	make_load(a);
	if (!a->rx)
		return nf ? ring_tx(a, nf) : direct_tx(a, tap);
	ret = wire_open(&how, &wire);
	if (ret)
		return ret;
	sleep(1); /* until the bridge forwards */
	if (pthread_create(&sender, NULL, send_all_the_time, &wire))
		return -EAGAIN;
	ret = nf ? ring_rx(a, nf) : direct_rx(a, tap);
	atomic_store(&over, true);
	pthread_join(sender, NULL);
	wire_close(&wire);
	return ret;
}

static int measure_ring(const struct bench_arguments *a)
{
	struct netfront *nf;
	int ret = netfront_open(a->domid, a->handle, &netfront_all, &nf);

	if (ret)
		return ret;
	ret = netfront_connect(nf);
	if (!ret) {
		struct bench_arguments now = *a;

		now.worker = bench_worker(a->domid, a->handle);
		sleep(1);
		ret = measure(&now, nf, NULL);
	}
	if (!ret && netfront_fault(nf)) {
		fprintf(stderr, "net-bench: the backend: %s\n", netfront_fault(nf));
		ret = -EPROTO;
	}
	if (!ret)
		netfront_disconnect(nf);
	netfront_free(nf);
	return ret;
}

static int measure_direct(const struct bench_arguments *a)
{
	const struct wire_how how = { .name = "direct0",
				      .bridge = "xenbr0",
				      .mtu = 9000,
				      .queue = 256,
				      .offloads = WIRE_CSUM | WIRE_TSO4 | WIRE_TSO6 };
	struct wire tap;
	int ret = wire_open(&how, &tap);

	if (ret)
		return ret;
	sleep(1);
	ret = measure(a, NULL, &tap);
	wire_close(&tap);
	return ret;
}

static int take_arguments(int argc, char **argv, struct bench_arguments *a)
{
	static const struct option options[] = {
		{ "way", 1, NULL, 'w' },   { "frame", 1, NULL, 'f' }, { "seconds", 1, NULL, 's' },
		{ "netns", 1, NULL, 'n' }, { NULL, 0, NULL, 0 },
	};
	int opt;

	*a = (struct bench_arguments){ .size = 64, .seconds = 1 };
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == 'w')
			a->rx = !strcmp(optarg, "rx");
		else if (opt == 'f' && !strcmp(optarg, "gso"))
			a->gso = true;
		else if (opt == 'f')
			a->size = (uint32_t)strtoul(optarg, NULL, 10);
		else if (opt == 's')
			a->seconds = strtod(optarg, NULL);
		else if (opt == 'n')
			a->netns = optarg;
		else
			return -EINVAL;
	}
	if (optind == argc || a->size < 64 || a->size > 4096)
		return -EINVAL;
	a->what = argv[optind++];
	if (strcmp(a->what, "ring") != 0)
		return optind == argc ? 0 : -EINVAL;
	if (argc - optind != 2)
		return -EINVAL;
	a->domid = (uint16_t)strtoul(argv[optind], NULL, 10);
	a->handle = (unsigned int)strtoul(argv[optind + 1], NULL, 10);
	return 0;
}

int main(int argc, char **argv)
{
	struct bench_arguments a;
	int ret = take_arguments(argc, argv, &a);

	if (!ret && !strcmp(a.what, "ring"))
		ret = measure_ring(&a);
	else if (!ret && !strcmp(a.what, "direct"))
		ret = measure_direct(&a);
	else if (!ret && !strcmp(a.what, "relay") && a.netns)
		ret = bench_relay(&a);
	else {
		fputs(usage, stderr);
		return 2;
	}
	if (ret)
		fprintf(stderr, "net-bench: %s\n", strerror(-ret));
	return ret ? EXIT_FAILURE : EXIT_SUCCESS;
}
