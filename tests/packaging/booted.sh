#!/usr/bin/env bash
# booted.sh BUILD - the unit under a real systemd: this machine's own system in namespaces of its own (processes, mounts, network, cgroups), with
# systemd as process 1, everything written going to a tmpfs; in there booted.py does what docs/operate.md tells an operator to do.
#
# It needs root, systemd, overlayfs and cgroup v2, takes less than a minute, and leaves nothing behind. Exit code: 0 all is well, 1
# something is not, 77 it cannot be tried here, and the last line says why.
set -euo pipefail
build=$(realpath "${1:?usage: booted.sh BUILD}")
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")

cannot() {
    echo "the unit was not tried under systemd: $*"
    exit 77
}

# ---- outside: a cgroup of our own, and new namespaces --------------------------------------------------------------

if [ -z "${ROLLCALL_BOOTED_WORK:-}" ]; then
    [ "$(id -u)" = 0 ] || cannot "only root may make namespaces with a system in them"
    for tool in unshare /lib/systemd/systemd meson runuser openssl ip; do
        command -v "$tool" >/dev/null || cannot "$tool is not installed"
    done
    [ -x "$build/src/rollcall" ] || cannot "$build/src/rollcall is not built"
    ROLLCALL_BOOTED_WORK=$(mktemp -d /tmp/rollcall-booted.XXXXXX)
    export ROLLCALL_BOOTED_WORK
    work=$ROLLCALL_BOOTED_WORK
    leave() {
        exec 2>/dev/null # who was killed is no news
        [ -z "${child:-}" ] || kill -KILL "$child" 2>/dev/null || true
        wait 2>/dev/null || true
        ROLLCALL_BOOTED_CLEAN=1 unshare --mount bash "$here/booted.sh" "$build" || true
        rm -rf "$work"
    }
    trap leave EXIT
    mkdir "$work/disk" "$work/cgroup" "$work/out"
    unshare --mount bash "$here/booted.sh" "$build" </dev/null >"$work/console" 2>&1 &
    child=$!
    for ((i = 0; i < 1200; i++)); do
        if [ -e "$work/out/code" ] || ! kill -0 "$child" 2>/dev/null; then break; fi
        sleep 0.1
    done
    [ ! -e "$work/out/said" ] || cat "$work/out/said"
    if [ ! -e "$work/out/code" ]; then
        tail -n 20 "$work/console"
        [ -e "$work/out/said" ] && exit 1
        cannot "systemd did not come up in namespaces of its own (see above)"
    fi
    exit "$(cat "$work/out/code")"
fi

# ---- in a mount namespace: the cgroup ---------------------------------------------------------------------------------

work=$ROLLCALL_BOOTED_WORK
if [ -z "${ROLLCALL_BOOTED_INSIDE:-}" ]; then
    mount --make-rprivate /
    mount -t cgroup2 none "$work/cgroup"
    group=$work/cgroup/$(basename "$work")
    if [ -n "${ROLLCALL_BOOTED_CLEAN:-}" ]; then
        for ((i = 0; i < 50; i++)); do # until the last process in it is gone
            if [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null; then exit 0; fi
            sleep 0.1
        done
        exit 1
    fi
    mkdir "$group"
    echo $$ >"$group/cgroup.procs"
    export ROLLCALL_BOOTED_INSIDE=1
    exec unshare --mount --pid --net --ipc --uts --cgroup --fork --kill-child bash "$here/booted.sh" "$build"
fi

# ---- in all of them: a root whose changes are forgotten, and systemd -----------------------------------------------------

ip link set lo up
hostname rollcall-booted
mount -t tmpfs -o size=1g,mode=755 none "$work/disk"
root=$work/disk/root
mkdir "$work"/disk/{up,work,root}
mount -t overlay -o "lowerdir=/,upperdir=$work/disk/up,workdir=$work/disk/work" none "$root"
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,ro,bind "$root/proc/sys" # the machine's, not ours
mount -t sysfs -o ro sysfs "$root/sys"
mountpoint -q "$root/sys/fs/cgroup" || mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup" 2>/dev/null || true
mount -t cgroup2 none "$root/sys/fs/cgroup"
for place in run tmp dev; do mount -t tmpfs -o mode=755 tmpfs "$root/$place"; done
chmod 1777 "$root/tmp"
top=$(realpath "$here/../..") # may lie below what was mounted just now
mkdir -p "$root$top" "$work"/disk/{top-up,top-work}
mount -t overlay -o "lowerdir=$top,upperdir=$work/disk/top-up,workdir=$work/disk/top-work" none "$root$top"
while read -r name major minor; do mknod -m 666 "$root/dev/$name" c "$major" "$minor"; done <<'END'
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
END
mkdir "$root/dev/pts" "$root/dev/shm" "$root/run/out"
mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mount --bind "$work/out" "$root/run/out"

# Nothing of this machine's own services, and nothing that would touch the kernel we share.
rm -rf "$root/etc/systemd/system"
mkdir "$root/etc/systemd/system"
for unit in systemd-sysctl.service systemd-modules-load.service systemd-udevd.service sys-kernel-debug.mount sys-kernel-tracing.mount \
    dev-hugepages.mount dev-mqueue.mount sys-fs-fuse-connections.mount systemd-update-utmp.service systemd-remount-fs.service; do
    ln -s /dev/null "$root/etc/systemd/system/$unit"
done
cat >"$root/etc/systemd/system/booted.service" <<END
[Unit]
Wants=dbus.socket
After=basic.target dbus.socket
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'python3 "$here/booted.py" "$build" >/run/out/said 2>&1; echo \$? >/run/out/code.new; mv /run/out/code.new /run/out/code'
END
# Not chroot: from there no user namespace (PrivateUsers=) can be made.
mkdir "$root/run/before"
cd "$root"
pivot_root . run/before
umount -l /run/before
mount --make-rshared / # as a machine's systemd has it: credentials come by a mount
exec env -i container=rollcall PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --system --unit=booted.service --show-status=no
