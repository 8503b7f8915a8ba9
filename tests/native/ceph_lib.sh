# shellcheck shell=bash
# A Ceph cluster of one monitor and one OSD that keeps its objects in memory, on loopback, in a directory.

# ceph_start DIRECTORY: $CEPH_CONF is its configuration
ceph_start() {
    local dir=$1 fsid name
    for name in ceph ceph-mon ceph-osd ceph-authtool monmaptool rbd; do
        command -v "$name" >/dev/null || skip "$name is not installed (Debian: ceph-mon ceph-osd ceph-common)"
    done
    compgen -G '/usr/lib*/*/qemu/block-rbd.so' >/dev/null ||
        skip "QEMU's module for Ceph is not installed (Debian: qemu-block-extra)"
    ip link set lo up
    fsid=$(cat /proc/sys/kernel/random/uuid)
    mkdir -p "$dir"/{mon,osd,run}
    export CEPH_CONF=$dir/ceph.conf
    cat >"$CEPH_CONF" <<END
[global]
fsid = $fsid
mon host = v2:127.0.0.1:3300
auth cluster required = none
auth service required = none
auth client required = none
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
mon allow pool size one = true
osd crush chooseleaf type = 0
run dir = $dir/run
admin socket =
log file =
log to stderr = false
err to stderr = true
keyring = $dir/keyring
[mon]
mon data = $dir/mon
mon data avail crit = 1
mon data avail warn = 1
[osd]
osd data = $dir/osd
osd objectstore = memstore
memstore device bytes = 1073741824
osd class load list = *
osd class default list = *
END
    ceph_daemons "$dir" "$fsid"
    LD_PRELOAD='' timeout 60 ceph -c "$CEPH_CONF" osd pool create rbd 8 >/dev/null 2>&1
    eventually 30 ceph_is_up
}

# Programs that have nothing to do with Xen.
ceph_daemons() {
    local dir=$1 fsid=$2 osd
    local -x LD_PRELOAD=''
    ceph-authtool --create-keyring "$dir/keyring" --gen-key -n mon. --cap mon 'allow *' >/dev/null
    ceph-authtool "$dir/keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' >/dev/null
    monmaptool --create --fsid "$fsid" --addv a '[v2:127.0.0.1:3300]' "$dir/monmap" >/dev/null
    ceph-mon -c "$CEPH_CONF" --mkfs -i a --monmap "$dir/monmap" --keyring "$dir/keyring"
    ceph-mon -c "$CEPH_CONF" -i a -f >"$dir/mon.log" 2>&1 &
    CEPH_PIDS=($!)
    osd=$(cat /proc/sys/kernel/random/uuid)
    timeout 60 ceph -c "$CEPH_CONF" osd new "$osd" >/dev/null
    ceph-osd -c "$CEPH_CONF" -i 0 --mkfs --osd-uuid "$osd" >"$dir/mkfs.log" 2>&1
    ceph-osd -c "$CEPH_CONF" -i 0 -f >"$dir/osd.log" 2>&1 &
    CEPH_PIDS+=($!)
}

ceph_is_up() {
    LD_PRELOAD='' timeout 10 ceph -c "$CEPH_CONF" osd stat 2>/dev/null | grep -q '1 up'
}

ceph_stop() {
    kill -KILL "${CEPH_PIDS[@]}"
    wait "${CEPH_PIDS[@]}" 2>/dev/null || :
}
