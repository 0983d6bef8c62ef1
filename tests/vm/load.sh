# load NAME...: each module with what it needs.  Sourced by init and session.sh.
load() {
	for name in "$@"; do
		for module in $(cat "/modules/$name.order" 2>/dev/null); do
			[ -e "/run/loaded/$module" ] || insmod "/modules/$module.ko" || continue
			: >"/run/loaded/$module"
		done
	done
}
