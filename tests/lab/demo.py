#!/usr/bin/env python3
"""Boots real Xen, runs a guest on our daemons, measures a little, and shows it all in a table."""
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent

# key of a "result" line, or what the lab says; title in the table
ROWS = {
    "boot": "guest booted",
    "console": "console login text",
    "randread-qd1": "disk: 4 KiB random read, depth 1",
    "randread-qd32": "disk: 4 KiB random read, depth 32",
    "read-qd16": "disk: 128 KiB read, depth 16",
    "write-qd16": "disk: 128 KiB write, depth 16",
    "ping-out": "ping guest to dom0",
    "ping-in": "ping dom0 to guest",
    "iperf-out": "iperf3 guest to dom0",
    "iperf-in": "iperf3 dom0 to guest",
    "shutdown": "clean shutdown",
}


def results(lines):
    """Shows the run and collects what it found, by key."""
    found = {}
    for line in lines:
        line = line.rstrip("\n")
        result = re.match(r"(?:guest1|dom0)\| result (\S+) (.*)", line)
        if result:
            found[result[1]] = result[2]
            line = f"demo: {ROWS[result[1]]}: {result[2]}"
        booted = re.match(r"lab: \[ *(\d+)s\] guest1 up", line)
        if booted:
            found["boot"] = f"{booted[1]} s after power-on"
        print(line, flush=True)
    return found


def is_figure(text):
    """Whether there is something to show; a figure of 0 is none."""
    number = re.match(r"[\d.]+", text)
    return bool(text) and not (number and float(number[0]) == 0)


def main():
    command = [HERE / "lab.py", "--name", "demo", "--guest-script", HERE / "demo/guest",
               "--dom0-script", HERE / "demo/dom0", *sys.argv[1:]]
    lab = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace")
    found = results(lab.stdout)
    status = lab.wait()
    print()
    for key, title in ROWS.items():
        print(f"  {title:<36}{found.get(key, 'FAILED')}")
    print()
    missing = [title for key, title in ROWS.items() if not is_figure(found.get(key, ""))]
    if missing or status:
        sys.exit("demo: failed: " + (", ".join(missing) or f"the lab ended with {status}, see its last line"))
    print("demo: ok")


if __name__ == "__main__":
    main()
