// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net-tap: the network card of a guest, as a tap. Any program that runs in its
 * network namespace reaches the network through the guest's rings and our
 * netback, as it would in the guest.
 *
 * Says "ready" when it is connected. Ends at SIGTERM, at the end of its standard input
 * with --until-eof, or when the backend goes away; then it tells its counters
 * on one line. Exit code 0 only if the backend did everything as it should,
 * and everything that was sent is answered.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "net_frame.h"
#include "net_vnet.h"
#include "net_wire.h"
#include "netfront.h"

#define BATCH 64

struct card {
	struct netfront *nf;
	struct wire tap;
	int stop;
	bool gone; /* the backend */
	uint64_t to_guest_refused, from_guest_refused;
	uint64_t gso_out, gso_in, blank_out, blank_in;
};

enum { OPT_NETNS = 256, OPT_IFNAME, OPT_MTU, OPT_UNTIL_EOF };

struct arguments {
	uint16_t domid;
	unsigned int handle;
	struct netfront_conf conf;
	struct wire_how tap;
	bool until_eof;
};

static const char usage[] =
	"usage: net-tap DOMID HANDLE --netns NAME [--ifname NAME] [--mtu N] [--until-eof]\n"
	"       [--no-sg] [--no-gso] [--no-csum] [--no-csum6] [--no-notify] [--one-channel]\n";

static void no_gso(struct netfront_conf *c)
{
	c->gso_tcpv4 = c->gso_tcpv6 = false;
}

static int take_option(int opt, struct arguments *a)
{
	switch (opt) {
	case OPT_NETNS:
		a->tap.netns = optarg;
		return 0;
	case OPT_IFNAME:
		a->tap.name = optarg;
		return 0;
	case OPT_MTU:
		a->tap.mtu = (unsigned int)strtoul(optarg, NULL, 10);
		return 0;
	case OPT_UNTIL_EOF:
		a->until_eof = true;
		return 0;
	case 's':
		a->conf.sg = false;
		return 0;
	case 'g':
		no_gso(&a->conf);
		return 0;
	case 'c':
		a->conf.no_csum = true;
		a->conf.csum_ipv6 = false;
		return 0;
	case '6':
		a->conf.csum_ipv6 = false;
		return 0;
	case 'n':
		a->conf.rx_notify = false;
		return 0;
	case '1':
		a->conf.one_channel = true;
		return 0;
	default:
		return -EINVAL;
	}
}

static int take_arguments(int argc, char **argv, struct arguments *a)
{
	static const struct option options[] = {
		{ "netns", 1, NULL, OPT_NETNS },
		{ "ifname", 1, NULL, OPT_IFNAME },
		{ "mtu", 1, NULL, OPT_MTU },
		{ "until-eof", 0, NULL, OPT_UNTIL_EOF },
		{ "no-sg", 0, NULL, 's' },
		{ "no-gso", 0, NULL, 'g' },
		{ "no-csum", 0, NULL, 'c' },
		{ "no-csum6", 0, NULL, '6' },
		{ "no-notify", 0, NULL, 'n' },
		{ "one-channel", 0, NULL, '1' },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	*a = (struct arguments){ .conf = netfront_all, .tap = { .name = "eth0" } };
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (take_option(opt, a))
			return -EINVAL;
	if (argc - optind != 2 || !a->tap.netns)
		return -EINVAL;
	a->domid = (uint16_t)strtoul(argv[optind], NULL, 10);
	a->handle = (unsigned int)strtoul(argv[optind + 1], NULL, 10);
	return 0;
}

/* What the guest's kernel may leave to its card: what the backend takes of it. */
static unsigned int offloads(const struct netfront *nf)
{
	const struct netfront_conf *c = &nf->conf;
	uint64_t sg = 0, gso4 = 0, gso6 = 0;
	unsigned int flags = 0;

	front_read_backend_u64(nf->front, "feature-sg", 0, &sg);
	front_read_backend_u64(nf->front, "feature-gso-tcpv4", 0, &gso4);
	front_read_backend_u64(nf->front, "feature-gso-tcpv6", 0, &gso6);
	flags |= !c->no_csum || c->csum_ipv6 ? WIRE_CSUM : 0;
	flags |= !c->no_csum && c->sg && c->gso_tcpv4 && sg && gso4 ? WIRE_TSO4 : 0;
	flags |= c->csum_ipv6 && c->sg && c->gso_tcpv6 && sg && gso6 ? WIRE_TSO6 : 0;
	return flags;
}

static int read_mac(const struct netfront *nf, uint8_t mac[6])
{
	char text[32];
	int ret = front_read(nf->front, "mac", text, sizeof(text));

	if (ret)
		return ret;
	return sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2], &mac[3],
		      &mac[4], &mac[5]) == 6
		       ? 0
		       : -EINVAL;
}

/* One frame from the guest's kernel to the ring: 1, 0 = there is none. */
static int send_one(struct card *c)
{
	static uint8_t data[FRAME_MAX];
	struct netfront_frame f = { .data = data };
	struct virtio_net_hdr vh;
	int len = wire_receive(&c->tap, NULL, data, sizeof(data), &vh, 0), ret;

	if (len <= 0)
		return 0;
	f.len = (uint32_t)len;
	ret = vnet_to_netif(&vh, data, f.len, &c->nf->conf, &f);
	if (!ret)
		ret = netfront_send(c->nf, &f, NULL);
	if (ret)
		c->from_guest_refused++;
	c->gso_out += f.gso_size != 0;
	c->blank_out += (f.flags & NETTXF_csum_blank) != 0;
	return 1;
}

static bool may_send(const struct card *c)
{
	return netfront_tx_room(c->nf) >= NETFRONT_TX_SLOTS &&
	       c->nf->tx.nr_free >= NETFRONT_TX_SLOTS;
}

static bool send_batch(struct card *c)
{
	int nr = 0;

	netfront_tx_reap(c->nf);
	while (nr < BATCH && may_send(c) && send_one(c))
		nr++;
	netfront_tx_push(c->nf);
	return nr > 0;
}

/* One packet from the ring to the guest's kernel. */
static void receive_one(struct card *c, const struct netfront_packet *pkt)
{
	struct iovec iov[NETFRONT_PARTS + 1];
	struct virtio_net_hdr vh;
	unsigned int i;

	if (pkt->lost)
		return;
	if (vnet_from_netif(pkt, &vh)) {
		netfront_blame(c->nf, "rx: flags %#x, GSO %u do not match the frame", pkt->flags,
			       pkt->gso_size);
		return;
	}
	iov[0] = (struct iovec){ .iov_base = &vh, .iov_len = sizeof(vh) };
	for (i = 0; i < pkt->nr_parts; i++)
		iov[i + 1] = (struct iovec){ .iov_base = pkt->parts[i].data,
					     .iov_len = pkt->parts[i].len };
	if (writev(c->tap.fd, iov, (int)i + 1) < 0)
		c->to_guest_refused++;
	c->gso_in += pkt->gso_size != 0;
	c->blank_in += (pkt->flags & NETRXF_csum_blank) != 0;
}

static bool receive_batch(struct card *c)
{
	struct netfront_packet pkt;
	int nr = 0;

	while (nr < BATCH && netfront_rx_next(c->nf, &pkt)) {
		receive_one(c, &pkt);
		nr++;
	}
	netfront_rx_post(c->nf);
	return nr > 0;
}

/* False: to end. */
static bool sleep_until_work(struct card *c)
{
	bool room = may_send(c);
	struct pollfd fds[] = {
		{ .fd = guest_events_fd(c->nf->events), .events = POLLIN },
		{ .fd = room ? c->tap.fd : -1, .events = POLLIN },
		{ .fd = c->stop, .events = POLLIN },
		{ .fd = front_store_fd(c->nf->front), .events = POLLIN },
	};

	/* Answers to what was sent are only worth an event when they are room. */
	if (netfront_arm(c->nf, !room))
		return true;
	if (poll(fds, 4, -1) < 0)
		return errno == EINTR;
	if (fds[0].revents)
		netfront_woken(c->nf);
	if (fds[3].revents) {
		front_store_take(c->nf->front);
		c->gone = front_backend_state(c->nf->front) != XenbusStateConnected;
	}
	return !fds[2].revents && !c->gone;
}

static void serve(struct card *c)
{
	bool go_on = true;

	while (go_on && !netfront_fault(c->nf)) {
		bool sent = send_batch(c), received = receive_batch(c);

		if (!sent && !received)
			go_on = sleep_until_work(c);
	}
}

static int end(struct card *c)
{
	const struct netfront *nf = c->nf;
	int ret = 0;

	if (!c->gone && !netfront_fault(nf))
		ret = netfront_tx_flush(c->nf, 5000);
	printf("sent=%llu received=%llu tx_slots=%llu tx_answered=%llu tx_errors=%llu "
	       "rx_slots=%llu rx_errors=%llu gso_out=%llu gso_in=%llu blank_out=%llu "
	       "blank_in=%llu refused_out=%llu refused_in=%llu\n",
	       (unsigned long long)c->tap.received, (unsigned long long)nf->rx.packets,
	       (unsigned long long)nf->tx.submitted, (unsigned long long)nf->tx.answered,
	       (unsigned long long)nf->tx.errors, (unsigned long long)nf->rx.answered,
	       (unsigned long long)nf->rx.errors, (unsigned long long)c->gso_out,
	       (unsigned long long)c->gso_in, (unsigned long long)c->blank_out,
	       (unsigned long long)c->blank_in, (unsigned long long)c->from_guest_refused,
	       (unsigned long long)c->to_guest_refused);
	if (netfront_fault(nf))
		fprintf(stderr, "net-tap: the backend: %s\n", netfront_fault(nf));
	else if (ret)
		fprintf(stderr, "net-tap: not all is answered: %s\n", strerror(-ret));
	if (nf->tx.errors)
		fprintf(stderr, "net-tap: good frames were refused\n");
	return ret || netfront_fault(nf) || nf->tx.errors ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int open_stop(bool until_eof)
{
	sigset_t set;

	if (until_eof)
		return STDIN_FILENO;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int open_card(struct arguments *a, struct card *c)
{
	static uint8_t mac[6];
	char mtu[16];
	int ret = netfront_open(a->domid, a->handle, &a->conf, &c->nf);

	if (ret)
		return ret;
	if (!a->tap.mtu && !front_read(c->nf->front, "mtu", mtu, sizeof(mtu)))
		a->tap.mtu = (unsigned int)strtoul(mtu, NULL, 10);
	a->tap.offloads = offloads(c->nf);
	if (!read_mac(c->nf, mac))
		a->tap.mac = mac;
	ret = wire_open(&a->tap, &c->tap);
	return ret ? ret : netfront_connect(c->nf);
}

int main(int argc, char **argv)
{
	struct arguments a;
	struct card c = { 0 };
	int ret;

	if (take_arguments(argc, argv, &a)) {
		fputs(usage, stderr);
		return 2;
	}
	c.stop = open_stop(a.until_eof);
	ret = open_card(&a, &c);
	if (ret) {
		fprintf(stderr, "net-tap: domain %u, vif %u: %s\n", a.domid, a.handle,
			strerror(-ret));
		return EXIT_FAILURE;
	}
	puts("ready");
	fflush(stdout);
	serve(&c);
	ret = end(&c);
	if (!c.gone)
		netfront_disconnect(c.nf);
	netfront_free(c.nf);
	wire_close(&c.tap);
	return ret;
}
