// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Somebody writes garbage into the memory that two workers share: indices of either side, places
 * and lengths of frames. Both live, one line says what is wrong, frames go through the tap, and
 * past it again with a new pair; a third card of the group notices nothing.
 */
#include <errno.h>
#include <fcntl.h>

#include "net_direct_case.h"
#include "net_pair.h"

struct mapping {
	unsigned long at, inode;
};

static unsigned int find_shared(const struct net_guest *g, struct mapping found[NET_PAIR_PEERS])
{
	char path[64], line[512];
	unsigned int nr = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", net_guest_worker(g));
	f = fopen(path, "re");
	check(f != NULL, "%s: %s", path, strerror(errno));
	while (nr < NET_PAIR_PEERS && fgets(line, sizeof(line), f))
		if (strstr(line, "vif-pair") &&
		    sscanf(line, "%lx-%*x %*s %*x %*s %lu", &found[nr].at, &found[nr].inode) == 2)
			nr++;
	fclose(f);
	return nr;
}

/* Where @a's worker has what it shares with @b's. */
static off_t shared_by(const struct net_guest *a, const struct net_guest *b)
{
	struct mapping in_a[NET_PAIR_PEERS], in_b[NET_PAIR_PEERS];
	unsigned int nr_a = find_shared(a, in_a), nr_b = find_shared(b, in_b);

	for (unsigned int i = 0; i < nr_a; i++)
		for (unsigned int k = 0; k < nr_b; k++)
			if (in_a[i].inode == in_b[k].inode)
				return (off_t)in_a[i].at;
	fail("%s and %s share nothing", a->dev, b->dev);
}

struct garbage {
	const char *what;
	size_t off;
	uint32_t values[2];
	size_t len;
};

static const struct garbage all[] = {
	{ "prod", offsetof(struct net_pair_half, prod), { 0x12345678 }, 4 },
	{ "cons", offsetof(struct net_pair_half, cons), { 0x80000000 }, 4 },
	{ "len", offsetof(struct net_pair_half, slots), { 0, 0xffffffff }, 8 },
	{ "off", offsetof(struct net_pair_half, slots), { NET_PAIR_AREA, 60 }, 8 },
};

/* In both directions; all slots alike: whichever is next. */
static void spoil(const struct net_guest *a, const struct net_guest *b, const struct garbage *how)
{
	unsigned int nr = how->off == offsetof(struct net_pair_half, slots) ? NET_PAIR_SLOTS : 1;
	off_t at = shared_by(a, b) + (off_t)how->off;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", net_guest_worker(a));
	fd = open(path, O_RDWR | O_CLOEXEC);
	check(fd >= 0, "%s: %s", path, strerror(errno));
	for (unsigned int half = 0; half < 2; half++)
		for (unsigned int i = 0; i < nr; i++) {
			off_t to = at + (off_t)(half * sizeof(struct net_pair_half) +
						i * sizeof(struct net_pair_slot));

			if (pwrite(fd, how->values, how->len, to) == (ssize_t)how->len)
				continue;
			/* Seen already, and given back. */
			check(errno == EIO && (half || i), "cannot write there: %s",
			      strerror(errno));
		}
	close(fd);
}

/* Slots are written anew with each frame: those that are on their way are to be spoilt. */
static void spoil_under_way(struct net_guest *a, struct net_guest *b, const struct garbage *how)
{
	uint64_t before = direct_count(a, true, "direct_packets");

	for (uint32_t i = 0; i < 200; i++)
		direct_put(a, b, i, 100);
	net_guest_flush(a);
	direct_expect(a, true, "direct_packets", before + 200);
	spoil(a, b, how);
	b->nf->rx.target = NETFRONT_SLOTS;
	netfront_rx_post(b->nf);
}

static unsigned int warnings(const struct net_guest *a, const struct net_guest *b)
{
	char what[64];

	snprintf(what, sizeof(what), "in the memory shared with %s", b->dev);
	return netbackd_lines(a->dev, what);
}

static void one(struct net_guest *a, struct net_guest *b, struct net_guest *c,
		const struct garbage *how)
{
	int64_t end = netfront_now_ms() + PATIENCE_MS;
	pid_t workers[2] = { net_guest_worker(a), net_guest_worker(b) };
	struct netfront_packet pkt;
	uint64_t before;

	printf("%s\n", how->what);
	if (how->off == offsetof(struct net_pair_half, slots)) {
		spoil_under_way(a, b, how);
	} else {
		spoil(a, b, how);
		direct_put(a, b, 1, 100);
		net_guest_flush(a);
	}
	while (!warnings(a, b) && !warnings(b, a)) {
		check(netfront_now_ms() < end, "nobody complains");
		net_guest_receive(b, &pkt, 1);
		netfront_rx_post(b->nf);
		direct_put(a, b, 2, 100);
		net_guest_flush(a);
	}
	check(warnings(a, b) <= 1 && warnings(b, a) <= 1, "too many complaints");
	/* Either has ended it; the other hears of that in a moment. */
	do {
		before = direct_count(a, true, "direct_packets");
		direct_put(a, b, 3, 100);
		net_guest_flush(a);
		sleep_ms(5);
		check(netfront_now_ms() < end, "it goes on past the tap");
	} while (direct_count(a, true, "direct_packets") != before);
	check(workers[0] == net_guest_worker(a) && workers[1] == net_guest_worker(b),
	      "a worker has ended");
	direct_says(a, c, 4, 1000);
	direct_says(c, a, 5, 1000);
}

static void run(void)
{
	struct netfront_conf deaf = netfront_all;
	struct net_guest a, b, c;

	deaf.rx_none = true;
	direct_new(&a, "one", "group", &netfront_all);
	direct_new(&c, "three", "group", &netfront_all);
	for (unsigned int i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		direct_new(&b, "two", "group", &deaf);
		direct_wait(&a, &b, 1);
		one(&a, &b, &c, &all[i]);
		net_guest_destroy(&b);
	}
	net_guest_end(&a);
	net_guest_end(&c);
}

int main(int argc, char **argv)
{
	return net_main(argc, argv, run);
}
