// SPDX-License-Identifier: GPL-2.0-or-later
/* Between state 2 and "connected": the hotplug script, or what it would have done. */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/sockios.h>

#include "toolstack_priv.h"

extern char **environ;

static int read_back(struct xsconn *c, const struct ts_device *d, const char *name, char *buf,
		     size_t size)
{
	char path[XSCONN_PATH_MAX];

	snprintf(path, sizeof(path), "%.200s/%s", d->back, name);
	return xsconn_read(c, path, buf, size);
}

/* As the script's write_dev(); a plain file goes without a loop device. */
static int plug_vbd(struct xsconn *c, const struct ts_device *d)
{
	char image[256];
	struct stat st;
	int err = read_back(c, d, "params", image, sizeof(image));

	if (!err && stat(image, &st) == 0 && S_ISBLK(st.st_mode))
		err = xsconn_printf(c, d->back, "physical-device", "%x:%x", major(st.st_rdev),
				    minor(st.st_rdev));
	return err ? err : xsconn_printf(c, d->back, "physical-device-path", "%s", image);
}

static int join_bridge(int sock, const char *bridge, const char *name)
{
	struct ifreq r = { .ifr_ifindex = (int)if_nametoindex(name) };

	if (!r.ifr_ifindex)
		return -ENODEV;
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", bridge);
	if (ioctl(sock, SIOCBRADDIF, &r) < 0 && errno != EBUSY)
		return -errno;
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	if (ioctl(sock, SIOCGIFFLAGS, &r) < 0)
		return -errno;
	r.ifr_flags |= IFF_UP;
	return ioctl(sock, SIOCSIFFLAGS, &r) < 0 ? -errno : 0;
}

static int plug_vif(struct xsconn *c, const struct ts_device *d)
{
	char bridge[IFNAMSIZ], name[IFNAMSIZ];
	int sock, err = read_back(c, d, "bridge", bridge, sizeof(bridge));

	if (err)
		return err;
	if (snprintf(name, sizeof(name), "vif%u.%u", d->domid, d->devid) >= (int)sizeof(name))
		return -ENAMETOOLONG;
	sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return -errno;
	err = join_bridge(sock, bridge, name);
	close(sock);
	return err;
}

int ts_plug(struct xsconn *c, const struct ts_device *d)
{
	int err = strcmp(d->kind, "vif") == 0 ? plug_vif(c, d) : plug_vbd(c, d);

	return err ? err : xsconn_printf(c, d->back, "hotplug-status", "connected");
}

/* As libxl: killed when it takes too long, and that is a failure. */
static int wait_for_script(pid_t pid)
{
	int pid_fd = (int)syscall(SYS_pidfd_open, pid, 0), status = 0;
	struct pollfd p = { .fd = pid_fd, .events = POLLIN };

	if (pid_fd < 0)
		return -errno;
	if (poll(&p, 1, SCRIPT_PATIENCE_MS) <= 0)
		kill(pid, SIGKILL);
	close(pid_fd);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ECANCELED;
}

/* The environment of libxl's hotplug scripts, in front of ours. */
struct script_env {
	char script[300], type[32], path[96], vif[48];
};

static char **make_env(struct script_env *e, const struct ts_device *d, const char *script)
{
	size_t nr = 0, at = 0;
	char **env;

	while (environ[nr])
		nr++;
	env = calloc(nr + 6, sizeof(*env));
	if (!env)
		return NULL;
	snprintf(e->script, sizeof(e->script), "script=%s", script);
	snprintf(e->type, sizeof(e->type), "XENBUS_TYPE=%s", d->kind);
	snprintf(e->path, sizeof(e->path), "XENBUS_PATH=backend/%s/%u/%u", d->kind, d->domid,
		 d->devid);
	snprintf(e->vif, sizeof(e->vif), "vif=vif%u.%u", d->domid, d->devid);
	env[at++] = e->script;
	env[at++] = e->type;
	env[at++] = e->path;
	env[at++] = (char *)"XENBUS_BASE_PATH=backend";
	if (strcmp(d->kind, "vif") == 0)
		env[at++] = e->vif;
	memcpy(env + at, environ, nr * sizeof(*env));
	return env;
}

int ts_run_script(struct xsconn *c, const struct ts_device *d, bool add)
{
	bool vif = strcmp(d->kind, "vif") == 0;
	const char *verb = vif ? (add ? "online" : "offline") : (add ? "add" : "remove");
	char script[256];
	struct script_env e;
	char *argv[] = { script, (char *)verb, vif ? (char *)"type_if=vif" : NULL, NULL };
	char **env;
	pid_t pid;
	int err = read_back(c, d, "script", script, sizeof(script));

	if (err)
		return err;
	env = make_env(&e, d, script);
	if (!env)
		return -ENOMEM;
	err = -posix_spawn(&pid, script, NULL, NULL, argv, env);
	free(env);
	return err ? err : wait_for_script(pid);
}
