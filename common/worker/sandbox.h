/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PVBACK_SANDBOX_H
#define PVBACK_SANDBOX_H

/*
 * Seal this process: no new privileges, no capability, an empty root, no
 * network, and only the system calls that serving needs.
 *
 * Should be called after every device, ring and image is open, and before the
 * first guest byte is read; before threads are started, so that they inherit.
 * Mustn't be needed for a later open(), socket() or exec(): they fail.
 *
 * Returns 0, or -errno: then the worker must not serve.
 */
int sandbox_seal(const char *dev);

#endif
