# Images that cannot be disks: xl fails at once, one line of blkbackd names the device, the guest's other disks go on.
# limit: 200
need_guest 1
dir=$LAB_GUESTS_DIR/bad
mkdir -p "$dir"
: >"$dir/empty"
truncate -s 1000001 "$dir/odd"
guest 1 'fio --name=b --filename=/dev/xvdd --rw=randread --bs=4k --size=64m --direct=1 --time_based --runtime=30 >/tmp/b.out 2>&1 & echo $! >/tmp/b'
summary=
for image in missing empty odd; do
    ! within 9 xl block-attach guest1 "format=raw,vdev=xvdh,access=rw,target=$dir/$image" >"$WORK/xl" 2>&1 ||
        fail "xl block-attach takes the image '$image'"
    cat "$WORK/xl"
    summary="$summary $image: $took s,"
    case $image in
    # xl itself finds no such file and asks nobody.
    missing) ;;
    *)
        said blkbackd 'vbd/[0-9]+/51824: ' | tee "$WORK/lines"
        [ "$(grep -c "$image" "$WORK/lines")" = 1 ] || fail "$image: blkbackd says $(paste -sd ';' "$WORK/lines")"
        ;;
    esac
    xl block-detach guest1 xvdh || xl block-detach -f guest1 xvdh || :
done
guest 1 'while kill -0 $(cat /tmp/b) 2>/dev/null; do sleep 1; done; grep "err= 0" /tmp/b.out'
! xenstore-ls -f "$(back 1 vbd)" | grep bad/ || fail "backend nodes stay"
remark "${summary%,}"
