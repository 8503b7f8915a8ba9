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
DISKS = {"pvback": "xvdc", "kernel": "xvdb", "qdisk": "xvdd"}
FIELDS = ("r_iops", "r_kbs", "r_p50", "r_p99", "w_iops", "w_kbs", "w_p50", "w_p99")


def script(name, directory, **settings):
    """A script of the lab's, its settings before it."""
    head = "".join(f"{key}='{value}'\n" for key, value in settings.items())
    path = directory / name
    path.write_text(head + (HERE / "lab" / name).read_text())
    return path


def run_lab(options, directory):
    cases = "\n".join(f"{name} {CASES[name]}" for name in options.cases)
    disks = "\n".join(f"{DISKS[backend]} {backend}" for backend in options.backends)
    guest = script("blk-guest", directory, ROUNDS=options.rounds, SECONDS_EACH=options.seconds, CASES=cases,
                   DISKS=disks)
    dom0 = script("blk-dom0", directory, BACKENDS=" ".join(options.backends), GUEST_SCRIPT=guest, SIZE_MIB=256,
                  VCPUS=options.vcpus, BLKBACKD_OPTIONS=options.blkbackd)
    command = [LAB, "--name", "bench-blk", "--guests", "0", "--dom0-script", dom0, "--timeout", str(options.timeout)]
    environment = {**os.environ, "PVBACK_BLK": "kernel", "PVBACK_BUILD": str(BUILD)}
    lab = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace", env=environment)
    yield from lab.stdout
    if lab.wait():
        sys.exit("bench: the lab failed, see its last line")


def sample(words, seconds):
    """One measurement as a dict."""
    round_number, case, backend, *figures = words
    values = dict(zip(FIELDS, map(float, figures)))
    requests = (values["r_iops"] + values["w_iops"])
    return {"round": int(round_number), "case": case, "backend": backend, "iops": requests,
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
        print(f"bench: round {found['round']} {found['case']:<20} {found['backend']:<7} {found['iops']:8.0f} IOPS "
              f"{found['mibs']:7.1f} MiB/s  p50 {found['p50_us']:8.0f} us  p99 {found['p99_us']:8.0f} us  "
              f"dom0 {found['us_per_request']:6.0f} us/request", flush=True)
    return samples


def ratios(samples, case, other, key):
    """Ours to the other's, round by round."""
    values = collections.defaultdict(dict)
    for found in samples:
        if found["case"] == case:
            values[found["round"]][found["backend"]] = found[key]
    return [pair["pvback"] / pair[other] for pair in values.values() if pair.get(other) and "pvback" in pair]


def table(samples, options):
    print(f"\n{'case':<20}" + "".join(f"{backend + ' IOPS':>14}" for backend in options.backends)
          + "".join(f"{'to ' + other:>22}{'CPU to ' + other:>16}" for other in options.backends if other != "pvback"))
    for case in options.cases:
        row = f"{case:<20}"
        for backend in options.backends:
            row += f"{statistics.median(s['iops'] for s in samples if (s['case'], s['backend']) == (case, backend)):14.0f}"
        for other in options.backends:
            if other == "pvback":
                continue
            speed, cpu = (ratios(samples, case, other, key) for key in ("iops", "us_per_request"))
            row += f"{statistics.median(speed):9.2f} ({min(speed):.2f}-{max(speed):.2f})" if speed else f"{'-':>22}"
            row += f"{statistics.median(cpu):16.2f}" if cpu else f"{'-':>16}"
        print(row)


def main():
    parser = argparse.ArgumentParser(prog="./run bench blk", description=__doc__)
    parser.add_argument("--cases", type=lambda text: text.split(","), default=list(CASES), help=", ".join(CASES))
    parser.add_argument("--backends", type=lambda text: text.split(","), default=list(DISKS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4, help="of each measurement")
    parser.add_argument("--vcpus", type=int, default=1, help="of the guest")
    parser.add_argument("--blkbackd", default="", help="options for our daemon")
    parser.add_argument("--timeout", type=int, default=3000)
    options = parser.parse_args()
    directory = BUILD / "bench"
    directory.mkdir(parents=True, exist_ok=True)
    samples = measure(options, directory)
    (directory / "blk.json").write_text(json.dumps(samples, indent=1))
    table(samples, options)


if __name__ == "__main__":
    main()
