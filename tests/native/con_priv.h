/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of con_env.h; cases do not include it. */
#ifndef NATIVE_CON_PRIV_H
#define NATIVE_CON_PRIV_H

#include <stdbool.h>

/* @program: path of the daemon. */
void daemon_begin(const char *program);
/* Shows its log if that is worth a look. @judge: it must not have anything bad in it. */
void daemon_end(bool judge);

#endif
