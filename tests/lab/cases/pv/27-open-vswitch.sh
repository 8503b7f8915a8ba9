# A card on a bridge of a real Open vSwitch, by the script vif-openvswitch, untagged and as an access port of a VLAN: it carries ping and
# TCP both ways, and leaves the switch when it is detached.
need_guest 1
modprobe openvswitch
mkdir -p /run/openvswitch
ovsdb-tool create /run/openvswitch/conf.db /usr/share/openvswitch/vswitch.ovsschema
ovsdb-server /run/openvswitch/conf.db --remote=punix:/run/openvswitch/db.sock --pidfile --detach --log-file="$LAB_LOGS/ovsdb.log" 9>&-
ovs-vsctl --no-wait init
ovs-vswitchd --pidfile --detach --log-file="$LAB_LOGS/ovs.log" 9>&-
ovs-vsctl add-br ovs0 -- add-port ovs0 vlan7 tag=7 -- set interface vlan7 type=internal
ip address add 10.83.0.1/24 dev ovs0
ip link set ovs0 up
ip address add 10.84.0.1/24 dev vlan7
ip link set vlan7 up
# carries NETWORK
carries() {
    guest 1 "n=50; until [ -e /sys/class/net/eth1 ] || [ \$n = 0 ]; do usleep 100000; n=\$((n-1)); done; \
ip address add $1.2/24 dev eth1; ip link set eth1 up; ping -c 2 -i 0.2 -W 5 $1.1 && \
iperf3 -c $1.1 -t 1 | grep receiver && iperf3 -c $1.1 -t 1 -R | grep receiver"
    ping -c 2 -i 0.2 -W 5 "$1.2"
}
for how in ovs0:10.83.0 ovs0.7:10.84.0; do
    xl network-attach guest1 script=vif-openvswitch "bridge=${how%:*}"
    ovs-vsctl list-ports ovs0 | grep "^vif$(domid 1).1$"
    carries "${how#*:}"
    xl network-detach guest1 1
    equal "$(ovs-vsctl list-ports ovs0)" vlan7 "ports of the switch"
done
ovs-vsctl del-br ovs0
ovs-appctl -t ovs-vswitchd exit
ovs-appctl -t ovsdb-server exit
