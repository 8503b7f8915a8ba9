#!/usr/bin/env python3
"""Network backends on real Xen, in one boot and one guest, in turn: pvback, the kernel's.

A guest has a card of each, and one more of ours with key direct, for the cases of that name (the kernel's are then as without);
iperf3 and ping to dom0, and to a second guest. Way: tx is what the guest sends. Processor time is
all of dom0's, the other end of what goes to dom0 included, without what an idle dom0 takes; of TCP for each MiB, of UDP for each
packet that arrived.
"""
import argparse
import json
import os

import chart
import lab_bench

# name: (kind, host number of the peer, iperf3's options)
CASES = {
    "idle": ("idle", 1, ""),
    "tcp-tx": ("flow", 1, ""),
    "tcp-rx": ("flow", 1, "--reverse"),
    "tcp-tx-4": ("flow", 1, "--parallel 4"),
    "tcp-rx-4": ("flow", 1, "--parallel 4 --reverse"),
    "udp-tx-64": ("flow", 1, "--udp --length 64 --bitrate 0"),
    "udp-rx-64": ("flow", 1, "--udp --length 64 --bitrate 0 --reverse"),
    "udp-tx-1400": ("flow", 1, "--udp --length 1400 --bitrate 0"),
    "udp-rx-1400": ("flow", 1, "--udp --length 1400 --bitrate 0 --reverse"),
    "guest-guest": ("flow", 3, ""),
    "guest-guest-64": ("flow", 3, "--udp --length 64 --bitrate 0"),
    "guest-direct": ("flow", 3, ""),
    "guest-direct-64": ("flow", 3, "--udp --length 64 --bitrate 0"),
    "ping": ("ping", 1, ""),
    "ping-tcp-tx": ("pingload", 1, ""),
    "ping-tcp-rx": ("pingload", 1, "--reverse"),
}
BACKENDS = ("pvback", "kernel")
KEYS = ("mbits", "pps", "rtt_us", "us_per_mib", "us_per_packet", "dom0_s")


def run_lab(options, directory):
    cases = "\n".join(" ".join(map(str, (name, *CASES[name]))) for name in options.cases)
    guest = lab_bench.script(["net-guest"], directory, options, ROUNDS=options.rounds, SECONDS_EACH=options.seconds, CASES=cases,
                             BACKENDS=" ".join(options.backends))
    dom0 = lab_bench.script(["report", "net-dom0"], directory, options, GUEST_SCRIPT=guest, VCPUS=options.vcpus,
                            NETBACKD_OPTIONS=options.netbackd)
    return lab_bench.run_lab("bench-net", options, dom0, PVBACK_NET="kernel")


def sample(words, dom0_s, idle_s, seconds):
    """One measurement as a dict; what was not measured is not in it."""
    round_number, case, backend, kbits, packets, *rtt = words
    found = {"round": int(round_number), "case": case, "backend": backend, "dom0_s": dom0_s}
    busy_us = max(0, dom0_s - idle_s) * 1e6
    if float(kbits):
        found["mbits"] = float(kbits) / 1e3
        found["us_per_mib"] = busy_us / (float(kbits) * 1e3 / 8 * seconds / (1 << 20))
    if int(packets):
        found["pps"] = int(packets) / seconds
        found["us_per_packet"] = busy_us / int(packets)
    if rtt and float(rtt[0]):
        found["rtt_us"] = float(rtt[0])
    return found


def measure(options, directory):
    """All samples, as they come."""
    samples, idle = [], {}
    for words, seconds in lab_bench.measurements(run_lab(options, directory)):
        found = sample(words, seconds, idle.get((words[0], words[2]), 0), options.seconds)
        if found["case"] == "idle":
            idle[words[0], words[2]] = seconds
        samples.append(found)
        print(f"bench: round {found['round']} {found['case']:<15} {found['backend']:<7} " + ", ".join(
            f"{found[key]:.0f} {key}" for key in KEYS[:-1] if key in found) + f", dom0 {found['dom0_s']:.1f} s", flush=True)
    return samples


def rate_key(case):
    """What counts in this case, and its cost."""
    if case == "idle":
        return "dom0_s", None
    if "ping" in case:
        return "rtt_us", None
    return ("pps", "us_per_packet") if "--udp" in CASES[case][2] else ("mbits", "us_per_mib")


def print_table(rows, options):
    others = [backend for backend in options.backends if backend != "pvback"]
    print(f"\n{'':<28}" + "".join(f"{backend:>10}" for backend in options.backends)
          + "".join(f"{'to ' + other:>22}{'CPU to ' + other:>22}" for other in others))
    for case, row in rows.items():
        rate, cost = rate_key(case)
        medians = "".join(f"{(row['medians'][backend][rate] or {}).get('median', 0):10.1f}" for backend in options.backends)
        print(f"{case:<16}{rate:<12}" + medians
              + "".join(f"{lab_bench.told(row['to'][other][rate]):>22}{lab_bench.told(row['to'][other].get(cost)):>22}" for other in others))
    print("To others: ours to theirs, of what the second column names (of times, less is better) and of dom0's processor time for each\n"
          "MiB or packet; medians of the rounds and their range.")


def draw(rows, options, path):
    panels = []
    for title, unit, key in (("TCP", "Mbit/s", "mbits"), ("TCP: dom0's processor", "microseconds per MiB", "us_per_mib"),
                             ("UDP", "packets per second", "pps"), ("UDP: dom0's processor", "microseconds per packet", "us_per_packet"),
                             ("ping", "microseconds", "rtt_us")):
        cases = [case for case in rows if key in rate_key(case) and all(rows[case]["medians"][backend][key] for backend in options.backends)]
        if cases:
            panels.append(chart.Panel(title, unit, list(options.backends), [
                (case.replace("-", "\n"), lab_bench.bars(rows[case], options.backends, key)) for case in cases]))
    chart.draw(path, panels, lab_bench.note(options))


def main():
    parser = argparse.ArgumentParser(prog="./run bench net", description=__doc__)
    lab_bench.add_options(parser, {"cases": CASES, "backends": BACKENDS}, seconds=4)
    parser.add_argument("--netbackd", default="", help="options for our daemon")
    options = parser.parse_args()
    options.cases = ["idle", *(case for case in options.cases if case != "idle")]  # what the others' processor time is less
    directory = lab_bench.BUILD / "bench"
    directory.mkdir(parents=True, exist_ok=True)
    samples = measure(options, directory)
    rows = {case: lab_bench.compared([one for one in samples if one["case"] == case], options.backends, KEYS) for case in options.cases}
    (directory / "net-lab.json").write_text(json.dumps({
        "rounds": options.rounds, "seconds": options.seconds, "counted": options.counted, "load": os.getloadavg(), "measured": samples,
        "summary": [{"case": case, **row} for case, row in rows.items()]}, indent=1) + "\n")
    draw(rows, options, directory / "net-lab.svg")
    print_table(rows, options)
    print(f"in {directory}: net-lab.json, net-lab.svg")


if __name__ == "__main__":
    main()
