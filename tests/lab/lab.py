#!/usr/bin/env python3
"""Boots real Xen with Debian's dom0 and guests in QEMU, runs scripts there and reports. See README.md."""
import argparse
import os
import pathlib
import selectors
import shlex
import shutil
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("PVBACK_BUILD", SOURCE / "build")).resolve()
TIMEOUT_STATUS = 124
DEFAULT_TIMEOUT = 900
SHELL_TIMEOUT = 7 * 24 * 3600
DOM0_MEMORY = 1536
DEFAULT_DISK = "/srv/lab/guest$GUEST.img,raw,xvda,w"
DEFAULT_VIF = "bridge=xenbr0"
DOM0_FILES = ("dom0-init", "dom0-lib.sh", "follow.awk", "guest-init")
# One processor after the other, and each instruction takes two nanoseconds
COUNTED = ("-accel", "tcg,thread=single", "-icount", "shift=1,sleep=off")
SCRIPTS = ("guest-script", "dom0-script", "dom0-prepare")


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./run lab", description=__doc__)
    add = parser.add_argument
    add("--type", choices=("pv", "pvh"), default="pv")
    add("--guests", type=int, default=1, metavar="N")
    add("--vcpus", type=int, default=1, metavar="N")
    add("--memory", type=int, default=256, metavar="MiB")
    add("--backend", choices=("pvback", "kernel", "qdisk"), default="pvback")
    add("--disk", action="append", metavar="SPEC", help="as in xl.cfg; $GUEST in it is the guest's number")
    add("--vif", action="append", metavar="SPEC", help="as in xl.cfg")
    add("--guest-script", metavar="FILE", help="run in every guest (sh)")
    add("--dom0-script", metavar="FILE", help="run in dom0 (bash) once the guests are up")
    add("--dom0-prepare", metavar="FILE", help="run in dom0 (bash) before the backends start")
    add("--timeout", type=float, metavar="S", help=f"for the whole run; {DEFAULT_TIMEOUT}, with --shell a week")
    add("--kernel", choices=("6.1", "6.12"), default="6.1", help="of dom0 and the guests")
    add("--counted", action="store_true",
        help="time is the number of instructions: slower, and much the same on a busy machine")
    add("--shell", action="store_true", help="a shell in dom0 on this terminal")
    add("--name", default=f"run-{os.getpid()}", help="of the directory build/lab/NAME")
    options = parser.parse_args()
    for script in SCRIPTS:
        path = getattr(options, script.replace("-", "_"))
        if path and not os.path.isfile(path):
            parser.error(f"--{script}: no file {path}")
    if options.shell and not sys.stdin.isatty():
        parser.error("--shell needs a terminal")
    return options


def backends(choice):
    """The backend of each kind; PVBACK_BLK, _NET and _CON replace single ones of ours."""
    if choice == "qdisk":
        return {"BLK": "qdisk", "NET": "kernel", "CON": "kernel"}
    kinds = {kind: choice for kind in ("BLK", "NET", "CON")}
    if choice == "pvback":
        for kind in kinds:
            kinds[kind] = os.environ.get(f"PVBACK_{kind}", choice)
    return kinds


def images(kernel):
    """Where hypervisor, kernel and initial ramdisks are, made or fetched if need be."""
    made = subprocess.run([HERE / "images.sh", kernel], stdout=subprocess.PIPE, text=True)
    if made.returncode:
        sys.exit("lab: failed: no images to boot from")
    return dict(line.split("=", 1) for line in made.stdout.splitlines())


class Directory:
    """build/lab/NAME, shared with dom0 as /lab."""

    def __init__(self, name):
        self.path = BUILD / "lab" / name
        self.logs = self.path / "logs"
        self.scratch = self.path / "scratch.img"
        shutil.rmtree(self.path, ignore_errors=True)
        self.logs.mkdir(parents=True)
        latest = self.path.parent / f"logs.{os.getpid()}"
        latest.symlink_to(pathlib.Path(name) / "logs")
        latest.replace(self.path.parent / "logs")

    def fill(self, options, config):
        for script in SCRIPTS:
            path = getattr(options, script.replace("-", "_"))
            if path:
                shutil.copyfile(path, self.path / script)
        lines = [f"LAB_{key}={quote(value)}\n" for key, value in config.items()]
        (self.path / "config").write_text("".join(lines))
        # Copies, so that nobody's editor gets in the way of a run.
        for file in DOM0_FILES:
            shutil.copy(HERE / file, self.path)
        with open(self.scratch, "w") as scratch:
            scratch.truncate(16 << 30)
        subprocess.run(["/sbin/mkfs.ext4", "-q", "-E", "nodiscard", self.scratch], check=True)


def quote(value):
    """For bash; a list becomes an array."""
    if isinstance(value, list):
        return f"({shlex.join(value)})"
    return shlex.quote(str(value))


def settings(options, kinds, files):
    """What dom0-init gets to know, as LAB_KEY."""
    terminal = shutil.get_terminal_size()
    disks = options.disk or [DEFAULT_DISK]
    if kinds["BLK"] == "qdisk":
        disks = ["backendtype=qdisk," + disk for disk in disks]
    return {
        "SRC": SOURCE, "BUILD": BUILD, "SHELL": int(options.shell), "ROWS": terminal.lines, "COLUMNS": terminal.columns,
        "TYPE": options.type, "GUESTS": options.guests, "VCPUS": options.vcpus, "MEMORY": options.memory,
        "DISKS": disks, "VIFS": options.vif or [DEFAULT_VIF],
        **kinds,
        "KERNEL": files["LINUX"], "MODULES": files["MODULES"], "GUEST_RAMDISK": files["GUEST_RAMDISK"],
    }


def qemu(options, files, directory, port):
    """The command line. dom0's words for us come through a virtio port, the consoles go elsewhere."""
    memory = max(4096, DOM0_MEMORY + 1024 + options.guests * options.memory)
    console = directory.logs / "console.log"
    chardev = f"file,id=console,path={console}"
    if options.shell:
        chardev = f"stdio,id=console,mux=on,signal=off,logfile={console}"
    return [
        "qemu-system-x86_64", *(COUNTED if options.counted else ("-accel", "tcg,thread=multi")), "-cpu", "qemu64,+svm,+npt",
        "-smp", "2", "-m", str(memory), "-nodefaults", "-display", "none", "-no-reboot",
        "-kernel", files["XEN"],
        "-append", f"console=com1 com1=115200 dom0_mem={DOM0_MEMORY}M,max:{DOM0_MEMORY}M dom0_max_vcpus=1"
                   " loglvl=warning guest_loglvl=warning bootscrub=0",
        "-initrd", f"{files['LINUX']} console=hvc0 panic=1 quiet,{files['DOM0_RAMDISK']}",
        "-chardev", chardev, "-serial", "chardev:console",
        "-virtfs", "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap",
        "-virtfs", f"local,path={directory.path},mount_tag=lab,security_model=none",
        "-drive", f"file={directory.scratch},if=none,id=scratch,format=raw,cache=unsafe,discard=unmap",
        "-device", "virtio-blk-pci,drive=scratch",
        "-chardev", f"file,id=port,path=/dev/fd/{port}",
        "-device", "virtio-serial-pci", "-device", "virtserialport,chardev=port,name=lab",
    ]


class Lines:
    """Reads lines from a file descriptor until its end or a deadline."""

    def __init__(self, fd):
        self.fd = fd
        self.rest = b""
        self.selector = selectors.DefaultSelector()
        self.selector.register(fd, selectors.EVENT_READ)

    def until(self, deadline):
        while True:
            if not self.selector.select(max(0, deadline - time.monotonic())):
                raise TimeoutError
            data = os.read(self.fd, 65536)
            if not data:
                return
            *lines, self.rest = (self.rest + data).split(b"\n")
            for line in lines:
                yield line.decode(errors="replace").rstrip("\r")


class Reporter:
    """Sorts dom0's lines to stdout and the guests' console logs, and keeps the verdict."""

    def __init__(self, logs, newline):
        self.logs = logs
        self.newline = newline
        self.start = time.monotonic()
        self.step = "waiting for dom0"
        self.verdict = None

    def line(self, text):
        print(text, end=self.newline, flush=True)

    def progress(self, step):
        self.step = step
        self.line(f"lab: [{time.monotonic() - self.start:4.0f}s] {step}")

    def take(self, text):
        name, mark, rest = text.partition(" ")
        if name == "!say":
            self.progress(rest)
        elif name == "!end":
            status, _, reason = rest.partition(" ")
            self.verdict = (int(status), reason)
        elif name.endswith("|"):
            self.line(text)
            self.log(name[:-1], rest)
        elif name.endswith(":"):
            self.log(name[:-1], rest)

    def log(self, name, text):
        with open(self.logs / f"{name}.log", "a") as file:
            file.write(text + "\n")


def follow(lines, deadline, reporter):
    """The run's status and reason."""
    try:
        for line in lines.until(deadline):
            reporter.take(line)
    except TimeoutError:
        return reporter.verdict or (TIMEOUT_STATUS, f"timeout; last step: {reporter.step}")
    return reporter.verdict or (1, f"the machine ended by itself; last step: {reporter.step}; see console.log")


def run(command, read_end, write_end, deadline, reporter):
    machine = subprocess.Popen(command, pass_fds=[write_end])
    os.close(write_end)
    try:
        return follow(Lines(read_end), deadline, reporter)
    finally:
        # SIGTERM lets QEMU set the terminal right.
        machine.terminate()
        try:
            machine.wait(30)
        except subprocess.TimeoutExpired:
            machine.kill()
            machine.wait()


def main():
    options = parse_arguments()
    kinds = backends(options.backend)
    if kinds["BLK"] == "qdisk":
        subprocess.run([HERE / "packages.sh", "qdisk"], check=True)
    files = images(options.kernel)
    directory = Directory(options.name)
    directory.fill(options, settings(options, kinds, files))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("lab: failed: ended by a signal"))
    timeout = options.timeout or (SHELL_TIMEOUT if options.shell else DEFAULT_TIMEOUT)
    reporter = Reporter(directory.logs, "\r\n" if options.shell else "\n")
    read_end, write_end = os.pipe()
    try:
        status, reason = run(qemu(options, files, directory, write_end), read_end, write_end,
                             time.monotonic() + timeout, reporter)
    finally:
        directory.scratch.unlink()
    seconds = time.monotonic() - reporter.start
    logs = os.path.relpath(directory.logs)
    print(f"lab: ok after {seconds:.0f}s" if status == 0 else f"lab: failed: {reason} (logs: {logs})")
    sys.exit(status)


if __name__ == "__main__":
    main()
