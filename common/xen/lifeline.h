/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PVBACK_XEN_LIFELINE_H
#define PVBACK_XEN_LIFELINE_H

/*
 * libxenstore keeps it to itself when xenstored hangs up: who only waits for
 * watches waits for ever. So this is one more connection, on which nothing is ever said, and
 * whose end is the end of xenstored. *@ret is -1 where XenStore is reached through
 * the kernel, which does not go away.
 */
int lifeline_open(int *ret);

#endif
