/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames for the guest: read from the tap, several with one call, or taken from who sends
 * past it; judged, cut up if the guest cannot take them whole, planned and staged.
 */
#ifndef PVBACK_NET_RX_FILL_H
#define PVBACK_NET_RX_FILL_H

#include <stdint.h>

struct net_rx;

/* A frame seldom comes alone for long, and one read in vain is cheaper than one call more. */
#define NET_RX_AHEAD_MIN 2u

/* Read until there is no more or more is staged than @avail slots hold. */
void net_rx_fill(struct net_rx *rx, uint32_t avail);

/* Drop what is too much to wait, if a limit or a slow guest keeps back what is staged. */
void net_rx_shed(struct net_rx *rx);

#endif
