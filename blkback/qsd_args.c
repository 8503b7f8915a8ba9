// SPDX-License-Identifier: GPL-2.0-or-later
#include "qsd_args.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"

/* Thirty years: what a server that is away is waited for. */
#define FOR_EVER_S 1000000000u

struct writer {
	char *at;
	size_t left; /* the NUL's place included; 0: it did not fit */
};

static void put(struct writer *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void put(struct writer *w, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(w->at, w->left, fmt, ap);
	va_end(ap);
	if (len < 0 || (size_t)len >= w->left) {
		w->left = 0;
		return;
	}
	w->at += len;
	w->left -= (size_t)len;
}

/* As JSON wants it. Bytes beyond ASCII stay: they are UTF-8, or QEMU says that they are not. */
static void put_text(struct writer *w, const char *text)
{
	put(w, "\"");
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			put(w, "\\%c", c);
		else if (c < ' ')
			put(w, "\\u%04x", c);
		else
			put(w, "%c", c);
	}
	put(w, "\"");
}

/* Nothing if there is no such value. */
static void put_member(struct writer *w, const char *name, const char *value)
{
	if (!value)
		return;
	put(w, ",\"%s\":", name);
	put_text(w, value);
}

static void put_cache(struct writer *w, const struct qsd_how *how)
{
	put(w, ",\"read-only\":%s,\"cache\":{\"direct\":%s},\"discard\":\"%s\"",
	    how->readonly ? "true" : "false", how->direct ? "true" : "false",
	    how->discard ? "unmap" : "ignore");
}

static void put_file(struct writer *w, const struct target *t, const struct qsd_how *how)
{
	put(w, ",\"file\":{\"driver\":\"file\",\"aio\":\"%s\"", how->direct ? "native" : "threads");
	put_member(w, "filename", t->path);
	put_cache(w, how);
	put(w, "}");
}

/* A server that is away is waited for, as with a connection of our own. */
static void put_server(struct writer *w, const struct target *t)
{
	put(w, ",\"server\":{\"type\":\"%s\"", t->socket ? "unix" : "inet");
	put_member(w, "path", t->socket);
	put_member(w, "host", t->host);
	put_member(w, "port", t->port);
	put(w, "},\"reconnect-delay\":%u", FOR_EVER_S);
	put_member(w, "export", t->export);
	put_member(w, "tls-hostname", t->tls_name);
	if (t->tls)
		put(w, ",\"tls-creds\":\"tls\"");
}

static void put_rbd(struct writer *w, const struct target *t)
{
	put_member(w, "pool", t->pool);
	put_member(w, "namespace", t->name_space);
	put_member(w, "image", t->image);
	put_member(w, "snapshot", t->snapshot);
	put_member(w, "user", t->user);
	put_member(w, "conf", t->conf);
}

static void put_blockdev(struct writer *w, const struct target *t, const struct qsd_how *how)
{
	static const char *const drivers[] = { [TARGET_NBD] = "nbd", [TARGET_RBD] = "rbd" };

	put(w, "{\"driver\":\"%s\",\"node-name\":\"" QSD_EXPORT "\"",
	    t->kind == TARGET_FORMAT ? t->driver : drivers[t->kind]);
	put_cache(w, how);
	if (t->kind == TARGET_FORMAT)
		put_file(w, t, how);
	else if (t->kind == TARGET_NBD)
		put_server(w, t);
	else
		put_rbd(w, t);
	put(w, "}");
}

/* The file of keys is named by its directory; it is called TARGET_PSK_NAME there. */
static void put_creds(struct writer *w, const struct target *t)
{
	char dir[TARGET_MAX];

	if (t->psk)
		snprintf(dir, sizeof(dir), "%.*s", (int)(strlen(t->psk) - strlen(TARGET_PSK_NAME)),
			 t->psk);
	put(w, "{\"qom-type\":\"tls-creds-%s\",\"id\":\"tls\",\"endpoint\":\"client\"",
	    t->psk ? "psk" : "x509");
	put_member(w, "dir", t->psk ? dir : t->certificates);
	put_member(w, "username", t->user);
	put(w, "}");
}

int qsd_args_make(const struct target *t, const struct qsd_how *how, struct qsd_args *ret)
{
	struct writer blockdev = { ret->blockdev, sizeof(ret->blockdev) };
	struct writer object = { ret->object, sizeof(ret->object) };
	size_t nr = 0;

	put_blockdev(&blockdev, t, how);
	put_creds(&object, t);
	snprintf(ret->server, sizeof(ret->server), "addr.type=fd,addr.str=%d,max-connections=0",
		 how->listen_fd);
	snprintf(ret->export, sizeof(ret->export),
		 "type=nbd,id=export,node-name=" QSD_EXPORT ",name=" QSD_EXPORT ",writable=%s",
		 how->readonly ? "off" : "on");
	ret->argv[nr++] = "qemu-storage-daemon";
	if (t->kind == TARGET_NBD && t->tls) {
		ret->argv[nr++] = "--object";
		ret->argv[nr++] = ret->object;
	}
	ret->argv[nr++] = "--blockdev";
	ret->argv[nr++] = ret->blockdev;
	ret->argv[nr++] = "--nbd-server";
	ret->argv[nr++] = ret->server;
	ret->argv[nr++] = "--export";
	ret->argv[nr++] = ret->export;
	ret->argv[nr] = NULL;
	return blockdev.left == 0 || object.left == 0 ? -E2BIG : 0;
}
