# shellcheck shell=sh disable=SC2034,SC1091
# The root where the kernel unpacked the initramfs, with nothing mounted: no /proc, /sys, /dev or /tmp.
modules=overlay
escapes=yes            # everything is tried to get out
memory=yes                # the store is in memory
refused='no /proc'        # why a user without privilege cannot run anything
build() {
	umount -l /work /dev /sys /proc
}
