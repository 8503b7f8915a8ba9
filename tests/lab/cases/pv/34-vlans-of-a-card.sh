# A card whose hotplug hook writes key vlan is in these VLANs of its bridge and in no other, also with vifname=.
mkdir -p /etc/xen/scripts/vif-post.d
echo '[ "$command" != online ] || [ "$bridge" != vlanbr ] || xenstore_write "$XENBUS_PATH/vlan" 10p/20/30-32' >/etc/xen/scripts/vif-post.d/vlan.hook
chmod +x /etc/xen/scripts/vif-post.d/vlan.hook
ip link add vlanbr type bridge vlan_filtering 1
ip address add 10.79.1.1/24 dev vlanbr
ip link set vlanbr up
ip link add link vlanbr name vlanbr10 type vlan id 10
bridge vlan add dev vlanbr vid 10 self
ip address add 10.79.10.1/24 dev vlanbr10
ip link set vlanbr10 up
tiny 12 '' bridge=vlanbr,vifname=vlanport
create 12
[ "$(bridge vlan show dev vlanport | tail -n +2 | sed 's/^vlanport//' | xargs)" = "10 PVID Egress Untagged 20 30 31 32" ] || fail "VLANs: $(bridge vlan show dev vlanport)"
guest 12 'ip link set eth0 up && ip address add 10.79.10.2/24 dev eth0 && ip address add 10.79.1.2/24 dev eth0 && ping -c 2 -W 5 10.79.10.1'
guest 12 '! ping -c 1 -W 1 10.79.1.1' || fail "it reaches VLAN 1"
xl destroy guest12
rm /etc/xen/scripts/vif-post.d/vlan.hook
ip link del vlanbr10
ip link del vlanbr
