# shellcheck shell=sh disable=SC2034,SC1091
# A store on tmpfs, which has no user xattrs before Linux 6.6.
modules=overlay
store=/store/it
build() {
	new_root size=100%
	mkdir store
	mount -t tmpfs -o mode=1777 store store
	enter_root
}
