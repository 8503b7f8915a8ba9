// SPDX-License-Identifier: GPL-2.0-or-later
/* Logs: rotated, full, on a disk that hangs. Guests do not notice, readers are told. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "con_env.h"

#define LINE 64

/* More than any case waits for something, less than a case may take. */
#define FROZEN_MAX_MS 20000

static char lines[3 * 1024 * 1024 / 2];

static void rotation_under_output_loses_no_line(void)
{
	static const char *const options[] = { "--log-max", "65536", "--log-keep", "20", NULL };
	struct printer p = { .data = lines, .n = 1024 * 1024, .chunk = 2048 };
	struct con c;
	char *all;
	size_t len;

	fill_lines(lines, p.n, "rotated", LINE);
	memcpy(lines + p.n - 9, "THE END\n\n", 9);
	daemon_start(options);
	con_new(&c, "rotated");
	tty_close(&c);
	p.con = &c;
	printer_start(&p);
	printer_join(&p);
	log_wait(c.name, "THE END");
	all = log_all(c.name, 20, &len);
	check(len == p.n && memcmp(all, lines, len) == 0,
	      "all files have %zu of %zu bytes, or others", len, p.n);
	free(all);
	all = log_content(c.name, 1, &len);
	check(len >= 65536, "nothing was rotated");
	free(all);
}

static void unprintable_bytes_are_dots(void)
{
	static const char out[] = "esc\x1b[2Jbell\a del\x7f csi\xc2\x9b"
				  "2J \xff\xfe tab\t \xc3\xa4 crlf\r\nend\n";
	static const char in_log[] = "esc.[2Jbell. del. csi\xc2.2J .. tab\t \xc3\xa4 crlf\nend\n";
	struct con c;
	char *content;
	size_t len;

	daemon_start(NULL);
	con_new(&c, "escapes");
	check(confront_write(c.front, out, sizeof(out) - 1, 7, PATIENCE_MS, NULL) == 0,
	      "cannot print");
	tty_expect(&c, out, sizeof(out) - 1); /* a terminal gets what was meant for it */
	log_wait(c.name, "end\n");
	content = log_content(c.name, 0, &len);
	check(strcmp(content, in_log) == 0, "the log has: %s", content);
	free(content);
}

/* Each guest's own lines: the oracle mixes them up. */
static void each_line_has_its_time(void)
{
	static const char *const options[] = { "--timestamps", NULL };
	struct con a, b;
	char *content, *rest;
	size_t len;

	daemon_start(options);
	con_new(&a, "first");
	con_new(&b, "second");
	for (int i = 0; i < 20; i++) {
		/* Half a line here, half a line there. */
		check(confront_write(a.front, "half ", 5, 16, PATIENCE_MS, NULL) == 0, "a");
		check(confront_write(b.front, "other ", 6, 16, PATIENCE_MS, NULL) == 0, "b");
		check(confront_write(a.front, "done\n", 5, 16, PATIENCE_MS, NULL) == 0, "a");
		check(confront_write(b.front, "done\n", 5, 16, PATIENCE_MS, NULL) == 0, "b");
	}
	con_chat_after_noise(&a, "END\n");
	log_wait(a.name, "END\n");
	content = log_content(a.name, 0, &len);
	rest = content;
	for (char *line; (line = strsep(&rest, "\n")) && *line;) {
		int ms, n = 0;

		check(sscanf(line, "%*d-%*d-%*dT%*d:%*d:%*d.%3dZ %n", &ms, &n) == 1 && n == 25,
		      "no time: %s", line);
		check(strcmp(line + n, "half done") == 0 || strcmp(line + n, "END") == 0,
		      "not its own: %s", line);
	}
	free(content);
}

/* --- disks in bad shape --- */

/* Ours alone: the world's other processes do not see these mounts. */
static void own_mounts(void)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		skip("no mounts of our own: %s", strerror(errno));
}

static void still_chats(struct con *c, const char *when)
{
	int64_t start = now_ms();

	for (int i = 0; i < 10; i++)
		con_chat(c, "anybody there?\n");
	check(now_ms() - start < 2000, "%s: ten answers took %d ms", when, (int)(now_ms() - start));
}

static void full_disk_stops_nobody(void)
{
	struct printer p = { .data = lines, .n = 512 * 1024, .chunk = 2048 };
	struct con loud, c;

	own_mounts();
	if (mount("full", log_dir(), "tmpfs", 0, "size=65536") < 0)
		skip("no tmpfs: %s", strerror(errno));
	fill_lines(lines, p.n, "loud", LINE);
	daemon_start(NULL);
	con_new(&loud, "loud");
	con_new(&c, "neighbour");
	p.con = &loud;
	printer_start(&p);
	still_chats(&c, "disk full");
	printer_join(&p);
	check(p.took_ms < 5000, "printing took %d ms", (int)p.took_ms);
	daemon_wait_line(loud.dev, "No space left");
	check(daemon_lines(loud.dev, "No space left") <= 10, "it is said too often");
	/* Room again: the log goes on, and says what is missing. */
	check(mount("full", log_dir(), "tmpfs", MS_REMOUNT, "size=4194304") == 0, "remount");
	con_chat_after_noise(&loud, "room again\n");
	log_wait(loud.name, "room again");
	check(log_has(loud.name, "bytes lost]"), "the log does not say that something is missing");
	daemon_stop();
	umount2(log_dir(), MNT_DETACH);
	daemon_start(NULL);
}

/* --- a file system that hangs: frozen, which looks the same to who writes --- */

static struct {
	int dir;   /* -1 = not frozen */
	int guard; /* whose end thaws: nothing may stay frozen when we are killed */
	pid_t pid;
} frozen = { .dir = -1, .guard = -1 };

static void run_quietly(const char *command)
{
	int status = system(command);

	if (status != 0)
		skip("%s: status %#x", command, (unsigned int)status);
}

/* Also thaws. */
static void dismiss_guard(void)
{
	close(frozen.guard);
	waitpid(frozen.pid, NULL, 0);
}

/* Thaws when the case ends, however it ends. */
static void start_guard(void)
{
	int pipe_fds[2];

	check(pipe2(pipe_fds, O_CLOEXEC) == 0, "pipe");
	frozen.pid = fork();
	if (frozen.pid == 0) {
		struct pollfd p = { .fd = pipe_fds[0], .events = POLLIN };

		setsid();
		close(pipe_fds[1]);
		poll(&p, 1, FROZEN_MAX_MS);
		ioctl(frozen.dir, FITHAW, 0);
		_exit(0);
	}
	close(pipe_fds[0]);
	frozen.guard = pipe_fds[1];
	daemon_before_end(dismiss_guard);
}

static void mount_disk(void)
{
	char command[512];

	own_mounts();
	snprintf(command, sizeof(command),
		 "truncate -s 16M %s/../disk && mkfs.ext4 -q -F %s/../disk && "
		 "mount -o loop %s/../disk %s >/dev/null",
		 log_dir(), log_dir(), log_dir(), log_dir());
	run_quietly(command);
	frozen.dir = open(log_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	check(frozen.dir >= 0, "%s: %s", log_dir(), strerror(errno));
	start_guard();
}

static void freeze(void)
{
	if (ioctl(frozen.dir, FIFREEZE, 0) < 0)
		skip("cannot freeze: %s", strerror(errno));
}

static void thaw(void)
{
	check(ioctl(frozen.dir, FITHAW, 0) == 0, "cannot thaw: %s", strerror(errno));
}

static void unmount_disk(void)
{
	daemon_before_end(NULL);
	dismiss_guard();
	close(frozen.dir);
	daemon_stop();
	check(umount2(log_dir(), MNT_DETACH) == 0, "umount: %s", strerror(errno));
	daemon_start(NULL);
}

static void hung_disk_stops_nobody(void)
{
	struct printer p = { .data = lines, .n = sizeof(lines), .chunk = 2048 };
	struct con loud, c;
	char *content;
	size_t len;

	fill_lines(lines, p.n, "loud", LINE);
	mount_disk();
	daemon_start(NULL);
	con_new(&loud, "loud");
	con_new(&c, "neighbour");
	con_chat(&loud, "before\n");
	log_wait(loud.name, "before");
	freeze();
	p.con = &loud;
	printer_start(&p);
	still_chats(&c, "disk frozen");
	printer_join(&p);
	check(p.took_ms < 5000, "printing took %d ms", (int)p.took_ms);
	con_chat_after_noise(&loud, "the last line\n");
	thaw();
	log_wait(loud.name, "the last line");
	content = log_content(loud.name, 0, &len);
	check(memmem(content, len, "bytes lost]", 11), "the log does not say what is missing");
	check(len < sizeof(lines) - 64 * 1024, "%zu bytes waited for the disk", len);
	free(content);
	log_wait(c.name, "anybody there?");
	unmount_disk();
}

/* Rotation needs the disk too: nobody but the rotated log may wait for it. */
static void rotation_on_a_hung_disk_stops_nobody(void)
{
	static const char *const options[] = { "--log-max", "65536", NULL };
	struct printer p = { .data = lines, .n = 100 * 1024, .chunk = 2048 };
	struct con loud, c;

	fill_lines(lines, p.n, "loud", LINE);
	mount_disk();
	daemon_start(options);
	con_new(&loud, "loud");
	con_new(&c, "neighbour");
	p.con = &loud;
	printer_start(&p);
	printer_join(&p);
	freeze();
	printer_start(&p);
	still_chats(&c, "disk frozen");
	printer_join(&p);
	thaw();
	con_chat_after_noise(&loud, "the last line\n");
	log_wait(loud.name, "the last line");
	unmount_disk();
}

/* xl create waits ten seconds for the pty, whatever the log's disk does. */
static void guest_is_born_on_a_hung_disk(void)
{
	struct con first, c;

	mount_disk();
	daemon_start(NULL);
	con_new(&first, "first");
	con_chat(&first, "I live\n");
	log_wait(first.name, "I live");
	freeze();
	con_create(&c, "born");
	con_attach(&c, 0);
	con_served(&c);
	con_chat(&c, "I live too\n");
	thaw();
	log_wait(c.name, "I live too");
	unmount_disk();
}

int main(int argc, char **argv)
{
	static const struct con_case cases[] = {
		{ "rotation-loses-no-line", rotation_under_output_loses_no_line },
		{ "unprintable-bytes-are-dots", unprintable_bytes_are_dots },
		{ "each-line-has-its-time", each_line_has_its_time },
		{ "full-disk-stops-nobody", full_disk_stops_nobody },
		{ "hung-disk-stops-nobody", hung_disk_stops_nobody },
		{ "rotation-on-a-hung-disk", rotation_on_a_hung_disk_stops_nobody },
		{ "guest-is-born-on-a-hung-disk", guest_is_born_on_a_hung_disk },
		{ NULL, NULL },
	};

	return con_main(argc, argv, cases);
}
