// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usage: xsguest DOMID: makes the guest's XenStore ring, prints its frame and
 * port ("introduce" wants them) and those of a console, goes into the background
 * and serves the socket dom<DOMID>.xs until the domain is dead.
 *
 * For domain 0 it only keeps the port that a xenstored binds to at its start,
 * and leaves frame and port in the files xsd_kva and xsd_port; a socket of its own
 * domain 0 has from xenstored itself.
 */
#include "xsguest.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "rpc.h"
#include "shared.h"

#define MAX_PROGRAMS 256
#define ALIVE_CHECK_MS 100

struct program {
	int fd;
	uint32_t who;
	struct incoming in;
	struct outgoing out;
};

static struct program programs[MAX_PROGRAMS];
static unsigned int nr_programs;
static struct ring *ring;
static struct mux *mux;
static const struct standin_domain *domain;

static void die(const char *what, int err)
{
	fprintf(stderr, "xsguest: %s: %s\n", what, strerror(-err));
	exit(1);
}

static void path_of(char *path, size_t size, const char *fmt, unsigned int domid)
{
	char name[64];

	snprintf(name, sizeof(name), fmt, domid);
	if (snprintf(path, size, "%s/%s", getenv("STANDIN_DIR"), name) >= (int)size)
		die("STANDIN_DIR", -ENAMETOOLONG);
}

/* The first page of its memory file says when it is dead, even if the number lives again. */
static void watch_domain(uint16_t domid)
{
	struct rpc *r = calloc(1, sizeof(*r));
	struct rpc_link *link;
	int fd = -1, err = rpc_open_as(domid, 0, &link, NULL);

	if (err || !r)
		die("no such domain", err);
	r->op = RPC_DOMAIN;
	r->domid = domid;
	err = rpc_call(link, r, &fd);
	if (err)
		die("no such domain", err);
	domain = mmap(NULL, STANDIN_PAGE, PROT_READ, MAP_SHARED, fd, 0);
	if (domain == MAP_FAILED)
		die("mmap", -errno);
	close(fd);
	rpc_close(link);
	free(r);
}

static int listen_at(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (strlen(path) >= sizeof(addr.sun_path))
		die(path, -ENAMETOOLONG);
	strcpy(addr.sun_path, path);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(fd, 64) < 0)
		die(path, -errno);
	return fd;
}

static void welcome(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (nr_programs == MAX_PROGRAMS) {
		close(fd);
		return;
	}
	programs[nr_programs++] = (struct program){ .fd = fd, .who = mux_join(mux) };
}

static void dismiss(struct program *p)
{
	mux_leave(mux, p->who);
	close(p->fd);
	free(p->out.data);
	*p = programs[--nr_programs];
}

/* Returns false when the program is gone. */
static bool hear(struct program *p)
{
	for (;;) {
		ssize_t n =
			recv(p->fd, (char *)&p->in.msg + p->in.done, incoming_missing(&p->in), 0);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		if (n == 0)
			return false;
		p->in.done += (size_t)n;
		if (incoming_bad(&p->in))
			return false;
		if (incoming_missing(&p->in) > 0)
			continue;
		p->in.done = 0;
		if (mux_request(mux, p->who, &p->in.msg) != 0)
			return false;
	}
}

static bool tell(struct program *p)
{
	while (p->out.len > 0) {
		ssize_t n = send(p->fd, p->out.data, p->out.len, MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		outgoing_drop(&p->out, (size_t)n);
	}
	return true;
}

static void pass_answers(void)
{
	struct message m;

	while (ring_receive(ring, &m)) {
		uint32_t who = mux_answer(mux, &m);

		for (unsigned int i = 0; i < nr_programs; i++)
			if (programs[i].who == who)
				outgoing_add(&programs[i].out, &m, sizeof(m.head) + m.head.len);
	}
}

static void serve_programs(const struct pollfd *fds, unsigned int nr)
{
	/* Backwards, as the last one takes the place of one that goes. */
	for (unsigned int i = nr; i-- > 0;) {
		struct program *p = &programs[i];

		if (((fds[i].revents & (POLLIN | POLLHUP)) && !hear(p)) || !tell(p))
			dismiss(p);
	}
}

static void serve(int listener)
{
	static struct pollfd fds[MAX_PROGRAMS + 2];

	while (!atomic_load(&domain->dead)) {
		unsigned int nr = nr_programs;

		for (unsigned int i = 0; i < nr; i++)
			fds[i] = (struct pollfd){
				.fd = programs[i].fd,
				.events = POLLIN | (programs[i].out.len ? POLLOUT : 0),
			};
		fds[nr] = (struct pollfd){ .fd = ring_fd(ring), .events = POLLIN };
		fds[nr + 1] = (struct pollfd){ .fd = listener, .events = POLLIN };
		if (poll(fds, nr + 2, ALIVE_CHECK_MS) < 0 && errno != EINTR)
			die("poll", -errno);
		if (fds[nr].revents)
			ring_acknowledge(ring);
		pass_answers();
		serve_programs(fds, nr);
		if (fds[nr + 1].revents)
			welcome(listener);
	}
}

static void to_background(const struct ring_place *at)
{
	int null = open("/dev/null", O_RDWR);
	pid_t pid = fork();

	if (pid < 0)
		die("fork", -errno);
	if (pid > 0) {
		printf("%u %u %u %u\n", at->frame, at->port, at->console_frame, at->console_port);
		fflush(stdout);
		_exit(0);
	}
	/* stderr stays: what is wrong later must be seen. */
	dup2(null, 0);
	dup2(null, 1);
	close(null);
	setsid();
}

static void write_file(const char *name, const char *content, size_t len)
{
	char path[256];
	int fd;

	path_of(path, sizeof(path), name, 0);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, content, len) != (ssize_t)len)
		die(path, -errno);
	close(fd);
}

static void keep_domain0(uint32_t port)
{
	static const char page[STANDIN_PAGE];
	char text[16];

	write_file("xsd_kva", page, sizeof(page));
	write_file("xsd_port", text, (size_t)snprintf(text, sizeof(text), "%u", port));
}

int main(int argc, char **argv)
{
	struct ring_place at;
	char path[256];
	int err, domid = argc == 2 ? atoi(argv[1]) : -1, listener = -1;

	if (domid < 0 || domid > UINT16_MAX || !getenv("STANDIN_DIR")) {
		fprintf(stderr, "usage: xsguest DOMID, in a world\n");
		return 2;
	}
	/* Whoever waits for the end of some pipe is not to wait for us. */
	close_range(3, ~0U, 0);
	watch_domain((uint16_t)domid);
	err = ring_open((uint16_t)domid, &ring, &at);
	mux = mux_new(ring);
	if (err || !mux)
		die("cannot make the ring", err);
	if (domid == 0) {
		keep_domain0(at.port);
	} else {
		path_of(path, sizeof(path), "dom%u.xs", (unsigned int)domid);
		listener = listen_at(path);
	}
	to_background(&at);
	if (domid == 0)
		pause();
	/* The socket's name stays: it may be that of a new guest with the same number by then. */
	serve(listener);
	return 0;
}
