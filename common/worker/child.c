// SPDX-License-Identifier: GPL-2.0-or-later
/* Worker side of the talk with the supervisor. */
#include "worker/child.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"

static bool started_by_supervisor(int argc)
{
	int type;
	socklen_t len = sizeof(type);

	return argc == 4 && getsockopt(CHILD_CONTROL_FD, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	       type == SOCK_SEQPACKET;
}

int child_begin(struct child *c, int argc, char **argv, const char *kind)
{
	int err;

	c->kind = kind;
	if (!started_by_supervisor(argc)) {
		fprintf(stderr, "%s: is started by its daemon, not by hand\n", kind);
		exit(2);
	}
	log_open(kind, (enum log_level)atoi(argv[2]), strcmp(argv[3], "syslog") == 0);
	/* The supervisor decides when we end; a terminal's ^C is for it. */
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	err = child_recv(c);
	if (!err && c->msg.quiet)
		log_hush();
	return err;
}

int child_recv(struct child *c)
{
	return fdmsg_recv(CHILD_CONTROL_FD, &c->msg, sizeof(c->msg), c->fds, &c->nr_fds);
}

int child_tell(enum worker_msg_type type, uint32_t id)
{
	struct worker_msg msg = { .type = type, .id = id };

	return fdmsg_send(CHILD_CONTROL_FD, &msg, sizeof(msg), NULL, 0);
}

int child_ready(void)
{
	return child_tell(WORKER_MSG_READY, 0);
}

int child_failed(int err, uint32_t id, const char *fmt, ...)
{
	struct worker_msg msg = { .type = WORKER_MSG_FAILED, .err = err, .id = id };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg.text, sizeof(msg.text), fmt, ap);
	va_end(ap);
	fdmsg_send(CHILD_CONTROL_FD, &msg, sizeof(msg), NULL, 0);
	return err;
}

int child_broken(uint32_t id, const char *fmt, ...)
{
	struct worker_msg msg = { .type = WORKER_MSG_BROKEN, .id = id };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg.text, sizeof(msg.text), fmt, ap);
	va_end(ap);
	return fdmsg_send(CHILD_CONTROL_FD, &msg, sizeof(msg), NULL, 0);
}

int child_store_lost(uint32_t id, const char *fmt, ...)
{
	struct worker_msg msg = { .type = WORKER_MSG_STORE_LOST, .id = id };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg.text, sizeof(msg.text), fmt, ap);
	va_end(ap);
	return fdmsg_send(CHILD_CONTROL_FD, &msg, sizeof(msg), NULL, 0);
}
