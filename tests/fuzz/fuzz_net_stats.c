// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stats.c: workers come and go, each counts from zero, and the page has the sum of what all of them have
 * counted, and nothing else has changed in it. What a text says is read back by name.
 */
#include "fuzz.h"

#include "base/util.h"
#include "../../netback/stats.h"

#define NAME(name) #name,

static const char *const tx_names[] = { NET_TX_COUNTERS(NAME) NET_TX_LOST(NAME) };
static const char *const rx_names[] = { NET_RX_COUNTERS(NAME) NET_RX_LOST(NAME) };
static const char *const loop_names[] = { NET_LOOP_COUNTERS(NAME) };

#define NR_TX ARRAY_SIZE(tx_names)
#define NR_RX ARRAY_SIZE(rx_names)
#define NR_LOOP ARRAY_SIZE(loop_names)

/* One worker's; the structures are nothing but numbers. */
static union {
	struct net_tx_counters of;
	uint64_t at[NR_TX];
} tx;
static union {
	struct net_rx_counters of;
	uint64_t at[NR_RX];
} rx;
static union {
	struct net_loop_counters of;
	uint64_t at[NR_LOOP];
} loop;

_Static_assert(sizeof(tx.of) == sizeof(tx.at), "each has a name");
_Static_assert(sizeof(rx.of) == sizeof(rx.at), "each has a name");
_Static_assert(sizeof(loop.of) == sizeof(loop.at), "each has a name");

static struct net_stats_slot slot, want;
static bool told; /* want is what the page has */

static void count(struct fuzz *f)
{
	uint32_t which = fuzz_below(f, NR_TX + NR_RX + NR_LOOP);
	uint64_t n = fuzz_u64(f);

	if (which < NR_TX) {
		tx.at[which] += n;
		want.tx[which] += n;
	} else if (which < NR_TX + NR_RX) {
		rx.at[which - NR_TX] += n;
		want.rx[which - NR_TX] += n;
	} else {
		loop.at[which - NR_TX - NR_RX] += n;
		want.loop[which - NR_TX - NR_RX] += n;
	}
	told = false;
}

static void begin(struct stats_out *out)
{
	/* What a worker did not get to tell is lost with it. */
	want = slot;
	memset(&tx, 0, sizeof(tx));
	memset(&rx, 0, sizeof(rx));
	memset(&loop, 0, sizeof(loop));
	stats_begin(out, &slot);
	told = true;
}

static void check_text(const char *text, const char *const *names, const uint64_t *values,
		       unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		unsigned long long value;
		char name[NET_STATS_NAME];
		int len = 0;

		CHECK(sscanf(text, " %23[a-z0-9_]=%llu%n", name, &value, &len) == 2);
		CHECK(strcmp(name, names[i]) == 0 && value == values[i]);
		text += len;
	}
	CHECK(*text == '\0');
}

static void check_texts(void)
{
	char text[STATS_TEXT_MAX];

	stats_tx_text(&tx.of, text);
	check_text(text, tx_names, tx.at, NR_TX);
	stats_rx_text(&rx.of, text);
	check_text(text, rx_names, rx.at, NR_RX);
	stats_loop_text(&loop.of, text);
	check_text(text, loop_names, loop.at, NR_LOOP);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size };
	struct stats_out out;

	/* What a predecessor has left, or who knows who. */
	for (size_t i = 0; i < sizeof(slot) / sizeof(uint64_t); i++)
		((uint64_t *)&slot)[i] = fuzz_u8(&f) * 0x0102030405060708u;
	begin(&out);
	while (f.left > 0) {
		switch (fuzz_below(&f, 8)) {
		case 0:
			begin(&out);
			break;
		case 1:
		case 2:
			stats_publish(&out, &tx.of, &rx.of, &loop.of);
			told = true;
			break;
		case 3:
			check_texts();
			break;
		default:
			count(&f);
		}
		if (told)
			CHECK(memcmp(&slot, &want, sizeof(slot)) == 0);
	}
	return 0;
}
