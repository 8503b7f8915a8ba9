// SPDX-License-Identifier: GPL-2.0-or-later
#include "vif_filter.h"

#include <errno.h>
#include <string.h>

#include "addr.h"
#include "base/num.h"
#include "base/util.h"
#include "xenbus/keys.h"

#define TEXT_MAX 2048

static bool for_all;

int vif_set_antispoof(const char *text)
{
	for_all = !strcmp(text, "on");
	return for_all || !strcmp(text, "off") ? 0 : -EINVAL;
}

bool vif_filter_is_key(const char *key)
{
	return !strcmp(key, "antispoof") || !strcmp(key, "ip");
}

int vif_filter_read(struct xenbus_device *dev, bool always, struct net_filter *ret)
{
	char text[TEXT_MAX] = "";
	int err;

	*ret = (struct net_filter){ 0 };
	err = back_bool(dev, "antispoof", for_all, &ret->on);
	if (err)
		return err;
	ret->on |= always;
	if (!ret->on)
		return 0;
	err = back_text(dev, "mac", text, sizeof(text));
	if (!err)
		err = num_mac(text, ret->mac);
	if (err)
		return xenbus_error(dev, err, "antispoof needs a MAC address in key mac");
	text[0] = '\0';
	err = back_text(dev, "ip", text, sizeof(text));
	if (err == -ENOENT || !err)
		err = addr_parse_list(text, ret);
	if (!err)
		return 0;
	make_printable(text);
	return xenbus_error(dev, err,
			    "antispoof: key ip is \"%.100s\", must be up to %d addresses or "
			    "networks, with blanks between them",
			    text, NET_MAX_ADDRS);
}
