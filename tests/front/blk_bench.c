// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * blk-bench: keeps a fixed number of requests in flight on a guest's disk for a
 * while; says requests per second, latencies, and what they cost in CPU time,
 * the backend's worker and this frontend itself.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/util.h"
#include "blk_args.h"
#include "blk_histogram.h"
#include "blk_worker.h"

#define SECTOR 512u
#define INDIRECT_MAX 256u

static const char usage[] =
	"usage: blk-bench DOMID DEVID --rw read|write|randread|randwrite [--bs BYTES] [--qd N]\n"
	"                 [--seconds N] [--worker-pid PID] [--abi native|x86_32|x86_64] [--json]\n"
	"                 [--queues N] [--ring-order N] [--indirect] [--persistent]\n"
	"Operations of BYTES (4096; more than 45056 are several requests each, or one up to 1 MiB\n"
	"with --indirect), N of them in flight (1) in each queue, for N seconds (5). With\n"
	"--persistent the backend may leave the pages mapped. The CPU time of the backend is that "
	"of the worker PID, or\n"
	"of the worker of this disk, if it is to be seen from here.\n";

struct job {
	bool write;
	bool random;
	bool json;
	uint32_t bytes;
	unsigned int depth;
	unsigned int seconds;
	unsigned int worker_pid;
	bool indirect;
	struct blkfront_conf conf;
};

/* An operation: one request, or some when it is large. */
struct operation {
	uint64_t started_ns;
	uint64_t sector;
	unsigned int pages_sent; /* are in requests */
	unsigned int requests;	 /* not answered yet */
	struct blkpage *pages;
	struct blkpage *tables; /* of descriptors, for each indirect request one */
};

/* One queue's, or the sum of all. */
struct bench {
	struct job job;
	pthread_t thread;
	uint64_t end_ns;
	int err;
	struct blkqueue *queue;
	struct operation *operations;
	unsigned int pages_each; /* of an operation */
	/* waiting for room in the ring: indices, the first and how many */
	unsigned int *waiting;
	unsigned int first_waiting, nr_waiting;
	uint64_t nr_places; /* operations that fit on the disk */
	uint64_t next_place;
	uint64_t random;
	uint64_t done, failed;
	struct blkqueue_count count;
	struct blk_histogram latency;
};

static uint64_t draw(uint64_t *state)
{
	/* xorshift64 */
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static uint64_t choose_place(struct bench *b)
{
	return (b->job.random ? draw(&b->random) : b->next_place++) % b->nr_places;
}

/* The next request of an operation. */
static void submit_part(struct bench *b, unsigned int index)
{
	struct blkreq req = { .op = b->job.write ? BLKIF_OP_WRITE : BLKIF_OP_READ };
	struct operation *o = &b->operations[index];
	uint32_t left = b->job.bytes - o->pages_sent * GUEST_PAGE_SIZE;

	struct blkif_request_segment *segs = req.segments;
	unsigned int most = BLKIF_MAX_SEGMENTS_PER_REQUEST, nr = 0;

	req.sector = o->sector + (uint64_t)o->pages_sent * (GUEST_PAGE_SIZE / SECTOR);
	if (b->job.indirect && left > most * GUEST_PAGE_SIZE) {
		const struct blkpage *table = &o->tables[o->pages_sent / INDIRECT_MAX];

		req.inner = req.op;
		req.op = BLKIF_OP_INDIRECT;
		req.indirect_gref = table->ro;
		segs = (struct blkif_request_segment *)(void *)table->data;
		most = INDIRECT_MAX;
	}
	for (; left > 0 && nr < most; nr++) {
		uint32_t len = MIN(left, GUEST_PAGE_SIZE);
		bool rw = !b->job.write || b->job.conf.persistent;

		segs[nr] = blkpage_segment(&o->pages[o->pages_sent++], rw, 0,
					   (uint8_t)(len / SECTOR - 1));
		left -= len;
	}
	req.nr_segments = (uint8_t)nr;
	req.nr_indirect = (uint16_t)nr;
	blkqueue_submit(b->queue, &req, index);
	o->requests++;
}

/* As much as there is room for; the rest waits for answers. */
static void submit_waiting(struct bench *b)
{
	while (b->nr_waiting > 0 && blkring_room(&b->queue->ring) > 0) {
		unsigned int index = b->waiting[b->first_waiting];

		submit_part(b, index);
		if (b->operations[index].pages_sent < b->pages_each)
			continue;
		b->first_waiting = (b->first_waiting + 1) % b->job.depth;
		b->nr_waiting--;
	}
	blkqueue_push(b->queue);
}

static void start(struct bench *b, unsigned int index)
{
	struct operation *o = &b->operations[index];

	o->started_ns = now_ns();
	o->sector = choose_place(b) * (b->job.bytes / SECTOR);
	o->pages_sent = 0;
	b->waiting[(b->first_waiting + b->nr_waiting++) % b->job.depth] = index;
}

/* True: that was the last of its operation. */
static bool finish(struct bench *b, const struct blkdone *done, uint64_t now)
{
	struct operation *o = &b->operations[done->tag];

	b->failed += done->status != BLKIF_RSP_OKAY;
	if (--o->requests > 0 || o->pages_sent < b->pages_each)
		return false;
	b->done++;
	blk_histogram_add(&b->latency, now - o->started_ns);
	return true;
}

/* Take what is answered, and start as many anew until @end_ns. */
static void turn(struct bench *b, uint64_t end_ns)
{
	struct blkdone done;

	while (blkqueue_reap(b->queue, &done, 1) == 1) {
		uint64_t now = now_ns();

		if (done.strange)
			continue; /* blk_args_close() tells */
		if (finish(b, &done, now) && now < end_ns)
			start(b, (unsigned int)done.tag);
	}
	submit_waiting(b);
}

static int run(struct bench *b, uint64_t end_ns)
{
	for (unsigned int i = 0; i < b->job.depth; i++)
		start(b, i);
	submit_waiting(b);
	while (blkqueue_inflight(b->queue) > 0) {
		int ret = blkqueue_wait(b->queue, BLKFRONT_PATIENCE_MS);

		if (ret <= 0)
			return ret < 0 ? ret : -ETIMEDOUT;
		turn(b, end_ns);
	}
	return 0;
}

/* CPU time of a process, all its threads, microseconds; 0 if there is none. */
static uint64_t cpu_us(unsigned int pid)
{
	unsigned long user = 0, sys = 0;
	char path[64], text[1024], *after = NULL;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	f = fopen(path, "re");
	if (f && fgets(text, sizeof(text), f))
		after = strrchr(text, ')'); /* the name before it may have blanks */
	if (!after || sscanf(after, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
			     &sys) != 2)
		user = sys = 0;
	if (f)
		fclose(f);
	return (uint64_t)(user + sys) * 1000000ull / (uint64_t)sysconf(_SC_CLK_TCK);
}

static uint64_t own_cpu_us(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000ull +
	       (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void report(const struct bench *b, double seconds, uint64_t worker_us, uint64_t front_us)
{
	const struct blkqueue_count *c = &b->count;
	double nr = b->done ? (double)b->done : 1;
	double rate = (double)b->done / seconds;
	double p50 = (double)blk_histogram_at(&b->latency, 0.5) / 1e3;
	double p99 = (double)blk_histogram_at(&b->latency, 0.99) / 1e3;

	if (b->job.json)
		printf("{\"operations\": %" PRIu64 ", \"failed\": %" PRIu64
		       ", \"seconds\": %.3f, \"per_second\": %.1f, \"bytes_per_second\": %.0f, "
		       "\"latency_p50_us\": %.1f, \"latency_p99_us\": %.1f, "
		       "\"worker_cpu_us\": %.3f, \"frontend_cpu_us\": %.3f, "
		       "\"requests\": %" PRIu64 ", \"events_sent\": %" PRIu64
		       ", \"events_received\": %" PRIu64 "}\n",
		       b->done, b->failed, seconds, rate, rate * b->job.bytes, p50, p99,
		       (double)worker_us / nr, (double)front_us / nr, c->submitted, c->sent,
		       c->received);
	else
		printf("%.0f operations/s, %.1f MB/s; latency p50 %.1f us, p99 %.1f us; CPU per "
		       "operation: worker %.2f us, frontend %.2f us; %" PRIu64
		       " requests, events: %" PRIu64 " sent, %" PRIu64 " received; failed: %" PRIu64
		       "\n",
		       rate, rate * b->job.bytes / 1e6, p50, p99, (double)worker_us / nr,
		       (double)front_us / nr, c->submitted, c->sent, c->received, b->failed);
}

static void *run_thread(void *arg)
{
	struct bench *b = arg;

	b->err = run(b, b->end_ns);
	return NULL;
}

static void join(struct bench *sum, const struct bench *b)
{
	const struct blkqueue_count *c = &b->queue->count;

	sum->err = sum->err ? sum->err : b->err;
	sum->done += b->done;
	sum->failed += b->failed;
	sum->count.submitted += c->submitted;
	sum->count.sent += c->sent;
	sum->count.received += c->received;
	blk_histogram_join(&sum->latency, &b->latency);
}

/* A thread for each queue. */
static int measure(struct bench *sum, struct bench *queues, unsigned int nr)
{
	uint64_t worker = cpu_us(sum->job.worker_pid), front = own_cpu_us();
	uint64_t start_ns = now_ns();
	double seconds;

	for (unsigned int i = 0; i < nr; i++) {
		queues[i].end_ns = start_ns + sum->job.seconds * NS_PER_SEC;
		if (pthread_create(&queues[i].thread, NULL, run_thread, &queues[i]) != 0) {
			fprintf(stderr, "blk-bench: no thread\n");
			exit(1);
		}
	}
	for (unsigned int i = 0; i < nr; i++) {
		pthread_join(queues[i].thread, NULL);
		join(sum, &queues[i]);
	}
	seconds = (double)(now_ns() - start_ns) / (double)NS_PER_SEC;
	if (sum->err) {
		fprintf(stderr, "blk-bench: no answer from the disk: %s\n", strerror(-sum->err));
		return 1;
	}
	report(sum, seconds, cpu_us(sum->job.worker_pid) - worker, own_cpu_us() - front);
	return sum->failed ? 1 : 0;
}

static unsigned int tables_each(const struct bench *b)
{
	return b->job.indirect ? (b->pages_each + INDIRECT_MAX - 1) / INDIRECT_MAX : 0;
}

static int set_up(struct bench *b, struct blkfront *f, unsigned int number)
{
	unsigned int each = b->pages_each + tables_each(b);
	struct blkpage *pages = &f->pages[(size_t)number * b->job.depth * each];

	b->queue = blkfront_queue(f, number);
	b->nr_places = f->disk.sectors / (b->job.bytes / SECTOR);
	b->next_place = b->nr_places / f->nr_queues * number;
	b->operations = calloc(b->job.depth, sizeof(*b->operations));
	b->waiting = calloc(b->job.depth, sizeof(*b->waiting));
	if (!b->operations || !b->waiting)
		return -ENOMEM;
	for (unsigned int i = 0; i < b->job.depth; i++) {
		b->operations[i].pages = pages + (size_t)i * each;
		b->operations[i].tables = b->operations[i].pages + b->pages_each;
	}
	for (unsigned int i = 0; i < b->job.depth * each; i++)
		if (getrandom(pages[i].data, GUEST_PAGE_SIZE, 0) != GUEST_PAGE_SIZE)
			return -EIO;
	if (getrandom(&b->random, sizeof(b->random), 0) != sizeof(b->random))
		return -EIO;
	return b->nr_places > 0 ? 0 : -ENOSPC;
}

static int set_up_all(const struct bench *sum, struct blkfront *f, struct bench **ret)
{
	struct bench *queues = calloc(f->nr_queues, sizeof(*queues));
	int err = queues ? 0 : -ENOMEM;

	for (unsigned int i = 0; i < f->nr_queues && !err; i++) {
		queues[i].job = sum->job;
		queues[i].pages_each = sum->pages_each;
		err = set_up(&queues[i], f, i);
	}
	if (!err && sum->job.indirect && f->disk.indirect_segments < INDIRECT_MAX)
		err = -ENOTSUP;
	*ret = queues;
	return err;
}

static int parse_rw(const char *text, struct job *job)
{
	job->random = strncmp(text, "rand", 4) == 0;
	if (job->random)
		text += 4;
	job->write = strcmp(text, "write") == 0;
	return job->write || strcmp(text, "read") == 0 ? 0 : -EINVAL;
}

/* 0, or -EINVAL */
static int parse_option(int opt, struct job *job)
{
	switch (opt) {
	case 'r':
		return parse_rw(optarg, job);
	case 'b':
		job->bytes = (uint32_t)blk_args_number("--bs", optarg, SECTOR, 1u << 24);
		return job->bytes % SECTOR == 0 ? 0 : -EINVAL;
	case 'q':
		job->depth = (unsigned int)blk_args_number("--qd", optarg, 1, 512);
		return 0;
	case 's':
		job->seconds = (unsigned int)blk_args_number("--seconds", optarg, 1, 3600);
		return 0;
	case 'w':
		job->worker_pid = (unsigned int)blk_args_number("--worker-pid", optarg, 1, INT_MAX);
		return 0;
	case 'a':
		return blk_args_abi(optarg, &job->conf.abi);
	case 'n':
		job->conf.nr_queues =
			(unsigned int)blk_args_number("--queues", optarg, 1, BLKFRONT_QUEUES_MAX);
		return 0;
	case 'o':
		job->conf.ring_order = (unsigned int)blk_args_number("--ring-order", optarg, 0,
								     BLKFRONT_ORDER_MAX);
		return 0;
	case 'i':
		job->indirect = true;
		return 0;
	case 'p':
		job->conf.persistent = true;
		return 0;
	case 'j':
		job->json = true;
		return 0;
	default:
		return -EINVAL;
	}
}

static int parse_arguments(int argc, char **argv, struct job *job)
{
	static const struct option options[] = {
		{ "rw", required_argument, NULL, 'r' },
		{ "bs", required_argument, NULL, 'b' },
		{ "qd", required_argument, NULL, 'q' },
		{ "seconds", required_argument, NULL, 's' },
		{ "worker-pid", required_argument, NULL, 'w' },
		{ "abi", required_argument, NULL, 'a' },
		{ "json", no_argument, NULL, 'j' },
		{ "queues", required_argument, NULL, 'n' },
		{ "ring-order", required_argument, NULL, 'o' },
		{ "indirect", no_argument, NULL, 'i' },
		{ "persistent", no_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	bool rw = false;
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (parse_option(opt, job) != 0)
			return -EINVAL;
		rw |= opt == 'r';
	}
	return rw && argc - optind == 2 ? 0 : -EINVAL;
}

int main(int argc, char **argv)
{
	static struct bench b = { .job = { .bytes = 4096, .depth = 1, .seconds = 5 } };
	struct blkfront_conf *conf = &b.job.conf;
	struct bench *queues;
	struct blkfront *f;
	int err, status = 1;
	char dev[64];

	conf->nr_queues = 1;
	if (parse_arguments(argc, argv, &b.job) != 0) {
		fputs(usage, stderr);
		return 2;
	}
	b.pages_each = (b.job.bytes + GUEST_PAGE_SIZE - 1) / GUEST_PAGE_SIZE;
	conf->nr_pages = conf->nr_queues * b.job.depth * (b.pages_each + tables_each(&b));
	f = blk_args_connect(argv[optind], argv[optind + 1], conf);
	if (b.job.worker_pid == 0) {
		snprintf(dev, sizeof(dev), "vbd/%s/%s", argv[optind], argv[optind + 1]);
		b.job.worker_pid = (unsigned int)blk_worker_find(dev);
	}
	err = set_up_all(&b, f, &queues);
	if (err)
		fprintf(stderr, "blk-bench: cannot begin: %s\n", strerror(-err));
	else
		status = measure(&b, queues, f->nr_queues);
	return blk_args_close(f) ? 1 : status;
}
