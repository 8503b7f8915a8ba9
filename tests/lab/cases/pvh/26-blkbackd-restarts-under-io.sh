# blkbackd is stopped and started while a guest writes and verifies: the guest waits, and sees no error.
need_guest 1
guest 1 'dmesg -c >/dev/null; fio --name=r --filename=/dev/xvda --rw=randwrite --bs=4k --size=8m --direct=1 --ioengine=libaio --iodepth=16 --verify=crc32c --do_verify=1 --loops=2 --rate_iops=400 >/tmp/r.out 2>&1 & echo $! >/tmp/r'
for _ in 1 2 3; do
    pause 2
    stop_backends blk
    start_backends blk
done
guest 1 'while kill -0 $(cat /tmp/r) 2>/dev/null; do sleep 1; done; cat /tmp/r.out; grep -q "err= 0" /tmp/r.out' 300
equal "$(guest 1 'dmesg | grep -ci error; :')" 0 "errors in the guest's log"
