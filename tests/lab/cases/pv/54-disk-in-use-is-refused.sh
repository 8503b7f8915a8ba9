# A volume that another guest writes to is refused, and that guest goes on with it.
need_guest 1
guest 1 'dd if=/dev/urandom of=/dev/xvda2 bs=64k count=8 oflag=direct && dd if=/dev/xvda2 bs=64k count=8 | md5sum >/tmp/before'
tiny 5 phy:/dev/VolumeGroupXen/guest-01-disk,xvda,w
! within 20 xl create "$LAB_GUESTS_DIR/guest5.cfg" >"$WORK/create" 2>&1 9>&- || fail "a second guest gets the disk"
remark "refused in $took s: $(xl_says "$WORK/create")"
grep -q 'cannot be mounted' "$WORK/create" || fail "xl does not say why: $(xl_says "$WORK/create")"
guest 1 'dd if=/dev/xvda2 bs=64k count=8 iflag=direct | md5sum | cmp - /tmp/before'
