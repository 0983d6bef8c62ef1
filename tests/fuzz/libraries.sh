#!/bin/sh
# libraries: the pinned libraries once more, by clang, so that the fuzzer sees which of their lines an input reaches.
# Called by `make fuzz`; builds into build/deps/HASH-fuzz and lets build/deps/current-fuzz point at it.
# Needs the sources that deps/build.sh has fetched.  Touches build/ only.
set -eu
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")/../.."
top=$PWD
cc=${CLANG:-clang}
hash=$({
	cat deps/versions.tsv deps/*.sh deps/recipes/*.sh tests/fuzz/libraries.sh
	"$cc" --version
} | sha256sum | cut -c 1-16)
name=$hash-fuzz
prefix=$top/build/deps/$name
work=$top/build/work/$name

if [ ! -f "$prefix/.complete" ]; then
	echo "libraries: building into build/deps/$name" >&2
	rm -rf "$prefix" "$work"
	mkdir -p "$prefix/lib" "$prefix/include" "$work"
	for library in isa-l zstd xz bzip2 jansson libyaml libarchive libseccomp nettle; do
		flags='-O1 -g -fno-omit-frame-pointer -fsanitize=address,fuzzer-no-link'
		# Sums look the same for every input, and nettle's configure script wants plain flags.
		[ "$library" != nettle ] || flags='-O2 -g -fno-omit-frame-pointer'
		link_flags=
		export cc flags link_flags prefix
		mkdir "$work/$library"
		tar -xf build/sources/$library-[0-9]*.tar -C "$work/$library" --strip-components=1
		(cd "$work/$library" && exec sh "$top/deps/build.sh" recipe "$library") >"$work/$library.log" 2>&1 </dev/null || {
			tail -n 30 "$work/$library.log" >&2
			echo "libraries: $library does not build" >&2
			exit 1
		}
	done
	rm -rf "$work"
fi
: >"$prefix/.complete"
ln -sfn "$name" build/deps/current-fuzz
