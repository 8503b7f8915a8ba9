# Cards behind the scripts vif-route and vif-nat, with a name of the admin's, carry ping and TCP both ways; the second is detached with
# all it can carry under way. A script that says nothing leaves its card waiting, of which netbackd complains.
need_guest 1
ip link add routebr type bridge 2>/dev/null || :
ip address replace 10.81.0.1/32 dev routebr
ip link set routebr up
attach() {
    xl network-attach guest1 "$@"
}
# carries DEVICE OURS GUESTS
carries() {
    guest 1 "n=50; until [ -e /sys/class/net/$1 ] || [ \$n = 0 ]; do usleep 100000; n=\$((n-1)); done; \
ip address add $3/32 dev $1; ip link set $1 up; ip route add $2 dev $1; ping -c 2 -i 0.2 -W 5 $2 && \
iperf3 -c $2 -B $3 -t 1 | grep receiver && iperf3 -c $2 -B $3 -t 1 -R | grep receiver"
    ping -c 2 -i 0.2 -W 5 "$3"
}
printf '#!/bin/sh\n' >/srv/lab/says-nothing
chmod 755 /srv/lab/says-nothing
attach script=/srv/lab/says-nothing
attach script=vif-route ip=10.81.0.2 gatewaydev=routebr vifname=routed
[ -e /sys/class/net/routed ]
carries eth2 10.81.0.1 10.81.0.2
attach script=vif-nat ip=10.82.0.3/16
carries eth3 10.82.0.130 10.82.0.3
# A server of its own, as this one never hears of its client's end.
iperf3 --server --one-off --port 5300 >/dev/null 9>&- &
server=$!
guest 1 'iperf3 -c 10.82.0.130 -p 5300 -B 10.82.0.3 -t 30 --bidir >/dev/null 2>&1 & echo $! >/tmp/p'
pause 1
within 20 xl network-detach guest1 3
within 20 xl network-detach guest1 2
eventually said netbackd "vif/$(domid 1)/1: the guest waits for the hotplug script"
within 20 xl network-detach guest1 1
kill $server
guest 1 'kill $(cat /tmp/p); ! ls -d /sys/class/net/eth[123]'
[ ! -e /sys/class/net/routed ]
ip link delete routebr
