/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PVBACK_PATHS_H
#define PVBACK_PATHS_H

/* Where sockets, locks and the like live. */
#define DAEMON_RUN_DIR "/run/pvback"
/* The root directory of sealed workers; nothing is ever put there. */
#define DAEMON_EMPTY_DIR DAEMON_RUN_DIR "/empty"

#endif
