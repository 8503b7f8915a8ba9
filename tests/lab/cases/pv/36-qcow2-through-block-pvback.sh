# A qcow2 image by script=block-pvback, with xl as it is: what the guest writes is in the image when it is detached, and
# fio finds again what it has written, for LONG seconds.
need_guest 1
install -m 755 "$LAB_SRC/hotplug/block-pvback" /etc/xen/scripts/
image=$LAB_GUESTS_DIR/hot.qcow2
qemu-img create -q -f qcow2 "$image" 64M
xl block-attach guest1 "vdev=xvdf,format=raw,access=rw,script=block-pvback,target=qcow2:$image"
guest 1 'n=50; until [ -b /dev/xvdf ] || [ $n = 0 ]; do usleep 200000; n=$((n-1)); done; yes hot | dd of=/dev/xvdf bs=64k count=16 iflag=fullblock oflag=direct'
seconds=${LONG:-1}
guest 1 "end=\$((\$(date +%s) + $seconds)); until [ \$(date +%s) -gt \$end ]; do fio --name=v --filename=/dev/xvdf --rw=randrw \
--bsrange=4k-256k --direct=1 --ioengine=libaio --iodepth=8 --offset=16m --size=16m --randrepeat=0 --verify=crc32c --verify_fatal=1 \
>/tmp/q.out 2>&1; s=\$?; grep err= /tmp/q.out; [ \$s = 0 ] || exit \$s; done" $((seconds + 60))
xl block-detach guest1 xvdf
qemu-img check -q "$image"
qemu-img convert -f qcow2 -O raw "$image" "$LAB_GUESTS_DIR/hot.raw"
equal "$(head -c 1M "$LAB_GUESTS_DIR/hot.raw" | md5sum)" "$({ yes hot || :; } 2>/dev/null | head -c 1M | md5sum)" "content of hot.qcow2"
[ "$(tail -c +$((16 * 1048576 + 1)) "$LAB_GUESTS_DIR/hot.raw" | head -c 16M | tr -d '\0' | wc -c)" -gt 4000000 ] || fail "what fio wrote is not there"
! pgrep -f qemu-storage-daemon || fail "a qemu-storage-daemon is left"
