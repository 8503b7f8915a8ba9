#!/usr/bin/env python3
"""Checks the direction of dependencies: which part of the project may include which, and what pure files may have.

usage: includes.py BUILDDIR
"""
import fnmatch
import os
import pathlib
import re
import subprocess
import sys

from pure import IMPURE_ALLOWED, IMPURE_HEADERS, PURE, PURE_CALLS
from tree import TOP, tracked_files

# Part -> (its files, parts it may include). A file belongs to the first part that names it, and to one it must.
PARTS = {
    "messages": ("include/*.h", ""),
    "base": ("common/base/*", ""),
    "loop": ("common/loop/*", "base"),
    "ring": ("common/ring/*", "base"),
    "store": ("common/xen/store.[ch] common/xen/lifeline.[ch]", "base"),
    "grants": ("common/xen/gmap.[ch] common/xen/gnttab.[ch] common/xen/evtchn.[ch]", "base"),
    "paths": ("common/daemon/paths.h", ""),
    "statfile": ("common/stats/*", "base paths"),
    "daemon": ("common/daemon/*", "base loop paths store"),
    "child": ("common/worker/child.[ch]", "base messages"),
    "sandbox": ("common/worker/sandbox.[ch]", "base paths"),
    "shm": ("common/worker/shm.[ch]", ""),
    "uring": ("common/worker/uring.[ch]", ""),
    "spawn": ("common/worker/spawn.[ch]", "base child loop messages"),
    "xenbus": ("common/xenbus/*", "base loop messages spawn store"),

    "target": ("blkback/qsd_args.[ch] blkback/target.[ch]", "base messages"),
    "blkback-store": ("blkback/store.c blkback/store_nbd.[ch] blkback/store_qsd.[ch]", "base child messages paths target"),
    "blkbackd": ("blkback/backing.[ch] blkback/blkbackd.c blkback/guest.[ch] blkback/image_lock.[ch] "
                 "blkback/remote.[ch] blkback/vbd.[ch] blkback/vbd_*.[ch] blkback/xentop.[ch]",
                 "base daemon loop messages paths spawn statfile store target xenbus"),
    "blkback-worker": ("blkback/admit.c blkback/bounce.[ch] blkback/data.c blkback/discarder.[ch] blkback/disk.h "
                       "blkback/engine*.[ch] "
                       "blkback/parse.[ch] blkback/persist.[ch] blkback/poller.[ch] blkback/priority.[ch] "
                       "blkback/queue*.[ch] "
                       "blkback/request.[ch] blkback/stats.[ch] blkback/throttle.[ch] blkback/unflushed.[ch] "
                       "blkback/worker.c",
                       "base child grants messages ring sandbox shm uring"),

    "rate": ("netback/addr.[ch] netback/rate.[ch] netback/vlan.[ch]", "base messages"),
    "netbackd": ("netback/bridge.[ch] netback/link.[ch] netback/netbackd.c netback/tap.[ch] netback/vif.[ch] netback/vif_*.[ch]",
                 "base daemon loop messages paths rate spawn statfile store xenbus"),
    "netback-worker": ("netback/backlog.[ch] netback/card.h netback/carrier.[ch] netback/control.[ch] netback/csum.[ch] "
                       "netback/ctrl.[ch] netback/ctrl_grefs.[ch] netback/ctrl_parse.[ch] "
                       "netback/direct.[ch] netback/filter.[ch] netback/hash.[ch] netback/headers.[ch] netback/limit.[ch] "
                       "netback/mcast.[ch] netback/offload.[ch] netback/pair.[ch] "
                       "netback/queue.[ch] netback/rx.[ch] netback/rx_fill.[ch] netback/rx_plan.[ch] netback/segment.[ch] netback/steer.[ch] "
                       "netback/stage.[ch] netback/stall.[ch] netback/stats.[ch] netback/tapio.[ch] "
                       "netback/tx.[ch] netback/tx_parse.[ch] netback/worker.c",
                       "base child grants messages rate ring sandbox shm uring"),

    "consoled": ("consoled/con.[ch] consoled/consoled.c consoled/domains.[ch] consoled/keys.[ch] consoled/link.[ch] "
                 "consoled/logfile.[ch] consoled/pty.[ch]",
                 "base daemon loop messages paths spawn store"),
    "console-worker": ("consoled/backlog.[ch] consoled/filter.[ch] consoled/outfile.[ch] consoled/ptyio.[ch] "
                       "consoled/pump.[ch] consoled/ring.[ch] consoled/stamp.[ch] consoled/worker.c consoled/writer.[ch]",
                       "base child grants loop messages sandbox"),
}

# Whatever stands in between: (parts, what they never get to see)
SUPERVISORS = "blkbackd netbackd consoled"
WORKERS = "blkback-worker netback-worker console-worker"
NEVER = [
    (SUPERVISORS, "common/ring/*"),
    (SUPERVISORS, "common/xen/gnttab.h"),
    (SUPERVISORS, "common/xen/evtchn.h"),
    (WORKERS, "common/xen/store.h"),
    (WORKERS, "common/xenbus/*"),
    (WORKERS, "common/worker/spawn.h"),
]

# Library headers -> the only files that see them
LIBRARIES = {
    "<xenstore.h>": "common/xen/store.c",
    "<xenstore_lib.h>": "common/xen/lifeline.c",
    "<xengnttab.h>": "common/xen/gnttab.c",
    "<xenctrl.h>": "common/xen/gnttab.c",
    "<xenevtchn.h>": "common/xen/evtchn.c",
    "<libaio.h>": "blkback/engine_aio.c",
    "<libnbd.h>": "blkback/engine_nbd.c blkback/engine_nbd_conn.c blkback/store_nbd.c",
    "<liburing.h>": "common/worker/uring.h",
    "<netlink/*": "netback/bridge.c netback/link.c",
    "<seccomp.h>": "common/worker/sandbox.c",
}


def part_of(name):
    for part, (files, _) in PARTS.items():
        if any(fnmatch.fnmatch(name, pattern) for pattern in files.split()):
            return part
    return None


def includes_of(name):
    """As they are written: <errno.h> with its brackets, "base/log.h" without its quotes."""
    text = (TOP / name).read_text()
    return [found.strip('"') for found in re.findall(r'^\s*#\s*include\s*(<[^>]+>|"[^"]+")', text, re.MULTILINE)]


def resolve(name, included, files):
    """The file of ours that is meant, or None for one of the system's."""
    for folder in (os.path.dirname(name), "include", "common"):
        path = os.path.normpath(os.path.join(folder, included))
        if path in files:
            return path
    return None


def reach(name, graph):
    """All files of ours that come with it."""
    seen, todo = set(), [name]
    while todo:
        for included in graph[todo.pop()]:
            if included not in seen:
                seen.add(included)
                todo.append(included)
    return seen


def check_parts(graph):
    for name, included in graph.items():
        part = part_of(name)
        if not part:
            yield f"{name}: belongs to no part, see tests/style/includes.py"
            continue
        for other in included:
            if part_of(other) not in (part, *PARTS[part][1].split()):
                yield f"{name}: {part} may not include {other} ({part_of(other)})"


def check_never(graph):
    for name in graph:
        for parts, pattern in NEVER:
            for other in reach(name, graph) if part_of(name) in parts.split() else ():
                if fnmatch.fnmatch(other, pattern):
                    yield f"{name}: {part_of(name)} must never see {other}"


def check_libraries(files):
    for name in files:
        for included in includes_of(name):
            if included[0] != "<" and not resolve(name, included, files):
                yield f"{name}: includes {included}, which is nowhere"
            for header, owner in LIBRARIES.items():
                if fnmatch.fnmatch(included, header) and name not in owner.split():
                    yield f"{name}: includes {included}, which is {owner}'s alone"


def check_pure_includes(graph):
    for pure in PURE:
        for name in sorted({pure} | reach(pure, graph)):
            for included in includes_of(name):
                if any(fnmatch.fnmatch(included, bad) for bad in IMPURE_HEADERS) and \
                        (name, included) not in IMPURE_ALLOWED:
                    yield f"{pure}: is pure, but {name} includes {included}"


def object_of(build, pure):
    """A pure file's object in the project's own libraries and programs."""
    folder, file = pure.split("/", 1)
    return next((build / folder).glob(f"*.p/{file.replace('/', '_')}.o"), None)


def symbols(path, *options):
    ran = subprocess.run(["nm", "--format=posix", *options, path], check=True, stdout=subprocess.PIPE, text=True)
    return {line.split()[0] for line in ran.stdout.splitlines()}


def check_pure_calls(build):
    found = {pure: path for pure in PURE if (path := object_of(build, pure))}
    ours = {symbol for path in found.values() for symbol in symbols(path, "--defined-only", "--extern-only")}
    for pure, calls in PURE.items():
        if pure not in found:
            yield f"{pure}: is pure, but {build} has no object of it"
            continue
        for symbol in sorted(symbols(found[pure], "--undefined-only") - PURE_CALLS - ours):
            if not any(fnmatch.fnmatch(symbol, pattern) for pattern in calls):
                yield f"{pure}: is pure, but calls {symbol}"


def main():
    files = [name for name in tracked_files("*.c", "*.h") if not name.startswith("tests/")]
    known = set(files)
    graph = {name: [path for included in includes_of(name) if (path := resolve(name, included, known))]
             for name in files}
    wrong = [*check_parts(graph), *check_never(graph), *check_libraries(files), *check_pure_includes(graph),
             *check_pure_calls(pathlib.Path(sys.argv[1]))]
    print("\n".join(wrong) or f"{len(files)} files, {len(PARTS)} parts, {len(PURE)} pure files: all as they should be")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
