// SPDX-License-Identifier: GPL-2.0-or-later
/* net-bench: one queue, of a card or of a plain tap. See net_bench.c. */
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>

#include "net_bench.h"

#define BATCH 64u

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
	const struct bench_load *load = bench_load(0);
	struct netfront_frame f = { .len = load->len };
	uint16_t ids[NETFRONT_SLOTS];
	unsigned int nr = 0;

	if (load->vh.gso_size) {
		f.flags = NETTXF_csum_blank | NETTXF_data_validated;
		f.gso_type = XEN_NETIF_GSO_TYPE_TCPV4;
		f.gso_size = load->vh.gso_size;
	}
	while (nr < BATCH && netfront_tx_room(nf) > nr_pages && nf->tx.nr_free >= nr_pages) {
		for (unsigned int i = 0; i < nr_pages; i++)
			netfront_tx_id(nf, &ids[i]);
		netfront_send_ids(nf, &f, ids, nr_pages);
		nr++;
	}
	return nr;
}

static bool is_over(const struct bench_lane *lane, double start)
{
	return bench_now_s(CLOCK_MONOTONIC) - start >= lane->a->seconds;
}

static long ring_tx(const struct bench_lane *lane)
{
	struct netfront *nf = lane->nf;
	const struct bench_load *load = bench_load(0);
	unsigned int nr_pages = (load->len + GUEST_PAGE_SIZE - 1) / GUEST_PAGE_SIZE;
	double start = bench_now_s(CLOCK_MONOTONIC);
	long frames = 0;

	/* Headers in each page; of a large frame's other pages they are just bytes. */
	for (uint16_t id = 0; id < NETFRONT_SLOTS; id++)
		memcpy(netfront_tx_page(nf, id), bench_load(id)->data,
		       load->len < GUEST_PAGE_SIZE ? load->len : GUEST_PAGE_SIZE);
	while (!is_over(lane, start) && !netfront_fault(nf)) {
		unsigned int nr = put_frames(nf, nr_pages);

		netfront_tx_push(nf);
		frames += nr;
		if (!netfront_tx_reap(nf) && !nr)
			wait_for_answers(nf);
	}
	return netfront_tx_flush(nf, 5000) || nf->tx.errors ? -EIO : frames;
}

static long direct_tx(struct bench_lane *lane)
{
	double start = bench_now_s(CLOCK_MONOTONIC);
	long frames = 0;

	while (!is_over(lane, start))
		for (unsigned int i = 0; i < BATCH; i++, frames++) {
			const struct bench_load *load = bench_load(i);

			if (wire_send(&lane->tap, &load->vh, load->data, load->len))
				return -EIO;
		}
	return frames;
}

long bench_tx(struct bench_lane *lane)
{
	return lane->nf ? ring_tx(lane) : direct_tx(lane);
}

/* --- rx --- */

static unsigned int take_frames(const struct bench_lane *lane)
{
	struct netfront_packet pkt;
	unsigned int nr = 0;

	while (nr < BATCH && netfront_rx_next(lane->nf, &pkt))
		nr += pkt.len == bench_load(0)->len;
	netfront_rx_post(lane->nf);
	atomic_fetch_add(lane->nr_got, nr);
	return nr;
}

static long ring_rx(const struct bench_lane *lane)
{
	double start = bench_now_s(CLOCK_MONOTONIC);
	long frames = 0;

	while (!is_over(lane, start) && !netfront_fault(lane->nf)) {
		unsigned int nr = take_frames(lane);

		frames += nr;
		if (!nr)
			netfront_wait(lane->nf, 100);
	}
	return frames;
}

static long direct_rx(struct bench_lane *lane)
{
	double start = bench_now_s(CLOCK_MONOTONIC);
	uint8_t buf[FRAME_MAX];
	long frames = 0;

	while (!is_over(lane, start)) {
		int len = wire_receive(&lane->tap, frame_wire_mac, buf, sizeof(buf), NULL, 100);
		bool ours = len == (int)bench_load(0)->len;

		frames += ours;
		atomic_fetch_add(lane->nr_got, ours);
	}
	return frames;
}

long bench_rx(struct bench_lane *lane)
{
	return lane->nf ? ring_rx(lane) : direct_rx(lane);
}
