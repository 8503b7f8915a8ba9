// SPDX-License-Identifier: GPL-2.0-or-later
/* A supervisor's timer, which never goes off. */
#include <stdlib.h>

#include "fuzz.h"
#include "loop/loop.h"

struct loop_source {
	bool armed;
};

int loop_add_timer(struct loop *loop, loop_fn *fn, void *ctx, struct loop_source **ret)
{
	*ret = calloc(1, sizeof(**ret));
	CHECK(*ret);
	return 0;
}

int loop_arm_timer(struct loop_source *src, uint64_t delay_ns)
{
	CHECK(src);
	src->armed = delay_ns > 0;
	return 0;
}

void loop_del(struct loop_source *src)
{
	free(src);
}
