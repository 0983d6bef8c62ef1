#!/bin/sh
# build: the libraries of versions.tsv, each by its recipe, into a private prefix.  deps/README says how it fits together.
# Run by build.sh of the checkout and by make; touches build/ and the network, never the machine's own configuration.
#
#	deps/build.sh hash FLAVOUR	print the name of the prefix that these files lead to
#	deps/build.sh build FLAVOUR	make that prefix, and let build/deps/FLAVOUR point at it
#	deps/build.sh fetch DIR		put every source into DIR, for a machine without a network
#	deps/build.sh recipe NAME	run one recipe in the unpacked source (of this script, and of tests/fuzz/libraries.sh)
#
# FLAVOUR is `current` (musl, what users get), `current-san` (the host's C library with AddressSanitizer, for the tests),
# or `current-TARGET` (musl for a machine of targets.tsv).
set -eu
LC_ALL=C
export LC_ALL
unset CDPATH CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS CONFIG_SITE
umask 022

deps=$(cd "$(dirname "$0")" && pwd)
build=$(dirname "$deps")/build
table=$deps/versions.tsv
# The tools of the machine that is built for; a recipe gets them from the build that runs it.
host_cc=${TARGET_CC:-${HOSTCC:-gcc}}
tools=${TARGET_TOOLS:-}
jobs=$(nproc 2>/dev/null || echo 2)

say() { printf 'deps: %s\n' "$*" >&2; }
die() {
	say "$*"
	exit 1
}

# Column $2 (3 sums, 4 address, 5 Debian's name) of the line of $1; version_of NAME.
field() { awk -F '\t' -v name="$1" -v n="$2" '$1 == name { print $n }' "$table"; }
version_of() { field "$1" 2; }
names() { awk -F '\t' '!/^#/ { print $1 }' "$table"; }
sum_of() { sha256sum | cut -c 1-16; }

# tools_of FLAVOUR: from here on, those of the target that it names.
tools_of() {
	case $1 in
	current | current-san) return 0 ;;
	esac
	tools=$(awk -F '\t' -v name="${1#current-}" '$1 == name { print $2 }' "$deps/targets.tsv")
	[ -n "$tools" ] || die "no such flavour: $1"
	host_cc=${tools}gcc
}

compiler() { "$host_cc" -dumpfullversion -dumpmachine; }

# A change of any file here, or of the compiler, makes another prefix ...
prefix_name() {
	tools_of "$1"
	suffix=${1#current}
	printf '%s%s\n' "$({
		cat "$table" "$deps"/targets.tsv "$deps"/*.sh "$deps"/recipes/*.sh
		compiler
	} | sum_of)" "$suffix"
}

# ... but a library is built again only when what it depends on has changed: its line, its recipe, this script, musl.
part_name() {
	printf '%s-%s%s\n' "$1" "$({
		for name in musl "$1"; do
			field "$name" 2
			field "$name" 3
			cat "$deps/recipes/$name.sh"
		done
		cat "$deps/build.sh" "$deps/compile.sh"
		compiler
	} | sum_of)" "$suffix"
}

# one NAME: build it in a folder of its own, with a log, and copy what it installs into the prefix.
one() {
	part=$place/parts/$(part_name "$1")
	dir=$work/$1
	if [ ! -f "$part/.built" ]; then
		rm -rf "$part" "$dir"
		mkdir -p "$part/lib" "$part/include" "$dir"
		tar -xf "$build/sources/$1-$(version_of "$1").tar" -C "$dir" --strip-components=1
		# A process of its own, since a function called before || would go on after a failed command.
		(cd "$dir" && prefix=$part exec sh "$deps/build.sh" recipe "$1") >"$work/$1.log" 2>&1 </dev/null || {
			tail -n 30 "$work/$1.log" >&2
			die "$1 does not build: the log is $work/$1.log"
		}
		: >"$part/.built"
	fi
	cp -RP "$part/." "$prefix/"
}

lane() {
	for library in "$@"; do
		one "$library"
	done
}

build_flavour() {
	name_is=$(prefix_name "$1")
	suffix=${1#current}
	prefix=$build/deps/$name_is
	if [ ! -f "$prefix/.complete" ]; then
		fetch
		work=$build/work/$name_is
		tools_of "$1"
		TARGET_CC=$host_cc TARGET_TOOLS=$tools
		rm -rf "$prefix" "$work"
		mkdir -p "$prefix" "$work"
		say "building into build/deps/$name_is"
		# No path of this machine in the objects, and sections small enough to be left out one by one.
		flags="-ffile-prefix-map=$work=/src -ffunction-sections -fdata-sections -fstack-protector-strong"
		cc=$host_cc
		link_flags=
		if [ "$1" != current-san ]; then
			flags="-O2 -fPIE -fno-asynchronous-unwind-tables -fno-unwind-tables $flags"
			cc=$place/parts/$(part_name musl)/bin/musl-gcc
			link_flags=-static
		else
			flags="-O1 -g -fno-omit-frame-pointer -fsanitize=address $flags"
		fi
		export TARGET_CC TARGET_TOOLS cc flags link_flags
		[ "$1" = current-san ] || one musl
		# Nettle's configure script uses one core, so two lanes.
		lane nettle jansson libyaml &
		one_lane=$!
		lane zstd libarchive libseccomp xz isa-l bzip2 &
		wait $! && wait "$one_lane" || exit 1
		rm -rf "$work"
		: >"$prefix/.complete"
	fi
	ln -sfn "$name_is" "$build/deps/$1"
}

# Two builds at once wait for each other, where flock(1) is there.
lock() {
	mkdir -p "$build/deps"
	# musl's compiler wrapper keeps the path, so it is not one by way of a link.
	place=$(cd "$build/deps" && pwd -P)
	exec 9>"$build/deps/.lock"
	! command -v flock >/dev/null || flock 9
}

# shellcheck source=SCRIPTDIR/fetch.sh
. "$deps/fetch.sh"
# shellcheck source=SCRIPTDIR/debian.sh
. "$deps/debian.sh"

case ${1:-} in
recipe)
	# shellcheck source=SCRIPTDIR/compile.sh
	. "$deps/compile.sh"
	# shellcheck source=/dev/null
	. "$deps/recipes/$2.sh"
	;;
hash) prefix_name "$2" ;;
build)
	lock
	build_flavour "$2"
	;;
fetch)
	lock
	fetch
	mkdir -p "$2"
	for name in $(names); do
		cp "$sources/$name-$(version_of "$name").tar" "$2/"
	done
	;;
*) die 'usage: deps/build.sh hash|build current|current-san|current-TARGET, or fetch DIR' ;;
esac
