#!/usr/bin/env python3
"""Block backends on real Xen, in one boot and one guest, in turn: pvback, the kernel's, qdisk."""
import argparse
import json
import os

import chart
import lab_bench

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


def run_lab(options, directory):
    cases = "\n".join(f"{name} {CASES[name]}" for name in options.cases)
    pairs = [(backend, store) for store in options.stores for backend in options.backends]
    disks = "\n".join(f"xvd{letter} {backend} {store}" for letter, (backend, store) in zip(LETTERS, pairs))
    guest = lab_bench.script(["blk-guest"], directory, options, ROUNDS=options.rounds, SECONDS_EACH=options.seconds, CASES=cases,
                             DISKS=disks)
    dom0 = lab_bench.script(["report", "blk-dom0"], directory, options, DISKS=disks, GUEST_SCRIPT=guest, SIZE_MIB=options.mebibytes,
                            VCPUS=options.vcpus, BLKBACKD_OPTIONS=options.blkbackd)
    return lab_bench.run_lab("bench-blk", options, dom0, PVBACK_BLK="kernel")


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
    samples = []
    for words, seconds in lab_bench.measurements(run_lab(options, directory)):
        found = sample(words, seconds)
        found["us_per_request"] = 1e6 * found["dom0_s"] / max(1, found["iops"] * options.seconds)
        samples.append(found)
        print(f"bench: round {found['round']} {found['store']:<4} {found['case']:<18} {found['backend']:<7} {found['iops']:8.0f} IOPS "
              f"{found['mibs']:7.1f} MiB/s  p50 {found['p50_us']:8.0f} us  p99 {found['p99_us']:8.0f} us  "
              f"dom0 {found['us_per_request']:6.0f} us/request", flush=True)
    return samples


def summary(samples, options):
    """(store, case) -> the backends compared"""
    return {(store, case): lab_bench.compared([one for one in samples if (one["store"], one["case"]) == (store, case)],
                                              options.backends, KEYS)
            for store in options.stores for case in options.cases}


def print_table(rows, options):
    others = [backend for backend in options.backends if backend != "pvback"]
    print(f"\n{'':<24}" + "".join(f"{backend + ' IOPS':>13}" for backend in options.backends)
          + "".join(f"{'to ' + other:>20}{'CPU to ' + other:>20}" for other in others))
    for (store, case), row in rows.items():
        medians = "".join(f"{row['medians'][backend]['iops']['median']:13.0f}" for backend in options.backends)
        print(f"{store:<5}{case:<19}" + medians
              + "".join(lab_bench.told(row["to"][other]["iops"]) + lab_bench.told(row["to"][other]["us_per_request"]) for other in others))
    print("To others: our requests per second, and dom0's processor time for each, as ratios; medians of the rounds and "
          "their range.")


def draw(rows, options, path):
    panels = []
    for store in options.stores:
        for title, unit, key in (("requests", "per second", "iops"),
                                 ("dom0's processor", "microseconds per request", "us_per_request")):
            groups = [(case.replace("-", "\n"), lab_bench.bars(rows[store, case], options.backends, key)) for case in options.cases]
            panels.append(chart.Panel(f"{store}: {title}", unit, list(options.backends), groups))
    chart.draw(path, panels, lab_bench.note(options))


def main():
    parser = argparse.ArgumentParser(prog="./run bench blk", description=__doc__)
    lab_bench.add_options(parser, {"cases": CASES, "backends": BACKENDS, "stores": STORES}, seconds=4)
    parser.add_argument("--blkbackd", default="", help="options for our daemon")
    parser.add_argument("--mebibytes", type=int, default=128, help="size of each disk")
    options = parser.parse_args()
    directory = lab_bench.BUILD / "bench"
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
