#!/bin/bash
# A disk on an NBD server with TLS and certificates: served if the server's is of the
# host that the target names, refused if it is of another one, or of somebody else's authority.
. lib.sh
. blk_store_lib.sh
command -v openssl >/dev/null || skip "openssl is not installed"

# authority DIRECTORY; certificate DIRECTORY HOST: made by that authority
authority() {
    mkdir -p "$1"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1/ca-key.pem" -out "$1/ca-cert.pem" \
        -days 2 -subj "/CN=authority ${1##*/}" -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
}

certificate() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1/server-key.pem" -out "$1/request.pem" \
        -subj "/CN=$2" 2>/dev/null
    openssl x509 -req -in "$1/request.pem" -CA "$1/ca-cert.pem" -CAkey "$1/ca-key.pem" -days 2 -out "$1/server-cert.pem" \
        -extfile <(printf '%s\n' "subjectAltName=DNS:$2" extendedKeyUsage=serverAuth keyUsage=critical,digitalSignature) 2>/dev/null
}

authority "$TMPDIR/ours"
certificate "$TMPDIR/ours" localhost
authority "$TMPDIR/other"
fill "$TMPDIR/image" 4
LD_PRELOAD='' qemu-nbd -t -b 127.0.0.1 -p 10810 -f raw -x disk --tls-creds tls \
    --object "tls-creds-x509,id=tls,endpoint=server,verify-peer=no,dir=$TMPDIR/ours" "$TMPDIR/image" &
server=$!
guest=$(toolstack create guest)
eventually 10 eval '(exec 3<>/dev/tcp/127.0.0.1/10810) 2>/dev/null'

refused() { # TARGET
    local lines
    lines=$(wc -l <"$WORLD_LOGS/blkbackd.log")
    ! attach "$guest" "$1" 2>/dev/null || fail "attached: $1"
    tail -n "+$((lines + 1))" "$WORLD_LOGS/blkbackd.log" | grep 'disk store: .*[Cc]ertificate' >/dev/null || fail "no line: $(tail -n 2 "$WORLD_LOGS/blkbackd.log")"
    xl block-detach "$guest" xvda 2>/dev/null || xl block-detach -f "$guest" xvda 2>/dev/null || :
}

refused "nbds://localhost:10810/disk?tls-certificates=$TMPDIR/other"
refused "nbds://127.0.0.1:10810/disk?tls-certificates=$TMPDIR/ours"
for target in "nbds://localhost:10810/disk?tls-certificates=$TMPDIR/ours" \
    "nbds://127.0.0.1:10810/disk?tls-certificates=$TMPDIR/ours&tls-hostname=localhost"; do
    attach "$guest" "$target"
    disk_open "$guest"
    outside nbdcopy "$DISK" "$TMPDIR/back"
    cmp "$TMPDIR/image" "$TMPDIR/back" || fail "$target"
    disk_close
    xl block-detach "$guest" xvda
done
kill $server
wait $server || :
