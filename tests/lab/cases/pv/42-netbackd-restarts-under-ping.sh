# netbackd is stopped and started: the guest's ping goes on after a gap, and so does a connection.
need_guest 1
guest 1 'ping -i 0.5 -c 60 10.77.0.1 >/tmp/ping.out 2>&1 & echo $! >/tmp/p'
guest 1 'iperf3 -c 10.77.0.1 -t 8 >/tmp/iperf.out 2>&1 & echo $! >/tmp/i'
pause 2
stop_backends net
pause 1
start_backends net
guest 1 'ping -c 3 -W 5 10.77.0.1'
ping -c 3 -W 5 10.77.0.2
guest 1 'while kill -0 $(cat /tmp/i) 2>/dev/null; do sleep 1; done; cat /tmp/iperf.out; grep -q receiver /tmp/iperf.out'
guest 1 'kill -INT $(cat /tmp/p); sleep 1; tail -n 2 /tmp/ping.out; awk "/packets received/ { exit !(\$4 * 2 > \$1) }" /tmp/ping.out'
