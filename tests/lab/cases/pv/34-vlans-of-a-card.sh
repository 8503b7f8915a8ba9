# A card whose hotplug hook writes key vlan is in these VLANs of its bridge and in no other, also with vifname=.
need_guest 1
mkdir -p /etc/xen/scripts/vif-post.d
echo '[ "$command" != online ] || [ "$bridge" != vlanbr ] || xenstore_write "$XENBUS_PATH/vlan" 10p/20/30-32' >/etc/xen/scripts/vif-post.d/vlan.hook
ip link add vlanbr type bridge vlan_filtering 1
ip address add 10.79.1.1/24 dev vlanbr
ip link set vlanbr up
ip link add link vlanbr name vlanbr10 type vlan id 10
bridge vlan add dev vlanbr vid 10 self
ip address add 10.79.10.1/24 dev vlanbr10
ip link set vlanbr10 up
xl network-attach guest1 bridge=vlanbr vifname=vlanport
guest 1 'n=50; until [ -e /sys/class/net/eth1 ] || [ $n = 0 ]; do usleep 200000; n=$((n-1)); done; ip address add 10.79.10.2/24 dev eth1 && ip address add 10.79.1.2/24 dev eth1 && ip link set eth1 up && ping -c 1 -W 5 10.79.10.1'
[ "$(bridge vlan show dev vlanport | tail -n +2 | sed 's/^vlanport//' | xargs)" = "10 PVID Egress Untagged 20 30 31 32" ] || fail "VLANs: $(bridge vlan show dev vlanport)"
guest 1 '! ping -c 1 -W 1 10.79.1.1' || fail "it reaches VLAN 1"
xl network-detach guest1 1
rm /etc/xen/scripts/vif-post.d/vlan.hook
ip link del vlanbr10
ip link del vlanbr
