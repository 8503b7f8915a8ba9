# xl network-attach and network-detach on a running guest that keeps pinging by its other card.
need_guest 1
ip link add hotbr type bridge 2>/dev/null || :
ip address replace 10.79.0.1/24 dev hotbr
ip link set hotbr up
guest 1 'ping -i 0.5 -c 20 10.77.0.1 >/tmp/ping.out 2>&1 & echo $! >/tmp/p'
xl network-attach guest1 bridge=hotbr
guest 1 'n=50; until [ -e /sys/class/net/eth1 ] || [ $n = 0 ]; do usleep 200000; n=$((n-1)); done; ip address add 10.79.0.2/24 dev eth1 && ip link set eth1 up && ping -c 3 -W 5 10.79.0.1'
xl network-detach guest1 1
guest 1 '[ ! -e /sys/class/net/eth1 ]'
[ ! -e "/sys/class/net/vif$(domid 1).1" ] || fail "its tap stays"
guest 1 'while kill -0 $(cat /tmp/p) 2>/dev/null; do sleep 1; done; grep " 0% packet loss" /tmp/ping.out'
