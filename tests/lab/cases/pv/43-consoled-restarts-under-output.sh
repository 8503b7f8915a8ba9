# consoled is stopped and started while a guest prints: its console answers afterwards, every line is in the log.
need_guest 1
watch_console 1
guest 1 '{ n=0; while [ $n -lt 300 ]; do echo "count $n" >/dev/hvc0; usleep 20000; n=$((n+1)); done; echo "count done" >/dev/hvc0; } >/dev/null 2>&1 &'
lines=$CONSOLES/guest-guest1.log
pause 1
stop_backends con
pause 1
start_backends con
eventually grep -q 'count done' "$lines"
guest 1 'true'
equal "$(grep -ao 'count [0-9][0-9]*' "$lines" | sort -u | wc -l)" 300 "lines of the guest in its log"
