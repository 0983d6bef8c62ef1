#!/bin/sh
# Make a tar of a minimal Debian (or Ubuntu) like the one this machine runs.  Usage: bootstrap.sh ROOTFS.tar [PACKAGE...]
# The archive, the release and its keys are those of this machine's own apt.
#
# As root the packages are set up in a chroot; as a user with subordinate ids in a user namespace; as a user without,
# under fakechroot.  mmdebstrap tells which by itself; set MMDEBSTRAP_MODE to choose.
# Packages are fetched once into $EXAMPLES_CACHE where that is set.
set -eu
[ $# -ge 1 ] || { echo "usage: $0 ROOTFS.tar [PACKAGE...]" >&2; exit 2; }
out=$1
shift
command -v mmdebstrap >/dev/null || { echo "$0: mmdebstrap is missing: apt-get install mmdebstrap" >&2; exit 1; }
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")

# mmdebstrap's own default is a fixed server; this machine's is known to be within reach, so it is asked for.
# Other vendors' archives, which name other suites or components, are left out.
sources() {
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		awk -v suite="$suite" '($2 == suite || index($2, suite "-") == 1) && $3 == "main" { print "deb", $1, $2, $3 }' |
		sort -u
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"	# apt fetches as a user of its own
sources >"$work/sources.list"
[ -s "$work/sources.list" ] || { echo "$0: apt on this machine has no source for $suite" >&2; exit 1; }

# Documentation stays out; so do this machine's name and name servers, which mmdebstrap would copy in.
packages=$(IFS=,; echo "$*")
set -- --variant=minbase --mode="${MMDEBSTRAP_MODE:-auto}" --format=tar \
	--customize-hook='rm -f "$1"/etc/hostname "$1"/etc/resolv.conf' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
	--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-include=/usr/share/doc/*/copyright'
[ -z "$packages" ] || set -- "$@" --include="$packages"
if [ -n "${EXAMPLES_CACHE:-}" ]; then
	mkdir -p "$EXAMPLES_CACHE"
	set -- "$@" --skip=download/empty --skip=essential/unlink \
		--setup-hook='mkdir -p "$1"/var/cache/apt/archives/' \
		--setup-hook="sync-in '$EXAMPLES_CACHE' /var/cache/apt/archives/" \
		--customize-hook="sync-out /var/cache/apt/archives '$EXAMPLES_CACHE'"
fi
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-0}
export SOURCE_DATE_EPOCH
mmdebstrap --quiet "$@" "$suite" "$out" "$work/sources.list"
