# shellcheck shell=sh disable=SC2034,SC1091
# A root of 4 MiB, with a /tmp of which a quarter is free.
modules=overlay
escapes=yes
memory=yes
build() {
	new_root size=4m
	mkdir -m 1777 tmp
	dd if=/dev/zero of=full bs=1M count=2 2>/dev/null
	enter_root
}
