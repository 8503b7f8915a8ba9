# A disk given with mode r: the guest can read it and not write it, the image keeps its content.
need_guest 2
equal "$(guest 2 'cat /sys/block/xvde/ro')" 1 "ro of xvde"
equal "$(guest 2 'dd if=/dev/xvde bs=1M iflag=direct 2>/dev/null | md5sum' | cut -c 1-32)" "$(cut -c 1-32 "$WORK/readonly.md5")" "content"
! guest 2 'dd if=/dev/zero of=/dev/xvde bs=4k count=1 oflag=direct' || fail "the guest could write"
md5sum -c "$WORK/readonly.md5"
