# dom0 routes between two bridges without a physical port, one of them made with brctl: a guest on each reaches the other.
need_guest 1
need_guest 2
ping -c 2 -i 0.2 -W 2 10.78.0.2
guest 2 'ip link set eth0 down; ip route add default via 10.78.0.1; ping -c 3 -i 0.2 -W 5 10.77.0.2'
guest 1 'ping -c 3 -i 0.2 -W 5 10.78.0.2; s=$?; exit $s'
guest 2 'ip route del default; ip link set eth0 up; ip route add default via 10.77.0.1'
