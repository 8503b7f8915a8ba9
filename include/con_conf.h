/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What consoled tells its worker of one console: judged values only. */
#ifndef PVBACK_CON_CONF_H
#define PVBACK_CON_CONF_H

#include <stdint.h>

/*
 * Descriptors beside CON_ADD: pty master, log file (absent if there is no
 * log); beside CON_LOG: log file.
 */
struct con_conf {
	uint16_t domid;
	uint32_t evtchn;      /* the guest's port */
	uint32_t ring_ref;    /* grant reference of the ring page */
	uint64_t backlog_max; /* bytes kept for a pty that nobody reads */
	uint64_t log_max;     /* bytes after which a fresh log file is asked for; 0 = none */
};

#endif
