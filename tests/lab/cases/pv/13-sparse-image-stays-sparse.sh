# An image made by dd seek= count=0 has its full size in the guest, and takes space only where it was written.
need_guest 1
equal "$(guest 1 'cat /sys/block/xvdd/size')" $((96 * 2048)) "sectors of xvdd"
guest 1 'dd if=/dev/urandom of=/dev/xvdd bs=1M count=2 seek=90 oflag=direct && dd if=/dev/xvdd of=/dev/null bs=1M'
used=$(du -k "$LAB_GUESTS_DIR/sparse.img" | cut -f 1)
[ "$used" -ge 2048 ] && [ "$used" -lt 8192 ] || fail "the image takes $used KiB"
