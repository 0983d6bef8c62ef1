# shellcheck shell=sh disable=SC2034,SC1091
# A store on ramfs, which has no xattrs at all and does not tell its size.
modules=overlay
store=/store/it
build() {
	new_root size=100%
	mkdir store
	mount -t ramfs store store
	chmod 1777 store
	enter_root
}
