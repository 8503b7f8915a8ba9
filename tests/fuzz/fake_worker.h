/* SPDX-License-Identifier: GPL-2.0-or-later */
/* worker/spawn.h without processes: workers do what the fuzzer says. */
#ifndef PVBACK_FUZZ_FAKE_WORKER_H
#define PVBACK_FUZZ_FAKE_WORKER_H

#include "worker/spawn.h"

struct worker {
	struct worker *next;
	bool asked; /* told to stop */
	bool ready; /* has said so */
	struct worker_msg conf;
	const struct worker_ops *ops;
	void *ctx;
};

extern struct worker *fake_workers;
extern int fake_worker_error; /* what the next start fails with */
/* What becomes of a message to a worker; without it all are heard. */
extern int (*fake_worker_sent)(struct worker *w, const struct worker_msg *msg, const int *fds,
			       unsigned int nr_fds);

/* @msg reaches the supervisor. */
void fake_worker_say(struct worker *w, const struct worker_msg *msg);
/* Its process ends, and @w with it. */
void fake_worker_end(struct worker *w);
/* The supervisor is gone; the workers notice. */
void fake_workers_orphaned(void);

#endif
