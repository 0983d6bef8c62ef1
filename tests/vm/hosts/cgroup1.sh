# shellcheck shell=sh disable=SC2034,SC1091
# cgroups of version 1 only.
modules=overlay
no_limits=yes
build() {
	mount -t tmpfs cgroups /sys/fs/cgroup
	for controller in $(sed -n 's/^\([a-z_]*\)\t.*1$/\1/p' /proc/cgroups); do
		mkdir "/sys/fs/cgroup/$controller"
		mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller"
	done 2>/dev/null
	new_root size=100%
	mkdir -m 1777 tmp
	enter_root
}
