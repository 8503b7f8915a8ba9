# A PVH guest writes and verifies at depth, with flushes between.
need_guest 1
guest 1 'fio --name=v --filename=/dev/xvda --rw=randwrite --bsrange=4k-128k --size=16m --direct=1 --ioengine=libaio --iodepth=16 --fsync=64 --verify=crc32c --do_verify=1 | grep "err= 0"'
