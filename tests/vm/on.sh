#!/bin/sh
# on: runs a command on one of the hosts of the matrix.  Usage: unshare -m on.sh HOST root|user COMMAND...
# Called by checks/host.sh, where the kernel started (an initramfs), with /proc, /sys, /dev and /work mounted; changes its own mounts.
# The command has no variable and no terminal.  hosts/HOST.sh says what the host looks like.
host=$1 user=$2
shift 2
. "/tests/vm/hosts/$host.sh"

# new_root OPTIONS: a tmpfs is to be the root, with nothing in it but the product and what the checks need
new_root() {
	mount -t tmpfs -o "mode=755,$1" root /newroot
	for dir in images helpers; do
		mkdir /newroot/$dir
		mount --bind /$dir /newroot/$dir
	done
	cp /sandbox /newroot/sandbox
	mkdir /newroot/mnt /newroot/proc /newroot/sys /newroot/dev
	cd /newroot || exit
}

# enter_root: "/" is the new root, with /proc, /sys and /dev; what was mounted elsewhere is out of sight
enter_root() {
	for dir in proc sys dev; do
		mount --move /$dir $dir
	done
	mount --move . /
	exec_in='chroot .'
}

exec_in=
build
ids=0:0
[ "$user" = root ] || ids=1000:1000
# shellcheck disable=SC2086 # words
exec env -i ${exec_in:+/bin/busybox $exec_in} /helpers/user $ids "$@"
