#!/bin/sh
# Make an image of one static C program.  Usage: make.sh OUT.tar
# The compiler is $CC_MUSL where that is set, else the musl-gcc that build.sh made.
set -eu
[ $# = 1 ] || { echo "usage: $0 OUT.tar" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
cc=${CC_MUSL:-$here/../../build/deps/current/bin/musl-gcc}
command -v "$cc" >/dev/null || { echo "$0: no compiler at $cc: run ./build.sh first, or set CC_MUSL" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/root"
"$cc" -static -Os -Wall -Wextra -Wl,--gc-sections,--build-id=none -s -o "$work/root/hello" "$here/hello.c"
chmod 755 "$work/root/hello"
"$here/../pack.py" --rootfs "$work/root" --entrypoint '["/hello"]' --tag hello:latest "$1"
