# shellcheck shell=bash
# The lab's functions for dom0. dom0-init uses them, and they are there in every script given
# with --dom0-prepare, --dom0-script and in the shell of --shell. What is there: see README.md.

set -a
# shellcheck source=/dev/null
. /lab/config
LAB_LOGS=/lab/logs
LAB_GUESTS_DIR=/srv/lab
LAB_EXTRA="console=hvc0 quiet"
set +a
LAB_STATE=/run/lab
LAB_PORT=9
export HOME=/root PATH=/usr/lib/xen-4.17/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# say TEXT: a progress line of the lab.
say() {
    printf '\n!say %s\n' "$*" >&"$LAB_PORT"
}

# pause SECONDS: sleeps without a fork, which takes dom0 a tenth of a second of its one CPU in emulation.
exec {LAB_NEVER}<> <(:)
pause() {
    read -r -t "$1" -u "$LAB_NEVER"
    return 0
}

# --- backends -----------------------------------------------------------------------------------

# start_backends [blk|net|con]...
start_backends() {
    local kind
    [ $# -gt 0 ] || set -- blk net con
    for kind; do
        "start_$kind" || return 1
    done
}

start_blk() {
    case $LAB_BLK in
    pvback) start_daemon blkbackd "$LAB_BUILD/blkback/blkbackd" ;;
    kernel) modprobe xen-blkback ;;
    qdisk) ;; # xl starts a QEMU for each guest
    esac
}

start_net() {
    case $LAB_NET in
    pvback) start_daemon netbackd "$LAB_BUILD/netback/netbackd" ;;
    kernel) modprobe xen-netback ;;
    esac
}

start_con() {
    case $LAB_CON in
    pvback) start_daemon consoled "$LAB_BUILD/consoled/consoled" ;;
    kernel)
        xenconsoled -i --log=guest </dev/null >>"$LAB_LOGS/xenconsoled.log" 2>&1 9>&- &
        echo $! >"$LAB_STATE/xenconsoled.pid"
        ;;
    esac
}

# stop_backends [blk|net|con]...: ends our daemons and xenconsoled; the kernel's drivers stay loaded.
stop_backends() {
    local kind name failed=0
    [ $# -gt 0 ] || set -- blk net con
    for kind; do
        name=$(backend_name "$kind")
        [ "$name" = none ] || stop_daemon "$name" || failed=1
    done
    return $failed
}

# backend_pid blk|net|con
backend_pid() {
    cat "$LAB_STATE/$(backend_name "$1").pid"
}

backend_name() {
    case $1-$LAB_BLK-$LAB_NET-$LAB_CON in
    blk-pvback-*) echo blkbackd ;;
    net-*-pvback-*) echo netbackd ;;
    con-*-*-pvback) echo consoled ;;
    con-*) echo xenconsoled ;;
    *) echo none ;;
    esac
}

# start_daemon NAME PROGRAM [OPTION]...: returns when it has said that it is ready.
start_daemon() {
    local name=$1 ready
    shift
    rm -f "$LAB_STATE/$name.ready"
    mkfifo "$LAB_STATE/$name.ready"
    exec {ready}<>"$LAB_STATE/$name.ready"
    "$@" -f --ready-fd 8 8>&"$ready" {ready}>&- {LAB_NEVER}>&- 9>&- </dev/null >>"$LAB_LOGS/$name.log" 2>&1 &
    echo $! >"$LAB_STATE/$name.pid"
    disown # no word from bash when a script kills it
    wait_ready "$name" $! "$ready"
    local status=$?
    exec {ready}>&-
    return $status
}

wait_ready() {
    local name=$1 pid=$2 ready=$3 end=$((SECONDS + 60))
    while [ $SECONDS -lt $end ]; do
        read -r -t 1 -n 1 -u "$ready" && return 0
        kill -0 "$pid" 2>/dev/null || {
            echo "$name ended: $(tail -n 1 "$LAB_LOGS/$name.log")" >&2
            return 1
        }
    done
    echo "$name is not ready after a minute" >&2
    return 1
}

# stop_daemon NAME: asks it to end and waits for that; an error if it was gone already.
stop_daemon() {
    local name=$1 pid end=$((SECONDS + 60))
    pid=$(cat "$LAB_STATE/$name.pid" 2>/dev/null)
    kill "${pid:-0}" 2>/dev/null || {
        echo "$name was not running" >&2
        return 1
    }
    while is_running "$pid"; do
        [ $SECONDS -lt $end ] || {
            echo "$name does not end" >&2
            return 1
        }
        pause 0.2
    done
}

# is_running PID: one that has ended is none, even if bash, whose child it is, has not yet asked for its status.
is_running() {
    local state=Z
    { read -r _ _ state _ <"/proc/$1/stat"; } 2>/dev/null
    [ "$state" != Z ]
}

# --- guests -------------------------------------------------------------------------------------

# make_guest N [SCRIPT]: writes $LAB_GUESTS_DIR/guestN.cfg and .ramdisk, and the default image.
# LAB_TYPE, LAB_MEMORY, LAB_VCPUS, LAB_EXTRA and the arrays of SPECs LAB_DISKS and LAB_VIFS may be set before.
make_guest() {
    local number=$1 script=${2-} base=$LAB_GUESTS_DIR/guest$1
    [ -e "$base.img" ] || truncate -s 256M "$base.img"
    guest_ramdisk "$number" "$script" >"$base.ramdisk"
    guest_cfg "$number" >"$base.cfg"
}

guest_ramdisk() {
    local number=$1 script=$2 root
    root=$(mktemp -d)
    mkdir "$root/lab"
    printf 'GUEST=%s\nGUEST_NAME=guest%s\nGUEST_VIFS=%s\n' \
        "$number" "$number" ${#LAB_VIFS[@]} >"$root/lab/config"
    [ ! "$script" ] || cp "$script" "$root/lab/script"
    install -m 755 /lab/guest-init "$root/init"
    cat "$LAB_GUEST_RAMDISK"
    (cd "$root" && find . | cpio --quiet -o -H newc)
    rm -r "$root"
}

guest_cfg() {
    local number=$1
    cat <<-CFG
	name = "guest$number"
	type = "$LAB_TYPE"
	kernel = "$LAB_KERNEL"
	ramdisk = "$LAB_GUESTS_DIR/guest$number.ramdisk"
	extra = "$LAB_EXTRA"
	memory = $LAB_MEMORY
	vcpus = $LAB_VCPUS
	disk = [ $(quoted "$number" "${LAB_DISKS[@]}")]
	vif = [ $(quoted "$number" "${LAB_VIFS[@]}")]
	on_poweroff = "destroy"
	on_reboot = "restart"
	on_crash = "destroy"
	CFG
}

# quoted N [SPEC]...: the elements of a list, $GUEST in them replaced.
quoted() {
    local number=$1 spec
    shift
    for spec; do
        printf "'%s', " "${spec//\$GUEST/$number}"
    done
}

# start_guest N: xl create, and its console is followed from the first line.
start_guest() {
    follow_guest "guest$1"
    rm -f "$LAB_STATE/guest$1.state"
    xl create "$LAB_GUESTS_DIR/guest$1.cfg" 9>&-
}

follow_guest() {
    local name=$1 log=/var/log/xen/console/guest-$1.log
    [ ! -e "$LAB_STATE/$name.followed" ] || return 0
    touch "$LAB_STATE/$name.followed" "$log"
    tail -n +1 -F "$log" 2>/dev/null | follow "$name" &
}

# follow NAME [AWK OPTION]...: reports stdin to the host under that name.
follow() {
    local name=$1
    shift
    busybox awk -v tag="$name" -v state="$LAB_STATE/$name.state" "$@" -f /lab/follow.awk >&"$LAB_PORT"
}

# get_state guestN|dom0: sets $state to nothing yet, "up", or "exit STATUS" once its script is done.
get_state() {
    state=
    [ ! -e "$LAB_STATE/$1.state" ] || read -r state <"$LAB_STATE/$1.state"
}

# wait_guest N up|exit [SECONDS]: 0 when it is there, the script's status for exit, 125 if that does not come.
wait_guest() {
    local name=guest$1 what=$2 end=$((SECONDS + ${3:-300})) state
    while [ $SECONDS -lt $end ]; do
        get_state "$name"
        case $what-$state in
        up-?*) return 0 ;;
        exit-exit*) return "${state#exit }" ;;
        esac
        pause 0.5
    done
    echo "$name: no $what in time" >&2
    return 125
}
