/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FUZZ_FAKE_DEVICES_H
#define FUZZ_FAKE_DEVICES_H

/* Every descriptor of an image or a tap that was given out has been closed. */
void fake_devices_check_closed(void);

#endif
