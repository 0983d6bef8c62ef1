# shellcheck shell=sh disable=SC2034,SC1091
# A root that cannot be written to, without a /tmp.
modules=overlay
memory=yes
build() {
	new_root size=100%
	mount -o remount,ro .
	enter_root
}
