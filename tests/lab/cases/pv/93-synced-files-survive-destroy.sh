# 64 MiB of files written and synced, the guest destroyed: a new guest on the disk finds every sum right and a clean file system.
truncate -s 256M /srv/lab/guest9.img
# shellcheck disable=SC2034 # boot takes them
LAB_DISKS=('/srv/lab/guest9.img,raw,xvda,w') LAB_VIFS=()
boot 9
guest 9 'mkfs.ext4 -q /dev/xvda && mount /dev/xvda /mnt && i=0; while [ $i -lt 64 ]; do dd if=/dev/urandom of=/mnt/f$i bs=64k count=16 2>/dev/null || exit 1; i=$((i+1)); done; cd /mnt && md5sum f* >sums && cd / && sync && md5sum </mnt/sums' 120 >"$WORK/sums"
xl destroy guest9
create 9
equal "$(guest 9 'mount /dev/xvda /mnt && md5sum </mnt/sums')" "$(cat "$WORK/sums")" "the list of sums"
guest 9 'cd /mnt && md5sum -c sums | grep -c OK' 90 | grep -x 64
guest 9 'umount /mnt && e2fsck -fn /dev/xvda'
