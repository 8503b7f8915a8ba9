// SPDX-License-Identifier: GPL-2.0-or-later
/* `standin`: play the hypervisor, and ask it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib.h"
#include "tool.h"

int tool_error(const char *what, int err)
{
	fprintf(stderr, "standin: %s%s%s\n", what, err ? ": " : "", err ? strerror(-err) : "");
	return EXIT_FAILURE;
}

static int call(struct rpc *r)
{
	struct rpc_link *l;
	int err = rpc_open_as(0, 0, &l, NULL);

	if (err)
		return err;
	err = rpc_call(l, r, NULL);
	rpc_close(l);
	return err;
}

/* A number in [0, max], or -1 with a line on stderr. */
static long number(const char *text, long max)
{
	char *end;
	long n = text ? strtol(text, &end, 0) : -1;

	if (!text || end == text || *end || n < 0 || n > max) {
		fprintf(stderr, "standin: not a number up to %ld: %s\n", max,
			text ? text : "(nothing)");
		return -1;
	}
	return n;
}

static int tool_create(int argc, char **argv)
{
	struct rpc r = { .op = RPC_CREATE };
	long domid = argc > 1 ? number(argv[1], 0x7fef) : 0;
	int err;

	if (domid < 0)
		return EXIT_FAILURE;
	r.domid = (uint32_t)domid;
	err = call(&r);
	if (err)
		return tool_error("create", err);
	printf("%u\n", r.domid);
	return EXIT_SUCCESS;
}

/* destroy, pause and unpause: all they need is a domain */
static int with_domain(const char *what, enum rpc_op op, uint32_t a, const char *domid)
{
	struct rpc r = { .op = op, .a = a };
	long n = number(domid, 0x7fef);
	int err;

	if (n < 0)
		return EXIT_FAILURE;
	r.domid = (uint32_t)n;
	err = call(&r);
	return err ? tool_error(what, err) : EXIT_SUCCESS;
}

static int tool_destroy(int argc, char **argv)
{
	(void)argc;
	return with_domain("destroy", RPC_DESTROY, 0, argv[1]);
}

static int tool_pause(int argc, char **argv)
{
	(void)argc;
	return with_domain(argv[0], RPC_PAUSE, strcmp(argv[0], "pause") == 0, argv[1]);
}

static int tool_shutdown(int argc, char **argv)
{
	long reason = argc > 2 ? number(argv[2], 255) : 0;

	return reason < 0 ? EXIT_FAILURE
			  : with_domain("shutdown", RPC_SHUTDOWN, (uint32_t)reason, argv[1]);
}

static int tool_list(int argc, char **argv)
{
	struct rpc r = { .op = RPC_INFO };
	int err = call(&r);

	(void)argc;
	(void)argv;
	if (err)
		return tool_error("list", err);
	printf("domain  mapped  state\n");
	for (uint32_t i = 0; i + 2 < r.nr; i += 3)
		printf("%6u  %6u  %s%s%s\n", r.list[i], r.list[i + 2],
		       r.list[i + 1] & INFO_DYING ? "dying" : "alive",
		       r.list[i + 1] & INFO_SHUTDOWN ? " shutdown" : "",
		       r.list[i + 1] & INFO_PAUSED ? " paused" : "");
	return EXIT_SUCCESS;
}

/* The world's page, once a link has opened it. */
static struct standin_world *open_world(void)
{
	struct rpc_link *l;
	int err = rpc_open_as(0, 0, &l, NULL);

	if (err)
		tool_error("no world", err);
	else
		rpc_close(l);
	return lib_world();
}

static int tool_stat(int argc, char **argv)
{
	struct standin_world *w = open_world();

	(void)argc;
	(void)argv;
	if (!w)
		return EXIT_FAILURE;
	printf("copy-calls %lu\ncopies %lu\ncopied-bytes %lu\ncopies-failed %lu\n"
	       "maps %lu\nunmaps %lu\nnotifies %lu\ndeliveries %lu\n",
	       w->copy_calls, w->copies, w->copied_bytes, w->copies_failed, w->maps, w->unmaps,
	       w->notifies, w->deliveries);
	return EXIT_SUCCESS;
}

static int copy_fault(struct standin_fault *f, const char *text)
{
	static const char *const names[] = {
		[COPY_FINE] = "none",
		[COPY_CALL_FAILS] = "call=",
		[COPY_STATUS] = "status=",
		[COPY_UNWRITTEN] = "unwritten",
	};

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t len = strlen(names[i]);

		if (strncmp(text, names[i], len) != 0)
			continue;
		atomic_store(&f->copy_value, atoi(text + len));
		atomic_store(&f->copy, i);
		return 0;
	}
	return -EINVAL;
}

/* copy=none|call=ERRNO|status=N|unwritten  every=N  map=ERRNO  times=N */
static int tool_fault(int argc, char **argv)
{
	struct standin_world *w = open_world();

	if (!w)
		return EXIT_FAILURE;
	for (int i = 1; i < argc; i++) {
		int err = 0;

		if (strncmp(argv[i], "copy=", 5) == 0)
			err = copy_fault(&w->fault, argv[i] + 5);
		else if (strncmp(argv[i], "every=", 6) == 0)
			atomic_store(&w->fault.copy_every, (uint32_t)atoi(argv[i] + 6));
		else if (strncmp(argv[i], "map=", 4) == 0)
			atomic_store(&w->fault.map_errno, atoi(argv[i] + 4));
		else if (strncmp(argv[i], "times=", 6) == 0)
			atomic_store(&w->fault.map_times, (uint32_t)atoi(argv[i] + 6));
		else
			err = -EINVAL;
		if (err)
			return tool_error(argv[i], err);
	}
	return EXIT_SUCCESS;
}

static const struct {
	const char *name, *args, *what;
	int (*run)(int argc, char **argv);
} tools[] = {
	{ "hv", "", "be the hypervisor of the world in $STANDIN_DIR, in the background", tool_hv },
	{ "create", "[DOMID]", "a domain; prints its number", tool_create },
	{ "destroy", "DOMID", "it dies at once; what others have mapped of it stays",
	  tool_destroy },
	{ "shutdown", "DOMID [REASON]", "it says that it has ended", tool_shutdown },
	{ "pause", "DOMID", "only shown, nothing stops", tool_pause },
	{ "unpause", "DOMID", "", tool_pause },
	{ "list", "", "domains, and how many of their pages others have mapped", tool_list },
	{ "stat", "", "what was copied, mapped and notified", tool_stat },
	{ "fault", "[copy=none|call=ERRNO|status=N|unwritten] [every=N] [map=ERRNO] [times=N]",
	  "what is to go wrong in calls of backends", tool_fault },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(tools) / sizeof(tools[0]); i++)
		if (strcmp(argv[1], tools[i].name) == 0)
			return tools[i].run(argc - 1, argv + 1);
	fprintf(stderr, "usage: standin COMMAND\n");
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
		fprintf(stderr, "  %s %s%s%s\n", tools[i].name, tools[i].args,
			*tools[i].what ? "\n\t" : "", tools[i].what);
	return 2;
}
