# shellcheck shell=sh
# fetch: the pinned sources, from a directory, from upstream or from Debian.  Sourced by build.sh.
# Touches build/sources and the network.  The sums of versions.tsv decide, never the place a file came from.

# Is the file one of the sums that the table has for the name?
is_pinned() {
	[ -f "$2" ] || return 1
	sum=$(sha256sum <"$2" | cut -d ' ' -f 1)
	case ,$(field "$1" 3), in *,"$sum",*) return 0 ;; esac
	return 1
}

have() { is_pinned "$1" "$sources/$1-$(version_of "$1").tar"; }
keep() { mv -f "$2" "$sources/$1-$(version_of "$1").tar"; }

missing() {
	for name in $(names); do
		have "$name" || printf '%s\n' "$name"
	done
}

from_distfiles() {
	for name in $(missing); do
		for file in "$SANDBOX_DISTFILES/$name-$(version_of "$name")".*; do
			is_pinned "$name" "$file" || continue
			cp "$file" "$sources/.$name.part"
			keep "$name" "$sources/.$name.part"
			break
		done
	done
}

# One address; a host that does not answer, or stalls, gives way within seconds.
download() {
	if command -v curl >/dev/null; then
		curl -fsSL --proto '=https' --proto-redir '=https' --connect-timeout 4 --speed-limit 1024 --speed-time 8 \
			--max-time 300 -o "$2" "$1" 2>/dev/null
	elif command -v wget >/dev/null; then
		wget -q --tries=1 --dns-timeout=4 --connect-timeout=4 --read-timeout=8 -O "$2" "$1" 2>/dev/null
	else
		return 1
	fi
}

# All at once, so that ten unreachable hosts cost no more than one.
from_upstream() {
	for name in $(missing); do
		{
			part=$sources/.$name.upstream
			if download "$(field "$name" 4)" "$part" && is_pinned "$name" "$part"; then
				keep "$name" "$part"
			fi
			rm -f "$part"
		} &
	done
	wait
}

fetch() {
	sources=$build/sources
	mkdir -p "$sources"
	[ -n "$(missing)" ] || return 0
	[ -z "${SANDBOX_DISTFILES:-}" ] || from_distfiles
	from_upstream
	from_apt
	for name in $(missing); do
		say "cannot get $name $(version_of "$name") (SHA-256 $(field "$name" 3)): not in SANDBOX_DISTFILES, not at $(field "$name" 4), not as a Debian source package"
	done
	[ -z "$(missing)" ] || die "put the files named above into a directory, as NAME-VERSION.tar.gz, and set SANDBOX_DISTFILES to it"
}
