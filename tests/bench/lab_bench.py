"""What the benchmarks on real Xen share: a boot of the lab, and ratios of ours to others round by round."""
import collections
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


def add_options(parser, choices, seconds):
    """choices: {option: names that may stand in its list}"""
    for name, names in choices.items():
        parser.add_argument(f"--{name}", type=lambda text: text.split(","), default=list(names), help=", ".join(names))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=seconds, help="of each measurement")
    parser.add_argument("--vcpus", type=int, default=1, help="of the guest")
    parser.add_argument("--counted", action="store_true",
                        help="instructions instead of time: for a busy machine, and for what a change costs")
    parser.add_argument("--profile", action="store_true",
                        help="perf records dom0, which takes its share: perf report --kallsyms kallsyms --time FROM,TO in build/lab/bench-*; "
                             "the lab's dom0.log says when was what")
    parser.add_argument("--timeout", type=int, default=6000)


def script(names, directory, options, **settings):
    """A script of the lab's made of these, its settings before it."""
    if options.profile:
        settings["PROFILE"] = 1
    head = "".join(f"{key}='{value}'\n" for key, value in settings.items())
    path = directory / names[-1]
    path.write_text(head + "".join((HERE / "lab" / name).read_text() for name in names))
    return path


def run_lab(name, options, dom0, **environment):
    """The lab's lines, as they come."""
    command = [LAB, *(["--counted"] if options.counted else []), "--name", name, "--guests", "0", "--dom0-script", dom0,
               "--timeout", str(options.timeout)]
    lab = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace",
                           env={**os.environ, **environment, "PVBACK_BUILD": str(BUILD)})
    yield from lab.stdout
    if lab.wait():
        sys.exit("bench: the lab failed, see its last line")


def measurements(lines):
    """Of each measurement: the words that the guest said at its end, and dom0's processor seconds. Other lines are shown."""
    begun = 0.0
    for line in lines:
        match = re.match(r"dom0\| bench @(begin|end) (.*) dom0=([\d.]+)", line)
        if not match:
            print(line, end="", flush=True)
        elif match[1] == "begin":
            begun = float(match[3])
        else:
            yield match[2].split(), float(match[3]) - begun


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)} if values else None


def ratios(found, other, key):
    """Ours to the other's, round by round."""
    rounds = collections.defaultdict(dict)
    for one in found:
        rounds[one["round"]][one["backend"]] = one.get(key)
    return [pair["pvback"] / pair[other] for pair in rounds.values() if pair.get(other) and pair.get("pvback") is not None]


def compared(found, backends, keys):
    """{"medians": of each backend, "to": the spread of our ratios to each other one}"""
    return {"medians": {backend: {key: spread([one[key] for one in found if one["backend"] == backend and one.get(key) is not None])
                                  for key in keys} for backend in backends},
            "to": {other: {key: spread(ratios(found, other, key)) for key in keys}
                   for other in backends if other != "pvback"}}


def told(values):
    return f"{values['median']:8.2f} ({values['min']:.2f}-{values['max']:.2f})" if values else f"{'-':>20}"


def bars(row, backends, key):
    found = [row["medians"][backend][key] for backend in backends]
    return [chart.Bar(one["median"], one["min"], one["max"]) for one in found]


def note(options):
    return f"medians of {options.rounds} rounds of one boot on emulated processors, and their range"
