# xl console shows what the guest answers and ends, with the guest running on, when Ctrl-] is typed.
need_guest 1
python3 - <<'PY'
import os, pty, select, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execvp("xl", ["xl", "console", "guest1"])
seen, end = b"", time.monotonic() + 30
time.sleep(1)
os.write(fd, b"typed echo 4$((1+1))2\r")
while b"422" not in seen:
    if time.monotonic() > end:
        sys.exit(f"no answer on the console: {seen!r}")
    if select.select([fd], [], [], 0)[0]:
        seen += os.read(fd, 4096)
os.write(fd, b"\x1d")
end = time.monotonic() + 10
while True:
    ended, status = os.waitpid(pid, os.WNOHANG)
    if ended:
        sys.exit(os.waitstatus_to_exitcode(status))
    if time.monotonic() > end:
        sys.exit("xl console does not end")
    try:
        select.select([fd], [], [], 0.2)[0] and os.read(fd, 4096)
    except OSError:
        pass
PY
guest 1 true
