/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guest's configuration names behind script=block-pvback. Strict: a text
 * that is not understood to its last letter is refused. Pure.
 */
#ifndef PVBACK_TARGET_H
#define PVBACK_TARGET_H

#include <stdbool.h>
#include <stddef.h>

/* Of the whole text, and so of each part. */
#define TARGET_MAX 1024

/* What QEMU calls a file of pre-shared keys. */
#define TARGET_PSK_NAME "/keys.psk"

enum target_kind {
	TARGET_RAW,    /* raw:/path */
	TARGET_FORMAT, /* qcow2:/path, vhd:/path ... */
	TARGET_NBD,    /* nbd://host[:port][/export], nbd+unix:///[export]?socket=/path, nbds... */
	TARGET_RBD,    /* rbd:pool[/namespace]/image[@snapshot] */
};

struct target {
	enum target_kind kind;
	const char *driver; /* FORMAT: QEMU's name for it */
	bool readonly;	    /* FORMAT, RBD: cannot be written to */
	bool tls;	    /* NBD */
	/* In text; NULL: not given */
	const char *path; /* RAW, FORMAT: absolute */
	const char *host; /* NBD over TCP */
	const char *port;
	const char *socket;	  /* NBD over a UNIX socket: absolute path */
	const char *export;	  /* NBD; "" is the server's default */
	const char *certificates; /* NBD with TLS: directory, absolute */
	const char *psk;      /* NBD with TLS: file of keys, absolute, TARGET_PSK_NAME at its end */
	const char *tls_name; /* NBD with TLS: whom the server's certificate is of, if not host */
	const char *user;     /* NBD with PSK, RBD */
	const char *pool, *name_space, *image, *snapshot; /* RBD */
	const char *conf;      /* RBD: its configuration, absolute path */
	char text[TARGET_MAX]; /* what the above point into */
};

/* -EINVAL: @why says in one line what is wrong; @ret is not to be used then. */
int target_parse(const char *text, struct target *ret, char *why, size_t why_size);

#endif
