// SPDX-License-Identifier: GPL-2.0-or-later
#include "poller.h"

#include "base/util.h"

/* Saved up at most: some turns of watching at the full share. */
#define BURST_NS (20 * NS_PER_MS)

/* Learning: an eighth of what is new. Longer gaps count as this, or one pause would take long to forget. */
#define WEIGHT 8
#define GAP_MAX_NS (4 * POLL_MAX_NS)

void poller_init(struct poller *p, unsigned int percent, uint64_t now_ns)
{
	p->gap_ns = GAP_MAX_NS;
	/* A budget of rate 0 knows no limit; here it means none at all. */
	budget_init(&p->budget, percent * NS_PER_SEC / 100, percent ? BURST_NS : 0, now_ns);
}

uint64_t poller_limit(struct poller *p, uint64_t now_ns)
{
	uint64_t want = MIN(2 * p->gap_ns, POLL_MAX_NS), have;

	if (p->budget.rate == 0 || p->gap_ns > POLL_MAX_NS)
		return 0;
	have = budget_available(&p->budget, want, now_ns);
	/* Less than the guest usually takes would be spent in vain. */
	return have < p->gap_ns ? 0 : have;
}

void poller_spent(struct poller *p, uint64_t spent_ns, uint64_t now_ns)
{
	budget_spend(&p->budget, budget_available(&p->budget, spent_ns, now_ns));
}

void poller_learn(struct poller *p, uint64_t gap_ns)
{
	uint64_t seen = MIN(gap_ns, GAP_MAX_NS);

	p->gap_ns = (p->gap_ns * (WEIGHT - 1) + seen) / WEIGHT;
}
