// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How much may wait for a guest that takes less than comes for it. Pure.
 *
 * Theory of operation
 * -------------------
 * What waits in a tap is counted in frames, and 256 of them are little if they
 * are small, and 16 MiB if they are large: for a guest that takes 7 MB/s
 * these are two seconds, in which its acknowledgements wait as well. So once there has been
 * something waiting all the time for a tenth of a second, it is known how fast the
 * guest is, and no more is kept for it than it takes in a fiftieth; the newest go first, as
 * at the end of any queue. A guest that is fast enough for all that a tap can hold is
 * left alone: a burst is no backlog. And for one that has stopped nothing is left in the
 * tap: that is read, and dropped, as it comes.
 */
#include "backlog.h"

#include "base/util.h"

#define WINDOW_NS (100 * NS_PER_MS)
#define KEEP_PER_SEC 50u
#define KEEP_MIN 131072u /* two large frames */
#define KEEP_MAX 1048576u

void backlog_look(struct backlog *b, bool waits, uint64_t bytes, uint64_t now)
{
	uint64_t ns, keep;

	if (!waits) {
		*b = (struct backlog){ 0 };
		return;
	}
	if (!b->since) {
		b->since = now;
		b->bytes = bytes;
		return;
	}
	ns = now - b->since;
	if (ns < WINDOW_NS)
		return;
	keep = (uint64_t)((unsigned __int128)(bytes - b->bytes) * NS_PER_SEC / ns / KEEP_PER_SEC);
	b->bound = keep > KEEP_MAX ? 0 : (uint32_t)MAX(keep, KEEP_MIN);
	b->stopped = bytes == b->bytes;
	b->since = now;
	b->bytes = bytes;
}

uint64_t backlog_left_ns(const struct backlog *b, uint64_t now)
{
	uint64_t end = b->since + WINDOW_NS;

	if (!b->since || b->stopped)
		return UINT64_MAX;
	return end > now ? end - now : 0;
}
