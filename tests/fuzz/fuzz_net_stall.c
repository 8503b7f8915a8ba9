// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stall.c beside a judge that remembers everything that happened and looks back through it: a
 * stall begins when a packet has waited for the whole limit, and not earlier; it ends
 * with slots enough for the one that waited last. Who waits as long as told learns of it then.
 */
#include "fuzz.h"

#include "base/util.h"
#include "stall.h"

#define EVENTS_MAX 512

enum kind { PROGRESS, WAITED, ENDED };

struct event {
	enum kind kind;
	uint64_t at;
	uint32_t need;
};

static struct event events[EVENTS_MAX];
static unsigned int nr_events;
static bool stalled;

static void remember(enum kind kind, uint64_t at, uint32_t need)
{
	events[nr_events++] = (struct event){ kind, at, need };
}

/* The first that waited after all that ended a wait; NULL: nothing waits. */
static const struct event *first_that_waits(void)
{
	const struct event *first = NULL;

	for (unsigned int i = 0; i < nr_events; i++) {
		if (events[i].kind != WAITED)
			first = NULL;
		else if (!first)
			first = &events[i];
	}
	return first;
}

static uint32_t last_need(void)
{
	for (unsigned int i = nr_events; i > 0; i--)
		if (events[i - 1].kind == WAITED)
			return events[i - 1].need;
	return 0;
}

static void wait(struct stall *s, uint32_t need, uint64_t now, uint64_t limit)
{
	bool begins = stall_wait(s, need, now, limit);

	remember(WAITED, now, need);
	CHECK(begins == (!stalled && limit && now - first_that_waits()->at >= limit));
	stalled |= begins;
}

static void over(struct stall *s, uint32_t avail, uint64_t now)
{
	bool ends = stall_over(s, avail);

	CHECK(ends == (stalled && avail >= last_need()));
	if (!ends)
		return;
	stalled = false;
	remember(ENDED, now, 0);
}

/* A nanosecond before the time that was told it is too early, and then it is not. */
static void left(const struct stall *s, uint64_t now, uint64_t limit)
{
	uint64_t ns = stall_left_ns(s, now, limit);
	struct stall early = *s, late = *s;

	if (ns == UINT64_MAX) {
		CHECK(stalled || !limit || !first_that_waits());
		return;
	}
	CHECK(!stalled && ns <= limit);
	if (ns > 0)
		CHECK(!stall_wait(&early, 1, now + ns - 1, limit));
	CHECK(stall_wait(&late, 1, now + ns, limit));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	uint64_t now = 1ull + fuzz_u32(&f), limit = fuzz_u16(&f);
	struct stall s = { 0 };

	nr_events = 0;
	stalled = false;
	while (f.left > 0 && nr_events < EVENTS_MAX) {
		uint8_t what = fuzz_u8(&f);

		now += what & 0x80 ? fuzz_u16(&f) : 0;
		switch (what & 7) {
		case 0:
			stall_progress(&s);
			remember(PROGRESS, now, 0);
			break;
		case 1:
		case 2:
			over(&s, fuzz_u8(&f), now);
			break;
		case 3:
			/* An instant that is hard to meet. */
			if (first_that_waits())
				now = MAX(now, first_that_waits()->at + limit - (what >> 3 & 1));
			/* fall through */
		default:
			wait(&s, fuzz_u8(&f), now, limit);
		}
		CHECK(s.on == stalled);
		left(&s, now, limit);
	}
	return 0;
}
