# shellcheck shell=sh disable=SC2034,SC1091
# A root that cannot be written to, without a /tmp.
modules=overlay
memory=yes
build() {
	new_root size=100%
	mkdir proc sys dev
	mount -o remount,ro .
	mount --move /proc proc
	mount --move /sys sys
	mount --move /dev dev
	enter_root
}
