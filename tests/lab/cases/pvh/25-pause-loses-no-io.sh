# A guest that is paused in the middle of its I/O goes on with it when it is let go.
need_guest 1
guest 1 'fio --name=p --filename=/dev/xvda --rw=randwrite --bs=4k --size=8m --direct=1 --ioengine=libaio --iodepth=8 --verify=crc32c --do_verify=1 --rate_iops=300 >/tmp/p.out 2>&1 & echo $! >/tmp/p'
pause 2
xl pause guest1
pause 3
xl unpause guest1
guest 1 'wait_for=60; while kill -0 $(cat /tmp/p) 2>/dev/null && [ $wait_for -gt 0 ]; do sleep 1; wait_for=$((wait_for-1)); done; grep "err= 0" /tmp/p.out'
