# shellcheck shell=bash
# What the two ramdisk builders share.

# add_busybox ROOT: the static busybox and a link for each of its programs.
add_busybox() {
    local applet
    cp /bin/busybox "$1/bin/busybox"
    for applet in $(/bin/busybox --list); do
        # It lists itself, too.
        [ "$applet" = busybox ] || ln -s busybox "$1/bin/$applet"
    done
}

# add_modules ROOT TREE NAME...: the modules and what they need in /modules, /modules/order says in which order.
add_modules() {
    local root=$1 tree=$2 module file
    shift 2
    mkdir "$root/modules"
    for module; do
        modprobe -d "$tree" -S "$(ls "$tree/lib/modules")" --show-depends "$module"
    done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' |
        while read -r file; do
            add_module "$file" "$root/modules"
        done
}

add_module() {
    local name
    name=$(basename "$1" .xz)
    case $1 in
    *.xz) xz -dc "$1" >"$2/$name" ;;
    *) cp "$1" "$2/$name" ;;
    esac
    echo "$name" >>"$2/order"
}

pack() {
    (cd "$1" && find . | cpio --quiet -o -H newc -R 0:0)
}
