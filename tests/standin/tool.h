/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STANDIN_TOOL_H
#define STANDIN_TOOL_H

/* "standin: WHAT: reason" on stderr; @err 0 = no reason. Returns EXIT_FAILURE. */
int tool_error(const char *what, int err);

int tool_hv(int argc, char **argv);

#endif
