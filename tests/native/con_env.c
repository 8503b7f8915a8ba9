// SPDX-License-Identifier: GPL-2.0-or-later
/* Cases, patience and bytes of the console tests, see con_env.h. */
#include "con_env.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "con_priv.h"

static void end_daemon(bool failed)
{
	daemon_end(false);
}

static const struct con_case *find_case(const struct con_case *cases, const char *name)
{
	for (; cases->name; cases++)
		if (strcmp(cases->name, name) == 0)
			return cases;
	return NULL;
}

int con_main(int argc, char **argv, const struct con_case *cases)
{
	const struct con_case *it = argc == 3 ? find_case(cases, argv[1]) : NULL;
	struct rlimit files;

	if (!it) {
		fprintf(stderr, "usage: %s CASE DAEMON, in a world without daemons; cases:\n",
			argv[0]);
		for (; cases->name; cases++)
			fprintf(stderr, "  %s\n", cases->name);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	outcome_before = end_daemon;
	outcome_leave = _exit; /* threads may be under way */
	daemon_begin(argv[2]);
	it->run();
	daemon_end(true);
	return 0;
}

/* --- bytes --- */

void fill_random(void *buf, size_t n, uint32_t seed)
{
	uint8_t *to = buf;

	/* xorshift; any seed but 0 */
	for (size_t i = 0; i < n; i++) {
		seed ^= seed << 13;
		seed ^= seed >> 17;
		seed ^= seed << 5;
		to[i] = (uint8_t)(seed >> 11);
	}
}

void fill_lines(char *buf, size_t n, const char *tag, size_t len)
{
	char line[256];

	for (size_t at = 0, nr = 0; at + len <= n; at += len, nr++) {
		memset(line, 'x', sizeof(line));
		line[snprintf(line, sizeof(line), "%s %07zu ", tag, nr)] = 'x';
		memcpy(buf + at, line, len - 1);
		buf[at + len - 1] = '\n';
	}
}
