# shellcheck shell=sh disable=SC2034,SC1091
# A store on ext4.
modules=overlay
store=/store/$MODE
build() {
	new_root size=100%
	mkdir store
	mount -t ext4 /dev/vda store
	chmod 1777 store
	enter_root
}
