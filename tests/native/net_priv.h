/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the network tests' common part. */
#ifndef NATIVE_NET_PRIV_H
#define NATIVE_NET_PRIV_H

char *netbackd_log(void); /* all of it so far, to be freed */

#endif
