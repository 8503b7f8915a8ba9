// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The talk between supervisor and worker, over a real socket pair: a worker
 * that has been broken into sends datagrams of any length with any descriptors.
 * The supervisor hears those of the right size, in order, with an end to their
 * text, and keeps no descriptor.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"

static int child_fd;
static unsigned int kills;
static siginfo_t exit_info;

static int fake_kill(int signo)
{
	CHECK(signo == SIGKILL);
	kills++;
	return 0;
}

static int fake_waitid(siginfo_t *info)
{
	*info = exit_info;
	return 0;
}

#define kill(pid, signo) fake_kill(signo)
#define waitid(type, id, info, options) fake_waitid(info)
#include "../../common/worker/spawn.c" // NOLINT(bugprone-suspicious-include): what it calls is replaced
#undef waitid
#undef kill
#undef CHILD_CONTROL_FD
#define CHILD_CONTROL_FD child_fd
#include "../../common/worker/child.c" // NOLINT(bugprone-suspicious-include): what it calls is replaced

#define FDS_MAX 128
#define LETTERS_MAX 64u

/* On the way to the supervisor; only those that fit a message. */
static struct {
	uint32_t type, id;
	char text[WORKER_TEXT_MAX];
} letter[LETTERS_MAX];

static unsigned int sent, heard, gone;
static bool asked;
static bool sent_nothing; /* an empty datagram reads as a hang-up */

static void on_message(void *ctx, const struct worker_msg *msg)
{
	CHECK(heard < sent && !gone);
	CHECK(msg->type == letter[heard].type && msg->id == letter[heard].id);
	CHECK(memchr(msg->text, '\0', sizeof(msg->text)));
	for (size_t i = 0; i < sizeof(msg->text) - 1 && letter[heard].text[i]; i++) {
		char said = letter[heard].text[i];

		/* It goes into logs and is read on terminals. */
		CHECK(msg->text[i] == (said >= ' ' && said <= '~' ? said : '?'));
	}
	CHECK(strlen(msg->text) == strnlen(letter[heard].text, sizeof(msg->text) - 1));
	heard++;
}

static void on_gone(void *ctx, bool was_asked, const char *how)
{
	CHECK(was_asked == asked && strlen(how) > 0 && !gone);
	gone++;
}

static const struct worker_ops ops = { .message = on_message, .gone = on_gone };

static void note(const struct worker_msg *msg)
{
	letter[sent].type = msg->type;
	letter[sent].id = msg->id;
	memcpy(letter[sent].text, msg->text, sizeof(msg->text));
	sent++;
}

/* Anything, by hand: more descriptors than fdmsg_send() would take, and any length. */
static void send_anything(struct fuzz *f)
{
	union {
		struct cmsghdr hdr;
		char buf[CMSG_SPACE(12 * sizeof(int))];
	} control = { 0 };
	struct worker_msg msg[2];
	uint8_t bits = fuzz_u8(f), nr_fds = bits & 0x40 ? fuzz_u8(f) % 12 : 0;
	struct iovec iov = { .iov_base = msg, .iov_len = sizeof(msg[0]) };
	struct msghdr hdr = { .msg_iov = &iov, .msg_iovlen = 1 };

	memset(msg, 'x', sizeof(msg));
	fuzz_bytes(f, msg, fuzz_u8(f) % 64);
	if (bits & 0x80)
		iov.iov_len = fuzz_u16(f) % sizeof(msg);
	if (nr_fds > 0) {
		hdr.msg_control = control.buf;
		hdr.msg_controllen = CMSG_SPACE(nr_fds * sizeof(int));
		control.hdr.cmsg_level = SOL_SOCKET;
		control.hdr.cmsg_type = SCM_RIGHTS;
		control.hdr.cmsg_len = CMSG_LEN(nr_fds * sizeof(int));
		for (unsigned int i = 0; i < nr_fds; i++)
			((int *)(void *)CMSG_DATA(&control.hdr))[i] = STDERR_FILENO;
	}
	CHECK(sendmsg(child_fd, &hdr, MSG_NOSIGNAL) >= 0);
	if (iov.iov_len == 0)
		sent_nothing = true;
	else if (iov.iov_len == sizeof(msg[0]) && nr_fds <= FDMSG_MAX_FDS)
		note(&msg[0]);
}

static void send_by_the_book(struct fuzz *f)
{
	struct worker_msg msg = { .id = fuzz_u8(f) };
	char text[400] = "";
	size_t len = fuzz_below(f, sizeof(text));

	memset(text, 'y', len);
	snprintf(msg.text, sizeof(msg.text), "%s", text);
	switch (fuzz_below(f, 3)) {
	case 0:
		msg.type = WORKER_MSG_FAILED;
		child_failed(-EIO, msg.id, "%s", text);
		break;
	case 1:
		msg.type = WORKER_MSG_BROKEN;
		child_broken(msg.id, "%s", text);
		break;
	default:
		msg.type = WORKER_MSG_READY;
		msg.text[0] = '\0';
		child_tell(WORKER_MSG_READY, msg.id);
	}
	note(&msg);
}

/* What the supervisor says arrives as it was said. */
static void hear_supervisor(struct fuzz *f, struct worker *w)
{
	int fds[FDMSG_MAX_FDS] = { 0, 1, 2, 0, 1, 2, 0, 1 };
	unsigned int nr = fuzz_below(f, FDMSG_MAX_FDS + 2);
	struct worker_msg msg = { .type = WORKER_MSG_CON_ADD, .id = fuzz_u32(f) };
	struct child c = { .kind = "worker" };
	int err = worker_send(w, &msg, fds, nr);

	CHECK((err == -EINVAL) == (nr > FDMSG_MAX_FDS));
	if (err)
		return;
	do { /* a stop may have been sent before */
		CHECK(child_recv(&c) == 0);
	} while (c.msg.type == WORKER_MSG_STOP);
	CHECK(c.msg.type == msg.type && c.msg.id == msg.id && c.nr_fds == nr);
	while (c.nr_fds > 0)
		close(c.fds[--c.nr_fds]);
}

static void quit_loop(void *ctx, uint32_t events)
{
	loop_quit(ctx);
}

static struct worker *make_worker(struct loop *loop)
{
	static const int room = LETTERS_MAX * 4 * sizeof(struct worker_msg);
	struct worker *w = calloc(1, sizeof(*w));
	int pair[2];

	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0);
	/* All letters fit, though nobody reads: a real worker would wait. */
	CHECK(setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)) == 0);
	*w = (struct worker){ .loop = loop, .pid = 1, .control = pair[0], .ops = &ops };
	child_fd = pair[1];
	w->pid_fd = eventfd(0, EFD_CLOEXEC); /* never readable: we say when it ends */
	CHECK(watch_worker(w) == 0);
	return w;
}

static void talk(struct fuzz *f, struct loop *loop, struct worker *w)
{
	for (unsigned int sends = 0; f->left > 0 && !sent_nothing && sends < LETTERS_MAX;) {
		switch (fuzz_below(f, 8)) {
		case 0:
		case 1:
			send_anything(f);
			sends++;
			break;
		case 2:
			send_by_the_book(f);
			sends++;
			break;
		case 3:
			hear_supervisor(f, w);
			break;
		case 4:
			worker_stop(w);
			asked = true;
			break;
		default:
			loop_run(loop);
		}
	}
	CHECK(kills == 0);
}

/* A worker that hangs up and lives on cannot be told to stop: it is killed, and not waited for. */
static void hang_up(struct loop *loop)
{
	close(child_fd);
	child_fd = -1;
	for (unsigned int turns = 0; turns < 2 * LETTERS_MAX; turns++)
		loop_run(loop);
	CHECK(kills == 1);
}

/* Its last words are heard, then it is gone, once. */
static void end(struct fuzz *f, struct loop *loop, struct worker *w)
{
	uint8_t bits = fuzz_u8(f);

	if (bits & 1)
		hang_up(loop);
	exit_info.si_pid = 0;
	on_exit_event(w, EPOLLIN); /* not yet */
	CHECK(gone == 0);
	exit_info.si_pid = 1;
	exit_info.si_code = bits & 2 ? CLD_EXITED : CLD_KILLED;
	exit_info.si_status = fuzz_u8(f);
	on_exit_event(w, EPOLLIN);
	CHECK(gone == 1 && (heard == sent || sent_nothing));
	if (child_fd >= 0)
		close(child_fd);
}

static void open_fds(bool open[FDS_MAX])
{
	for (int fd = 0; fd < FDS_MAX; fd++)
		open[fd] = fcntl(fd, F_GETFD) >= 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = { data, size < 1024 ? size : 1024 };
	bool before[FDS_MAX], after[FDS_MAX];
	struct loop_source *quit;
	struct loop *loop;
	struct worker *w;
	int always;

	open_fds(before);
	sent = heard = gone = kills = 0;
	asked = sent_nothing = false;
	always = eventfd(1, EFD_CLOEXEC);
	CHECK(loop_new(&loop) == 0 && always >= 0);
	CHECK(loop_add_fd(loop, always, EPOLLIN, quit_loop, loop, &quit) == 0);
	w = make_worker(loop);
	talk(&f, loop, w);
	end(&f, loop, w);
	loop_del(quit);
	loop_free(loop);
	close(always);
	open_fds(after);
	CHECK(memcmp(before, after, sizeof(before)) == 0);
	return 0;
}
