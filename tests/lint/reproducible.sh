#!/bin/sh
# reproducible: two copies of the tree, in folders of different names, build to the same bytes, libraries included.
# Called by `make reproducible`; takes as long as two builds from nothing.  LIBRARIES=keep shares those of this tree.
set -eu
cd "$(dirname "$0")/../.."
here=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

for name in first second/with/a/longer/name; do
	copy=$scratch/$name
	mkdir -p "$copy/build"
	tar -C "$here" -cf - --exclude=./build --exclude=./.git . | tar -C "$copy" -xf -
	cp -R "$here/build/sources" "$copy/build/"
	if [ "${LIBRARIES:-}" = keep ]; then
		ln -s "$here/build/deps" "$copy/build/deps"
	fi
	(cd "$copy" && ./build.sh) >"$scratch/log" 2>&1 || {
		cat "$scratch/log" >&2
		exit 1
	}
	sha256sum <"$copy/build/sandbox"
done >"$scratch/sums"
if [ "$(sort -u "$scratch/sums" | wc -l)" != 1 ]; then
	echo 'reproducible: two builds differ' >&2
	cat "$scratch/sums" >&2
	exit 1
fi
echo "reproducible: twice $(head -n 1 "$scratch/sums" | cut -d ' ' -f 1)"
