// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net-bench: how fast frames pass. A frontend that sends or receives frames
 * made beforehand straight in its ring, so that the guest costs next to nothing; or,
 * to compare with, a plain tap in the place of netback's; or a relay from one tap to another.
 *
 * "ring" and "direct" tell their result as JSON on one line: frames, bytes,
 * seconds, CPU time of who carried them: the worker, or ourselves, and frames lost. With several
 * queues each has a thread, here as in the worker, and the result is of all.
 */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net_bench.h"

#define WINDOW 200u /* frames on the way to a tap, which keeps 256 */

static struct bench_load loads[BENCH_FLOWS];
static unsigned int nr_loads;
static atomic_bool over;
static atomic_ulong nr_sent, nr_got;
static unsigned long nr_lost; /* the sender's */

static const char usage[] =
	"usage: net-bench ring DOMID HANDLE --way tx|rx [--frame 64|1514|gso] [--seconds N] "
	"[--queues N]\n"
	"       net-bench direct --way tx|rx [--frame ...] [--seconds N] [--queues N]\n"
	"       net-bench relay --netns NAME\n"
	"tx: to MAC 02:00:00:00:00:0b; rx: from a tap wire0 that is made for it, to "
	"02:00:00:00:00:0a\n";

/* --- what is sent --- */

const struct bench_load *bench_load(unsigned int flow)
{
	return &loads[flow % nr_loads];
}

static void make_load(const struct bench_arguments *a, unsigned int flow)
{
	struct frame_how how = { .kind = FRAME_TCP4,
				 .to = a->rx ? frame_guest_mac : frame_wire_mac,
				 .from = a->rx ? frame_wire_mac : frame_guest_mac };
	struct bench_load *load = &loads[flow];
	struct frame_view view;

	how.payload = a->gso ? 65160 : a->size - 54; /* 45 segments */
	how.blank = a->gso;
	load->len = frame_make(load->data, &how);
	if (a->gso)
		load->vh = (struct virtio_net_hdr){ .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
						    .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
						    .gso_size = 1448,
						    .hdr_len = 54,
						    .csum_start = 34,
						    .csum_offset = 16 };
	/* Its source port tells a flow. */
	if (!frame_look(load->data, load->len, &view))
		return;
	frame_put16(load->data + view.l4, frame_get16(load->data + view.l4) + flow);
	if (!a->gso)
		frame_finish(load->data, load->len, &view);
}

/* --- clocks --- */

double bench_now_s(clockid_t clock)
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

static void tell(unsigned long frames, double seconds, double cpu_s)
{
	printf("{\"frames\": %lu, \"bytes\": %lu, \"seconds\": %.6f, \"cpu_us\": %.4f, \"lost\": "
	       "%lu}\n",
	       frames, frames * loads[0].len, seconds, frames ? cpu_s * 1e6 / (double)frames : 0,
	       nr_lost);
}

/* --- queues --- */

/* Those that have not come for so long do not come any more. */
#define LOST_S 0.1

/* May another one be sent? */
static bool has_room(void)
{
	static unsigned long seen;
	static double since;
	unsigned long got = atomic_load(&nr_got), missing = atomic_load(&nr_sent) - got;

	if (missing < WINDOW) {
		since = 0;
		return true;
	}
	if (got != seen || since == 0) {
		seen = got;
		since = bench_now_s(CLOCK_MONOTONIC);
	} else if (bench_now_s(CLOCK_MONOTONIC) - since > LOST_S) {
		nr_lost += missing;
		atomic_fetch_sub(&nr_sent, missing);
	}
	sched_yield();
	return false;
}

static void *send_all_the_time(void *arg)
{
	struct wire *w = arg;

	for (unsigned int flow = 0; !atomic_load(&over);) {
		const struct bench_load *load = bench_load(flow);

		if (!has_room())
			continue;
		if (!wire_send(w, &load->vh, load->data, load->len)) {
			atomic_fetch_add(&nr_sent, 1);
			flow++;
		}
	}
	return NULL;
}

static void *run_lane(void *arg)
{
	struct bench_lane *lane = arg;
	double cpu = bench_now_s(CLOCK_THREAD_CPUTIME_ID);

	lane->frames = lane->a->rx ? bench_rx(lane) : bench_tx(lane);
	lane->cpu_s = bench_now_s(CLOCK_THREAD_CPUTIME_ID) - cpu;
	return NULL;
}

static int run_lanes(const struct bench_arguments *a, struct bench_lane *lanes, unsigned int nr)
{
	double start = bench_now_s(CLOCK_MONOTONIC), worker = a->worker ? cpu_of(a->worker) : 0;
	double cpu = 0, seconds;
	pthread_t threads[BENCH_QUEUES];
	unsigned long frames = 0;

	for (unsigned int i = 0; i < nr; i++)
		if (pthread_create(&threads[i], NULL, run_lane, &lanes[i]))
			return -EAGAIN;
	for (unsigned int i = 0; i < nr; i++)
		pthread_join(threads[i], NULL);
	seconds = bench_now_s(CLOCK_MONOTONIC) - start;
	for (unsigned int i = 0; i < nr; i++) {
		if (lanes[i].frames < 0)
			return (int)lanes[i].frames;
		frames += (unsigned long)lanes[i].frames;
		cpu += lanes[i].cpu_s;
	}
	tell(frames, seconds, a->worker ? cpu_of(a->worker) - worker : cpu);
	return 0;
}

/* --- the program --- */

static int measure(const struct bench_arguments *a, struct bench_lane *lanes, unsigned int nr)
{
	const struct wire_how how = {
		.name = "wire0", .bridge = "xenbr0", .mac = frame_wire_mac, .mtu = 9000
	};
	struct wire wire;
	pthread_t sender;
	int ret;

	nr_loads = a->queues ? BENCH_FLOWS : 1;
	for (unsigned int i = 0; i < nr_loads; i++)
		make_load(a, i);
	if (!a->rx)
		return run_lanes(a, lanes, nr);
	ret = wire_open(&how, &wire);
	if (ret)
		return ret;
	sleep(1); /* until the bridge forwards */
	if (pthread_create(&sender, NULL, send_all_the_time, &wire))
		return -EAGAIN;
	ret = run_lanes(a, lanes, nr);
	atomic_store(&over, true);
	pthread_join(sender, NULL);
	wire_close(&wire);
	return ret;
}

static const char *fault_of(struct netfront *nf, unsigned int nr)
{
	const char *fault = NULL;

	for (unsigned int i = 0; i < nr && !fault; i++)
		fault = netfront_fault(netfront_queue(nf, i));
	return fault;
}

static int measure_ring(const struct bench_arguments *a)
{
	struct bench_lane lanes[BENCH_QUEUES];
	struct netfront_conf conf = netfront_all;
	unsigned int nr = a->queues ? a->queues : 1;
	struct bench_arguments now = *a;
	struct netfront *nf;
	int ret;

	conf.queues = nr;
	ret = netfront_open(a->domid, a->handle, &conf, &nf);
	if (ret)
		return ret;
	ret = netfront_connect(nf);
	if (!ret) {
		now.worker = bench_worker(a->domid, a->handle);
		for (unsigned int i = 0; i < nr; i++)
			lanes[i] = (struct bench_lane){ .a = &now,
							.nf = netfront_queue(nf, i),
							.nr_got = &nr_got };
		sleep(1);
		ret = measure(&now, lanes, nr);
	}
	if (!ret && fault_of(nf, nr)) {
		fprintf(stderr, "net-bench: the backend: %s\n", fault_of(nf, nr));
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
				      .offloads = WIRE_CSUM | WIRE_TSO4 | WIRE_TSO6,
				      .multi = a->queues > 1 };
	struct bench_lane lanes[BENCH_QUEUES];
	unsigned int nr = a->queues ? a->queues : 1, i;
	int ret = 0;

	for (i = 0; i < nr && !ret; i++) {
		lanes[i] = (struct bench_lane){ .a = a, .nr_got = &nr_got };
		ret = i ? wire_more(&lanes[0].tap, &lanes[i].tap) : wire_open(&how, &lanes[0].tap);
	}
	if (ret)
		return ret;
	sleep(1);
	ret = measure(a, lanes, nr);
	while (nr > 0)
		wire_close(&lanes[--nr].tap);
	return ret;
}

static int take_arguments(int argc, char **argv, struct bench_arguments *a)
{
	static const struct option options[] = {
		{ "way", 1, NULL, 'w' },   { "frame", 1, NULL, 'f' },  { "seconds", 1, NULL, 's' },
		{ "netns", 1, NULL, 'n' }, { "queues", 1, NULL, 'q' }, { NULL, 0, NULL, 0 },
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
		else if (opt == 'q')
			a->queues = (unsigned int)strtoul(optarg, NULL, 10);
		else
			return -EINVAL;
	}
	if (optind == argc || a->size < 64 || a->size > 4096 || a->queues > BENCH_QUEUES)
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
