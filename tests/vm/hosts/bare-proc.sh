# shellcheck shell=sh disable=SC2034,SC1091
# The same with a /proc and with device nodes of the initramfs: as little as a user without privilege can do with.
modules=overlay
escapes=yes
memory=yes
build() {
	umount -l /work /sys
	mount -t tmpfs dev /dev
	mknod -m 666 /dev/null c 1 3
}
