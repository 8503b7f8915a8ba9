# shellcheck shell=bash
# What cases have beside the lab's own functions. A case runs with set -eE: the first command that
# fails ends it, and says which one it was. See README.md.

CASES=$LAB_SRC/tests/lab/cases
WORK=$LAB_STATE/cases
CONSOLES=/var/log/xen/console
PATIENCE=90

# pause SECONDS: the lab's own is an error to set -e.
pause() {
    read -r -t "$1" -u "$LAB_NEVER" || :
}

# --- how a case ends ----------------------------------------------------------------------------

# fail REASON
fail() {
    echo "$*" >"$WORK/reason"
    exit 1
}

# skip REASON
skip() {
    echo "$*" >"$WORK/reason"
    exit 77
}

# unexpected STATUS COMMAND: the trap on ERR. What failed is told with the line of the case.
unexpected() {
    local i
    [ ! -s "$WORK/reason" ] || return 0
    for i in "${!BASH_SOURCE[@]}"; do
        [[ ${BASH_SOURCE[i]} == "$CASES/"*/*.sh ]] || continue
        echo "line ${BASH_LINENO[i - 1]}: status $1" >"$WORK/reason"
        sed -n "${BASH_LINENO[i - 1]}p" "${BASH_SOURCE[i]}" | cut -c 1-120 >>"$WORK/reason"
        return
    done
    echo "status $1 of: $2" >"$WORK/reason"
}

# remark TEXT: goes beside "ok".
remark() {
    echo "$*" >"$WORK/reason"
}

# equal GOT WANTED WHAT
equal() {
    [ "$1" = "$2" ] || fail "$3: $1 instead of $2"
}

# eventually COMMAND...: until it succeeds. The patience is that of a machine with much else to do; what must be fast has
# within() for it.
eventually() {
    { local -; set +x; } 2>/dev/null # no trace of the waiting
    local end=$((SECONDS + PATIENCE))
    until "$@"; do
        [ $SECONDS -lt "$end" ] || fail "not in time: $*"
        pause 0.3
    done
}

# clock: sets $now to seconds with six digits.
clock() {
    now=${EPOCHREALTIME/,/.}
}

# within SECONDS COMMAND...: its status, and it must not take longer.
within() {
    local start now limit=$1 status=0
    shift
    clock
    start=$now
    "$@" || status=$?
    clock
    took=$(awk "BEGIN { printf \"%.1f\", $now - $start }")
    awk "BEGIN { exit !($took < $limit) }" || fail "took $took s: $*"
    return $status
}

# --- guests -------------------------------------------------------------------------------------

# boot N [SECONDS]: a guest that takes commands from guest(). LAB_DISKS and so on may be set before.
boot() {
    make_guest "$1" "$CASES/guest-agent"
    create "$1" "${2-}"
}

# create N [SECONDS]: the same for one whose configuration is there.
create() {
    watch_console "$1"
    xl create "$LAB_GUESTS_DIR/guest$1.cfg" >"$WORK/create" 2>&1 9>&- ||
        fail "xl create guest$1: $(xl_says "$WORK/create")"
    await_line "guest$1" "@lab up" "${2:-120}"
}

# need_guest N: one of the guests that cases share, started by the group's shared_guest_N if it is not there.
need_guest() {
    [ ! -e "$WORK/guest$1.shared" ] || ! guest_answers "$1" || return 0
    xl destroy "guest$1" >/dev/null 2>&1 || :
    rm -f "$WORK/guest$1.shared"
    "shared_guest_$1"
    touch "$WORK/guest$1.shared"
}

# tiny N [DISK [VIF]]: the configuration of a guest that has only busybox and the two drivers.
tiny() {
    local base=$LAB_GUEST_RAMDISK
    # shellcheck disable=SC2034 # make_guest takes them
    local LAB_GUEST_RAMDISK=$LAB_GUESTS_DIR/tiny.base LAB_MEMORY=96 LAB_DISKS=() LAB_VIFS=() LAB_EXTRA="console=hvc0 quiet"
    "$CASES/tiny-ramdisk" "$base" "$LAB_GUEST_RAMDISK"
    # shellcheck disable=SC2034
    [ ! "${2-}" ] || LAB_DISKS=("$2")
    # shellcheck disable=SC2034
    [ $# -lt 3 ] || LAB_VIFS=("$3")
    make_guest "$1" "$CASES/guest-agent"
}

guest_answers() {
    domid "$1" >/dev/null 2>&1 && (guest "$1" true 10) >/dev/null 2>&1
}

# domid N
domid() {
    xl domid "guest$1"
}

# gone N: xl shutdown -w returns when a guest is shut down, its devices go after that.
gone() {
    ! domid "$1" >/dev/null 2>&1
}

# back N KIND: the directory of its backends.
back() {
    echo "/local/domain/0/backend/$2/$(domid "$1")"
}

# watch_console N: await_line sees what comes from now on.
watch_console() {
    touch "$CONSOLES/guest-guest$1.log"
    exec {console}<"$CONSOLES/guest-guest$1.log"
    cat <&"$console" >/dev/null
    line_begun=
}

# next_line: sets $line to the next whole line of the watched console, false if there is none yet.
next_line() {
    local part
    if IFS= read -r part <&"$console"; then
        line=${line_begun}${part%$'\r'}
        line_begun=
    else
        line_begun=$line_begun$part
        return 1
    fi
}

# await_line WHOSE LINE SECONDS
await_line() {
    { local -; set +x; } 2>/dev/null # no trace of the waiting
    local end=$((SECONDS + $3))
    while :; do
        while next_line; do
            [ "$line" != "$2" ] || return 0
        done
        [ $SECONDS -lt "$end" ] || fail "$1: no '$2' on its console within $3 s"
        pause 0.3
    done
}

# guest N COMMAND [SECONDS]: runs it in the guest by way of its console; output and status are its.
guest() {
    { local -; set +x; } 2>/dev/null # no trace of the waiting
    local number=$1 command=$2 end=$((SECONDS + ${3:-90})) id=$EPOCHREALTIME tty status
    watch_console "$number"
    tty=$(xenstore-read "/local/domain/$(domid "$number")/console/tty")
    printf '%s %s\n' "$id" "$command" >"$tty"
    while :; do
        while next_line; do
            case $line in
            "@out @begin $id") status=running ;;
            *"@end $id "*)
                exec {console}<&-
                return "${line##* }"
                ;;
            "@out "*) [ "${status-}" != running ] || echo "${line#@out }" ;;
            esac
        done
        [ $SECONDS -lt "$end" ] || fail "guest$number does not answer: $command"
        pause 0.2
    done
}

# xl_says FILE: xl's errors in one line.
xl_says() {
    grep -v '^Parsing config' "$1" | sed 's/^libxl: error: [^ ]*: *//' | head -n 3 | paste -sd ' ' | cut -c 1-300
}

# --- devices without a frontend -----------------------------------------------------------------

# fake_device KIND DOMID DEVID [KEY VALUE]...: the nodes xl would write, for a guest that is paused; those of the
# backend's own kind are given. Returns when the backend waits for the frontend.
fake_device() {
    local front=/local/domain/$2/device/$1/$3 back=/local/domain/0/backend/$1/$2/$3 keys=()
    local id=$2
    shift 3
    while [ $# -gt 0 ]; do
        keys+=("$back/$1" "$2")
        shift 2
    done
    echo "$back" >>"$WORK/fakes"
    xenstore-write "$front/backend" "$back" "$front/backend-id" 0 "$front/state" 1 "${keys[@]}" \
        "$back/frontend" "$front" "$back/frontend-id" "$id" "$back/online" 1 "$back/hotplug-status" connected "$back/state" 1
    eventually state_is "$back" 2
}

# remove_fakes: what fake_device made, as xl knows nothing of it.
remove_fakes() {
    local fakes
    mapfile -t fakes < <(cat "$WORK/fakes" 2>/dev/null)
    rm -f "$WORK/fakes"
    [ ${#fakes[@]} = 0 ] || xenstore-rm "${fakes[@]}" 2>/dev/null || :
}

state_is() {
    [ "$(xenstore-read "$1/state")" = "$2" ]
}

# play_frontend KIND/DOMID/DEVID STATE [KEY VALUE]...: writes the frontend's keys, and then its state.
play_frontend() {
    local kind=${1%%/*} rest=${1#*/} keys=() state=$2
    local front=/local/domain/${rest%/*}/device/$kind/${rest#*/}
    shift 2
    while [ $# -gt 0 ]; do
        keys+=("$front/$1" "$2")
        shift 2
    done
    xenstore-write "${keys[@]}" "$front/state" "$state"
}

# refused DAEMON KIND/DOMID/DEVID KEY: one line in the log, an error node, no connection.
refused() {
    # A channel that cannot be bound may still be held by a predecessor, which is waited for.
    eventually said "$1" "$2: .*($3)"
    said "$1" "d: $2: " | grep -vE ' (connected|closed)$' >"$WORK/lines" || :
    equal "$(wc -l <"$WORK/lines")" 1 "lines about $2 ($3): $(paste -sd ';' "$WORK/lines")"
    xenstore-read "/local/domain/0/error/backend/$2/error" | grep -E -e "$3" || fail "$2: no error node"
    ! state_is "/local/domain/0/backend/$2" 4 || fail "$2 is connected"
}

# --- daemons and what they leave ----------------------------------------------------------------

# said DAEMON PATTERN: whether it has logged that since the case began.
said() {
    tail -c "+$(($(cat "$WORK/$1.size") + 1))" "$LAB_LOGS/$1.log" | grep -E -- "$2"
}

# workers [PATTERN]: "pid kind device" of each worker.
workers() {
    { local -; set +x; } 2>/dev/null
    local file args
    for file in /proc/[0-9]*/cmdline; do
        { mapfile -d '' -t args <"$file"; } 2>/dev/null || continue
        case ${args[0]-} in
        */blkback-worker | */blkback-worker-nbd | */netback-worker) echo "${file//[!0-9]/} ${args[0]##*/} ${args[1]}" ;;
        esac
    done
}

# leftovers: a line for each thing that belongs to no living guest.
leftovers() {
    { local -; set +x; } 2>/dev/null
    local living="" line id
    while read -r line id _; do
        case $line in
        Name | Domain-0) ;;
        "(null)") echo "domain $id is dead and still there" ;;
        *) living="$living $id" ;;
        esac
    done < <(xl list)
    {
        workers
        for line in /sys/class/net/vif*; do echo "tap ${line##*/}"; done
        xenstore-ls -f /local/domain/0 | grep -E '^/local/domain/0/(backend|error)/.* = ' | sed 's/ = .*//' |
            grep -E '/(state|frontend|error)$' || :
    } | without_living "$living" "$(loops_in_use)"
}

# loops_in_use: how many loop devices the disks of living guests have.
loops_in_use() {
    xenstore-ls -f /local/domain/0/backend/vbd 2>/dev/null | grep -c '/node = "/dev/loop' || :
}

# without_living IDS LOOPS
without_living() {
    local file loops=0
    awk -v ids="$1" '
        BEGIN { n = split(ids, list, " "); for (i = 1; i <= n; i++) living[list[i]] = 1 }
        $1 == "tap" && $2 == "vif*" { next }
        { id = $0 }
        $1 == "tap" { sub(/^tap vif/, "", id); sub(/\..*/, "", id) }
        /-worker / { split($3, part, "/"); id = part[2] }
        /^\/local/ { split($1, part, "/"); id = part[7]; if (part[5] == "error") id = part[8] }
        !(id in living)'
    for file in /sys/block/loop*/loop/backing_file; do
        [ ! -e "$file" ] || grep -q /pv.img "$file" || loops=$((loops + 1))
    done
    [ "$loops" -le "$2" ] || echo "$((loops - $2)) loop devices"
}
