/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What consoled tells its worker of one console: judged values only. */
#ifndef PVBACK_CON_CONF_H
#define PVBACK_CON_CONF_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A console goes by an id that is never used twice, not by its domain: what
 * is still on its way about a console that was dropped cannot be taken for
 * word of its successor. Id 0 is the worker as a whole.
 *
 * Descriptors beside CON_ADD: pty master, log file (absent if there is no
 * log); beside CON_LOG: log file. The answer to CON_ADD is READY or FAILED
 * with the console's id, to CON_DEL it is CON_GONE.
 */
struct con_conf {
	uint16_t domid;
	uint32_t evtchn;      /* the guest's port */
	uint32_t ring_ref;    /* grant reference of the ring page */
	uint64_t backlog_max; /* bytes kept for a pty that nobody reads */
	uint64_t log_max;     /* bytes after which a fresh log file is asked for; 0 = none */
	bool log_stamps;      /* each line of the log begins with the time */
	bool log_raw;	      /* log has the guest's bytes as they are */
	bool farewell;	      /* CON_DEL: the pty goes too, but its client may read to the end */
};

#endif
