# xl block-attach and block-detach on a guest whose other disk is busy: the new disk works, nothing of it stays.
need_guest 1
truncate -s 32M "$LAB_GUESTS_DIR/hot.img"
guest 1 'fio --name=b --filename=/dev/xvdd --rw=randread --bs=16k --size=64m --direct=1 --time_based --runtime=10 >/tmp/b.out 2>&1 & echo $! >/tmp/b'
xl block-attach guest1 "format=raw,vdev=xvdf,access=rw,target=$LAB_GUESTS_DIR/hot.img"
guest 1 'n=50; until [ -b /dev/xvdf ] || [ $n = 0 ]; do usleep 200000; n=$((n-1)); done; yes hot | dd of=/dev/xvdf bs=64k count=16 iflag=fullblock oflag=direct'
xl block-detach guest1 xvdf
equal "$(head -c 1M "$LAB_GUESTS_DIR/hot.img" | md5sum)" "$({ yes hot || :; } 2>/dev/null | head -c 1M | md5sum)" "content of hot.img"
guest 1 '[ ! -e /sys/block/xvdf ]'
! xenstore-ls -f "$(back 1 vbd)" | grep hot.img || fail "its backend nodes stay"
! losetup -a | grep hot.img || fail "its loop device stays"
guest 1 'while kill -0 $(cat /tmp/b) 2>/dev/null; do sleep 1; done; grep "err= 0" /tmp/b.out'
