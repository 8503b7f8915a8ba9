# With --engine=aio a guest's disk is served without io_uring: what fio writes it finds again, beside flushes, and the event
# channels of real Xen wake libaio.
need_guest 1
again() {
    stop_backends blk
    start_backends blk
}
stop_backends blk
trap again EXIT
start_daemon blkbackd "$LAB_BUILD/blkback/blkbackd" --engine aio
truncate -s 16M "$LAB_GUESTS_DIR/aio.img"
xl block-attach guest1 "format=raw,vdev=xvdh,access=rw,target=$LAB_GUESTS_DIR/aio.img"
guest 1 'n=50; until [ -b /dev/xvdh ] || [ $n = 0 ]; do usleep 200000; n=$((n-1)); done; fio --name=a --filename=/dev/xvdh --rw=randwrite --bsrange=4k-256k --size=16m --direct=1 --ioengine=libaio --iodepth=16 --fsync=32 --verify=crc32c --do_verify=1 | grep err='
guest 1 'busybox blkdiscard /dev/xvdh'
equal "$(guest 1 'tr -d "\000" </dev/xvdh | wc -c')" 0 "bytes left after a discard"
xl block-detach guest1 xvdh
eventually said blkbackd 'vbd/[0-9]+/51824: in .* aio calls'
