/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The supervisor's side of a pty: made here, never looked up by a path. */
#ifndef PVBACK_CONSOLED_PTY_H
#define PVBACK_CONSOLED_PTY_H

struct pty {
	int master;    /* lent to the worker */
	int slave;     /* kept open, so that a client's close is not the end */
	char path[64]; /* of the slave, for clients */
};

#define PTY_NONE ((struct pty){ .master = -1, .slave = -1 })

/* Raw, as clients are the ones with a line discipline. 0 or -errno. */
int pty_open(struct pty *p);

/* Clients see a hang-up. */
void pty_close(struct pty *p);

#endif
