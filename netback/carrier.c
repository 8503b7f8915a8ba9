// SPDX-License-Identifier: GPL-2.0-or-later
#include "carrier.h"

#include <errno.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/log.h"

static void set(const struct net_card *card, int on)
{
	if (ioctl(card->taps[0], TUNSETCARRIER, &on) < 0)
		log_warn(card->dev, "cannot switch the carrier %s: %s", on ? "on" : "off",
			 strerror(errno));
}

void carrier_stalled(const struct net_card *card)
{
	if (atomic_fetch_add(card->nr_stalled, 1) == 0)
		set(card, 0);
}

void carrier_recovered(const struct net_card *card)
{
	if (atomic_fetch_sub(card->nr_stalled, 1) == 1)
		set(card, 1);
}
