// SPDX-License-Identifier: GPL-2.0-or-later
#include "vif_patience.h"

#include "base/num.h"

#define MS_MAX 3600000u

/* As Linux' netback: rx_drain_timeout_msecs (10 s, or 30 ms without feature-rx-notify), rx_stall_timeout_msecs. */
static uint32_t drain_ms; /* 0: not set */
static uint32_t stall_ms = 60000;

int vif_set_drain(const char *text)
{
	return num_u32(text, 1, MS_MAX, &drain_ms);
}

int vif_set_stall(const char *text)
{
	return num_u32(text, 0, MS_MAX, &stall_ms);
}

void vif_patience(struct net_conf *conf)
{
	conf->drain_ms = drain_ms;
	conf->stall_ms = stall_ms;
}
