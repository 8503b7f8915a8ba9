"""The pure files: they take values and return values, and hold nearly every decision a guest can ask for.

The one list of them, for the style check (what they include and call) and for the coverage report.
"""

# file -> what it calls beyond PURE_CALLS, each with its reason
PURE = {
    "blkback/parse.c": {},
    "blkback/poller.c": {},
    "blkback/qsd_args.c": {},
    "blkback/request.c": {"engine_*": "gives its steps to the engine it is passed"},
    "blkback/stats.c": {},
    "blkback/throttle.c": {},
    "blkback/target.c": {},
    "blkback/unflushed.c": {},
    "common/base/bucket.c": {},
    "common/base/budget.c": {},
    "common/base/num.c": {},
    "common/ring/ring.c": {},
    "common/xenbus/keys.c": {"store_*": "reads the keys it judges", "xenbus_*": "tells which key is wrong"},
    "common/xenbus/state.c": {},
    "consoled/backlog.c": {"malloc": "its one buffer, at the start", "free": "its one buffer, at the end"},
    "consoled/filter.c": {},
    "consoled/keys.c": {"store_*": "reads the keys it judges"},
    "consoled/ring.c": {},
    "consoled/stamp.c": {},
    "netback/addr.c": {"inet_pton": "text to address"},
    "netback/backlog.c": {},
    "netback/csum.c": {},
    "netback/ctrl_parse.c": {},
    "netback/filter.c": {},
    "netback/hash.c": {},
    "netback/headers.c": {},
    "netback/mcast.c": {},
    "netback/offload.c": {},
    "netback/pair.c": {},
    "netback/rate.c": {},
    "netback/rx_plan.c": {},
    "netback/segment.c": {},
    "netback/stage.c": {},
    "netback/stall.c": {},
    "netback/stats.c": {},
    "netback/tx_parse.c": {},
    "netback/vlan.c": {},
}

# What a pure file may call: other pure files, and this of the C library and the compiler.
PURE_CALLS = {"memcpy", "memmove", "memset", "memcmp", "strlen", "strnlen", "strcmp", "strncmp", "strchr", "strstr", "snprintf",
              "vsnprintf", "strftime", "gmtime_r",
              "__divti3", "__udivti3", "__stack_chk_fail", "_GLOBAL_OFFSET_TABLE_"}

# Headers that offer what a pure file must not have: descriptors, clocks, memory, logs, threads.
IMPURE_HEADERS = ("<unistd.h>", "<fcntl.h>", "<poll.h>", "<pthread.h>", "<signal.h>", "<stdlib.h>", "<syslog.h>",
                  "<time.h>", "<sys/*", "base/clock.h", "base/fdmsg.h", "base/log.h", "loop/*", "worker/*",
                  "xen/evtchn.h", "xen/gnttab.h", "xen/store.h", "daemon/*")

# (file, header): reason
IMPURE_ALLOWED = {
    ("blkback/engine.h", "<sys/uio.h>"): "struct iovec, for request.c",
    ("blkback/request.h", "<sys/uio.h>"): "struct iovec",
    ("consoled/backlog.c", "<stdlib.h>"): "malloc and free, at the start and the end",
    ("consoled/stamp.h", "<time.h>"): "struct timespec, gmtime_r, strftime; the clock is read by others",
    ("consoled/keys.h", "xen/store.h"): "reads the keys it judges",
    ("common/xenbus/xenbus.h", "base/log.h"): "struct xenbus_device has a meter; keys.c logs nothing",
    ("common/xenbus/xenbus.h", "loop/loop.h"): "struct xenbus_device, for keys.c",
    ("common/xenbus/xenbus.h", "xen/store.h"): "keys.c reads the keys it judges",
    ("netback/stage.h", "<sys/uio.h>"): "struct iovec",
}
