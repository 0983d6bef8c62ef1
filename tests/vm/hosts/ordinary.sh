# shellcheck shell=sh disable=SC2034,SC1091
# A root that can be moved, with all that a distribution mounts.
modules=overlay
build() {
	new_root size=100%
	mkdir -m 1777 tmp
	mount -t tmpfs -o mode=1777 tmp tmp
	enter_root
}
