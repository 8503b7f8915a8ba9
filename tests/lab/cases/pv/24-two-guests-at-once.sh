# Two guests use disk and network at the same time; xl list shows both, each has content of its own.
need_guest 1
need_guest 2
xl list >"$WORK/list"
grep -q '^guest1 ' "$WORK/list" && grep -q '^guest2 ' "$WORK/list"
job='fio --name=t --filename=/dev/DISK --rw=randwrite --bs=16k --size=8m --direct=1 --ioengine=libaio --iodepth=8 --verify=crc32c --do_verify=1 >/tmp/t.out 2>&1 & echo $! >/tmp/t'
guest 1 "${job/DISK/xvdd}"
guest 2 "${job/DISK/xvdc}"
guest 1 'ping -c 10 -i 0.3 -W 2 10.77.0.3 | grep -E "(10|9) packets received"'
for number in 1 2; do
    guest $number 'while kill -0 $(cat /tmp/t) 2>/dev/null; do sleep 1; done; grep "err= 0" /tmp/t.out'
done
