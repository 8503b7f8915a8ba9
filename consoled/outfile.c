// SPDX-License-Identifier: GPL-2.0-or-later
/* One log file, see outfile.h. */
#include "outfile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/util.h"

/* How far a log may outgrow its limit while a fresh file is on its way. */
#define OVERGROWTH (256u * 1024)
#define ASK_AGAIN_NS (10 * NS_PER_SEC)

static uint64_t size_of_file(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);

	return size < 0 ? 0 : (uint64_t)size;
}

void outfile_init(struct outfile *o, const char *dev, int fd, uint64_t max)
{
	*o = (struct outfile){ .dev = dev, .fd = fd, .max = max };
	o->size = size_of_file(fd);
}

void outfile_fini(struct outfile *o)
{
	close(o->fd);
}

void outfile_switch(struct outfile *o, int fd)
{
	close(o->fd);
	o->fd = fd;
	o->size = size_of_file(fd);
	o->asked_ns = 0;
}

/* Returns how many bytes could not be written. */
static size_t append(struct outfile *o, const uint8_t *data, size_t n)
{
	while (n > 0) {
		ssize_t done = write(o->fd, data, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			log_guest(&o->meter, o->dev, "log: %s", strerror(done < 0 ? errno : EIO));
			break;
		}
		o->size += (size_t)done;
		data += done;
		n -= (size_t)done;
	}
	return n;
}

/* The gap is told where it is; true if there is none to be told any more. */
static bool tell_lost(struct outfile *o)
{
	char line[64];
	int len;

	if (o->lost == 0)
		return true;
	len = snprintf(line, sizeof(line), "\n[%llu bytes lost]\n", (unsigned long long)o->lost);
	if (append(o, (const uint8_t *)line, (size_t)len) > 0)
		return false;
	o->lost = 0;
	return true;
}

void outfile_write(struct outfile *o, const void *data, size_t n, uint64_t lost)
{
	o->lost += lost;
	if (tell_lost(o))
		o->lost = append(o, data, n);
	else
		o->lost += n;
}

bool outfile_ask(struct outfile *o)
{
	uint64_t now = now_ns();

	if (o->max == 0 || o->size < o->max)
		return false;
	if (o->asked_ns != 0 && now - o->asked_ns < ASK_AGAIN_NS)
		return false;
	o->asked_ns = now;
	return true;
}

/*
 * Not for ever: where files cannot be rotated the log goes on, at one chunk
 * each time a fresh file is asked for again.
 */
bool outfile_held(const struct outfile *o)
{
	return o->max != 0 && o->size >= o->max + OVERGROWTH && o->asked_ns != 0 &&
	       now_ns() - o->asked_ns < ASK_AGAIN_NS;
}
