# The spellings tap:aio:PATH and file:PATH: what the guest writes is in the images.
need_guest 1
need_guest 2
for place in 1:xvdb1=tap 2:xvdc=file; do
    pair=${place#*:}
    guest "${place%%:*}" "yes ${pair%=*} | dd of=/dev/${pair%=*} bs=64k count=16 iflag=fullblock oflag=direct && sync"
    wanted=$({ yes "${pair%=*}" 2>/dev/null || :; } | head -c 1M | md5sum)
    got=$(head -c 1M "$LAB_GUESTS_DIR/${pair#*=}.img" | md5sum)
    equal "$got" "$wanted" "content of ${pair#*=}.img"
done
