/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the console tests share: a console daemon of their own (ours, or
 * xenconsoled as the oracle) in a world without daemons, guests with a console, and
 * a client at the pty. One thread runs a case; helpers end the program with a message
 * when something is not as it should be.
 *
 * Usage of each program: PROGRAM CASE DAEMON; "xenconsoled" is that of Xen's tools.
 */
#ifndef NATIVE_CON_ENV_H
#define NATIVE_CON_ENV_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "confront.h"
#include "outcome.h"

#define PATIENCE_MS 15000

/* --- cases --- */

struct con_case {
	const char *name;
	void (*run)(void);
};

/* The last one has no name. */
int con_main(int argc, char **argv, const struct con_case *cases);

/* --- the daemon --- */

extern bool con_oracle; /* it is xenconsoled, to see what clients are used to */

/* @options: more options of ours, NULL-terminated, or NULL. Returns when it is ready. */
void daemon_start(const char *const *options);
/* From the next start on it is another program; the one of the command line to begin with. */
void daemon_use(const char *program);
const char *daemon_program(void);
void daemon_stop(void);
void daemon_kill(void);
void daemon_hangup(void);
pid_t daemon_pid(void);
pid_t worker_pid(void);
/* Path of a program of Xen's tools, or the case is skipped. */
const char *xen_program(const char *name);

/* What is to be put in order before the daemon can end, however the case ends. */
void daemon_before_end(void (*fn)(void));
/* Kill the worker on purpose (else its end fails the case), and wait for its successor. */
void worker_kill(void);
pid_t worker_kill_now(void); /* does not wait */
long process_kib(pid_t pid); /* resident */
unsigned int process_fds(pid_t pid);

/* Lines of the daemon's own log with both texts in them (@b may be NULL). */
unsigned int daemon_lines(const char *a, const char *b);
void daemon_wait_line(const char *a, const char *b);

/* Where guests' logs go: made before the daemon starts, gone at the end. */
const char *log_dir(void);

/* --- a guest and its console --- */

struct con {
	uint16_t domid;
	char name[32];
	char dev[32]; /* "console/5:", as in the daemon's log */
	struct confront *front;
	int tty; /* the client's end; -1 = none */
	char tty_path[64];
};

void con_create(struct con *c, const char *name);		     /* domain alone */
void con_create_at(struct con *c, const char *name, uint16_t domid); /* its number said */
void con_attach(struct con *c, unsigned int flags); /* and its console, see confront_open() */
void con_detach(struct con *c);			    /* guest's side goes, keys stay */
void con_replace(struct con *c);		    /* another ring, as after a soft reset */
void con_served(struct con *c);			    /* wait for the pty, open it */
void con_new(struct con *c, const char *name);	    /* all of these */
void con_destroy(struct con *c);		    /* as xl destroy */
void con_die(uint16_t domid);			    /* as a crash, no toolstack there */

/* Path of a key; the value of it, "" if it is not there. */
void con_key_path(char path[96], const struct con *c, const char *key);
void con_key_read(const struct con *c, const char *key, char value[64]);

/* Client. Reading: exactly @n bytes or the case fails; -1 from try = hung up. */
void tty_open(struct con *c);
void tty_close(struct con *c);
ssize_t tty_try_read(struct con *c, void *buf, size_t n, int timeout_ms);
void tty_expect(struct con *c, const void *data, size_t n);
void tty_write(struct con *c, const void *data, size_t n);
bool tty_hung_up(struct con *c);

/* The guest says @text, the client reads it, answers, and the guest reads that. */
void con_chat(struct con *c, const char *text);
/* The same, in a guest that printed what nobody read: what is before @text is let go. */
void con_chat_after_noise(struct con *c, const char *text);

/* --- bytes --- */

/* Bytes of all values in no pattern; the same for the same seed. */
void fill_random(void *buf, size_t n, uint32_t seed);
/* Lines "TAG 0000000 xxxx...\n", each of @len bytes; @n bytes of them, a multiple. */
void fill_lines(char *buf, size_t n, const char *tag, size_t len);

/* A guest that prints in a thread of its own. */
struct printer {
	struct con *con;
	const void *data;
	size_t n;
	size_t chunk;
	bool asleep;
	pthread_t thread;
	size_t done;
	int err;
	int64_t took_ms;
};

void printer_start(struct printer *p);
void printer_join(struct printer *p); /* fails if not all was printed */

/* --- logs --- */

/* A log file's content, NUL-terminated, to be freed; @nr 0 = the present one. */
char *log_content(const char *name, unsigned int nr, size_t *ret_len);
bool log_has(const char *name, const char *text); /* also in a rotated one */
void log_wait(const char *name, const char *text);
/* All files of a guest in order, oldest first. */
char *log_all(const char *name, unsigned int keep, size_t *ret_len);

#endif
