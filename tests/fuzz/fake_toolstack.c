// SPDX-License-Identifier: GPL-2.0-or-later
/* See fake_toolstack.h. */
#include "fake_toolstack.h"

#include "fake_xs.h"

unsigned int domid_of(unsigned int i)
{
	return 1 + i / 2;
}

const char *back(unsigned int i, const char *key)
{
	static char path[128];

	snprintf(path, sizeof(path), BACK_ROOT "/%u/%u%s%s", domid_of(i), i % 2, *key ? "/" : "",
		 key);
	return path;
}

const char *front(unsigned int i, const char *key)
{
	static char path[128];

	snprintf(path, sizeof(path), "/local/domain/%u/device/vbd/%u%s%s", domid_of(i), i % 2,
		 *key ? "/" : "", key);
	return path;
}

static void number(const char *path, uint8_t value)
{
	char text[8];

	snprintf(text, sizeof(text), "%u", value);
	fake_xs_set_text(path, value == 255 ? "junk" : text);
}

/* Like libxl: what was there goes, then everything new at once. */
static void make_device(struct fuzz *f, unsigned int i)
{
	uint8_t bits = fuzz_u8(f);

	fake_xs_remove(back(i, ""));
	fake_xs_remove(front(i, ""));
	fake_xs_set_text(front(i, "state"), "1");
	fake_xs_set_text(back(i, "frontend"),
			 bits == 1 ? "/local/domain/9/device/vbd/0" : front(i, ""));
	fake_xs_set_text(back(i, "online"), "1");
	if (bits & 2)
		fake_xs_set_text(back(i, "hotplug-status"), "connected");
	fake_xs_set_text(back(i, "state"), "1");
}

/* Where devices are, but none. */
static void make_nonsense(struct fuzz *f)
{
	static const char *const names[] = { "/1/disk/state", "/65536/0/state",
					     "/-1/0/state",   "/1/4294967297/state",
					     "/x/0/state",    "/01/+0/state",
					     "/1/1/1/state",  "/2" };
	char path[80];

	snprintf(path, sizeof(path), BACK_ROOT "%s", names[fuzz_below(f, 8)]);
	fake_xs_set_text(path, "1");
}

void toolstack(struct fuzz *f, unsigned int i)
{
	switch (fuzz_below(f, 9)) {
	case 0:
		make_device(f, i);
		break;
	case 1: /* xl detach */
		fake_xs_set_text(back(i, "online"), "0");
		fake_xs_set_text(back(i, "state"), "5");
		break;
	case 2: /* by force */
		fake_xs_remove(front(i, ""));
		break;
	case 3:
		fake_xs_remove(back(i, ""));
		break;
	case 4:
		fake_xs_set_text(back(i, "hotplug-status"), "connected");
		break;
	case 5:
		fake_xs_remove(back(i, "hotplug-status"));
		break;
	case 6:
		if (fake_xs_get(back(i, "state")))
			number(back(i, "state"), fuzz_u8(f) % 10);
		break;
	case 7:
		fake_xs_domain((uint16_t)domid_of(i), fuzz_u8(f) & 1);
		break;
	default:
		make_nonsense(f);
	}
}

void frontend(struct fuzz *f, unsigned int i)
{
	uint8_t state = fuzz_u8(f);

	if (fake_xs_get(front(i, "")))
		number(front(i, "state"), state == 255 ? state : state % 9);
}
