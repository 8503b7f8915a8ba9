#!/usr/bin/env python3
"""Block backends on real Xen, in one boot and one guest, in turn: pvback, the kernel's, qdisk."""
import argparse
import collections
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys

import chart

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("PVBACK_BUILD", SOURCE / "build")).resolve()
LAB = SOURCE / "tests/lab/lab.py"

# name: fio's options
CASES = {
    "randread-4k-qd1": "--rw=randread --bs=4k --iodepth=1",
    "randwrite-4k-qd1": "--rw=randwrite --bs=4k --iodepth=1",
    "randread-4k-qd32": "--rw=randread --bs=4k --iodepth=32 --iodepth_batch=16 --iodepth_batch_complete_max=16",
    "randwrite-4k-qd32": "--rw=randwrite --bs=4k --iodepth=32 --iodepth_batch=16 --iodepth_batch_complete_max=16",
    "randread-4k-qd32x4": "--rw=randread --bs=4k --iodepth=32 --numjobs=4",
    "read-128k-qd16": "--rw=read --bs=128k --iodepth=16",
    "write-128k-qd16": "--rw=write --bs=128k --iodepth=16",
    "read-1m-qd16": "--rw=read --bs=1m --iodepth=16",
    "write-1m-qd16": "--rw=write --bs=1m --iodepth=16",
    "mixed-4k-qd16": "--rw=randrw --rwmixread=70 --bs=4k --iodepth=16",
    "fsync-4k": "--rw=randwrite --bs=4k --iodepth=1 --fsync=1",
}
BACKENDS = ("pvback", "kernel", "qdisk")
# file: raw, as xl attaches it; lvm: volumes of one group; null: devices that do nothing, so that only the path to them counts
STORES = ("file", "lvm", "null")
LETTERS = "bcdefghijklm"
KEYS = ("iops", "mibs", "p50_us", "p99_us", "us_per_request")
FIELDS = ("r_iops", "r_kbs", "r_p50", "r_p99", "w_iops", "w_kbs", "w_p50", "w_p99")


def script(name, directory, **settings):
    """A script of the lab's, its settings before it."""
    head = "".join(f"{key}='{value}'\n" for key, value in settings.items())
    path = directory / name
    path.write_text(head + (HERE / "lab" / name).read_text())
    return path


def run_lab(options, directory):
    cases = "\n".join(f"{name} {CASES[name]}" for name in options.cases)
    pairs = [(backend, store) for store in options.stores for backend in options.backends]
    disks = "\n".join(f"xvd{letter} {backend} {store}" for letter, (backend, store) in zip(LETTERS, pairs))
    guest = script("blk-guest", directory, ROUNDS=options.rounds, SECONDS_EACH=options.seconds, CASES=cases,
                   DISKS=disks)
    dom0 = script("blk-dom0", directory, DISKS=disks, GUEST_SCRIPT=guest, SIZE_MIB=options.mebibytes,
                  VCPUS=options.vcpus, BLKBACKD_OPTIONS=options.blkbackd)
    command = [LAB, *(["--counted"] if options.counted else []), "--name", "bench-blk", "--guests", "0", "--dom0-script", dom0, "--timeout", str(options.timeout)]
    environment = {**os.environ, "PVBACK_BLK": "kernel", "PVBACK_BUILD": str(BUILD)}
    lab = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace", env=environment)
    yield from lab.stdout
    if lab.wait():
        sys.exit("bench: the lab failed, see its last line")


def sample(words, seconds):
    """One measurement as a dict."""
    round_number, case, backend, store, *figures = words
    values = dict(zip(FIELDS, map(float, figures)))
    requests = (values["r_iops"] + values["w_iops"])
    return {"round": int(round_number), "case": case, "backend": backend, "store": store, "iops": requests,
            "mibs": (values["r_kbs"] + values["w_kbs"]) / 1024,
            "p50_us": max(values["r_p50"], values["w_p50"]), "p99_us": max(values["r_p99"], values["w_p99"]),
            "dom0_s": seconds}


def measure(options, directory):
    """All samples, as they come."""
    begun, samples = 0.0, []
    for line in run_lab(options, directory):
        match = re.match(r"dom0\| bench @(begin|end) (.*) dom0=([\d.]+)", line)
        if not match:
            print(line, end="", flush=True)
            continue
        if match[1] == "begin":
            begun = float(match[3])
            continue
        found = sample(match[2].split(), float(match[3]) - begun)
        found["us_per_request"] = 1e6 * found["dom0_s"] / max(1, found["iops"] * options.seconds)
        samples.append(found)
        print(f"bench: round {found['round']} {found['store']:<4} {found['case']:<18} {found['backend']:<7} {found['iops']:8.0f} IOPS "
              f"{found['mibs']:7.1f} MiB/s  p50 {found['p50_us']:8.0f} us  p99 {found['p99_us']:8.0f} us  "
              f"dom0 {found['us_per_request']:6.0f} us/request", flush=True)
    return samples


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)} if values else None


def ratios(found, other, key):
    """Ours to the other's, round by round."""
    rounds = collections.defaultdict(dict)
    for one in found:
        rounds[one["round"]][one["backend"]] = one[key]
    return [pair["pvback"] / pair[other] for pair in rounds.values() if pair.get(other) and "pvback" in pair]


def summary(samples, options):
    """(store, case) -> {"medians": of each backend, "to": the spread of our ratios to each other one}"""
    rows = {}
    for store, case in ((store, case) for store in options.stores for case in options.cases):
        found = [one for one in samples if (one["store"], one["case"]) == (store, case)]
        rows[store, case] = {
            "medians": {backend: {key: spread([one[key] for one in found if one["backend"] == backend]) for key in KEYS}
                        for backend in options.backends},
            "to": {other: {key: spread(ratios(found, other, key)) for key in KEYS}
                   for other in options.backends if other != "pvback"}}
    return rows


def told(values):
    return f"{values['median']:8.2f} ({values['min']:.2f}-{values['max']:.2f})" if values else f"{'-':>20}"


def print_table(rows, options):
    others = [backend for backend in options.backends if backend != "pvback"]
    print(f"\n{'':<24}" + "".join(f"{backend + ' IOPS':>13}" for backend in options.backends)
          + "".join(f"{'to ' + other:>20}{'CPU to ' + other:>20}" for other in others))
    for (store, case), row in rows.items():
        medians = "".join(f"{row['medians'][backend]['iops']['median']:13.0f}" for backend in options.backends)
        print(f"{store:<5}{case:<19}" + medians
              + "".join(told(row["to"][other]["iops"]) + told(row["to"][other]["us_per_request"]) for other in others))
    print("To others: our requests per second, and dom0's processor time for each, as ratios; medians of the rounds and "
          "their range.")


def bars(row, options, key):
    found = [row["medians"][backend][key] for backend in options.backends]
    return [chart.Bar(one["median"], one["min"], one["max"]) for one in found]


def draw(rows, options, path):
    panels = []
    for store in options.stores:
        for title, unit, key in (("requests", "per second", "iops"),
                                 ("dom0's processor", "microseconds per request", "us_per_request")):
            groups = [(case.replace("-", "\n"), bars(rows[store, case], options, key)) for case in options.cases]
            panels.append(chart.Panel(f"{store}: {title}", unit, list(options.backends), groups))
    chart.draw(path, panels, f"medians of {options.rounds} rounds of one boot on emulated processors, and their range")


def main():
    parser = argparse.ArgumentParser(prog="./run bench blk", description=__doc__)
    for name, names in (("cases", list(CASES)), ("backends", list(BACKENDS)), ("stores", list(STORES))):
        parser.add_argument(f"--{name}", type=lambda text: text.split(","), default=names, help=", ".join(names))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4, help="of each measurement")
    parser.add_argument("--vcpus", type=int, default=1, help="of the guest")
    parser.add_argument("--blkbackd", default="", help="options for our daemon")
    parser.add_argument("--counted", action="store_true",
                        help="instructions instead of time: for a busy machine, and for what a change costs")
    parser.add_argument("--mebibytes", type=int, default=128, help="size of each disk")
    parser.add_argument("--timeout", type=int, default=6000)
    options = parser.parse_args()
    directory = BUILD / "bench"
    directory.mkdir(parents=True, exist_ok=True)
    samples = measure(options, directory)
    rows = summary(samples, options)
    (directory / "blk-lab.json").write_text(json.dumps({
        "rounds": options.rounds, "seconds": options.seconds, "load": os.getloadavg(), "measured": samples,
        "summary": [{"store": store, "case": case, **row} for (store, case), row in rows.items()]}, indent=1) + "\n")
    draw(rows, options, directory / "blk-lab.svg")
    print_table(rows, options)
    print(f"in {directory}: blk-lab.json, blk-lab.svg")


if __name__ == "__main__":
    main()
