/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Token bucket: pure, the caller brings the clock. */
#ifndef PVBACK_BUDGET_H
#define PVBACK_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct budget {
	uint64_t rate;	  /* tokens per second; 0 = no limit */
	uint64_t burst;	  /* tokens that can be saved up */
	uint64_t tokens;  /* what is there now */
	uint64_t part;	  /* of the next one, in billionths */
	uint64_t last_ns; /* when tokens was brought up to date */
};

void budget_init(struct budget *b, uint64_t rate, uint64_t burst, uint64_t now_ns);

/* How many of @want tokens may be spent now. Does not spend. */
uint64_t budget_available(struct budget *b, uint64_t want, uint64_t now_ns);

/* Spend @n tokens, at most what budget_available() returned. */
void budget_spend(struct budget *b, uint64_t n);

/* Nanoseconds from the last look on until @want tokens (at most the burst) will be there; 0 = now. */
uint64_t budget_wait_ns(const struct budget *b, uint64_t want);

#endif
