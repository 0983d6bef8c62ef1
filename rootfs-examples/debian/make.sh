#!/bin/sh
# Make an image of a minimal Debian.  Usage: make.sh OUT.tar
set -eu
[ $# = 1 ] || { echo "usage: $0 OUT.tar" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$here/../bootstrap.sh" "$work/rootfs.tar"
"$here/../pack.py" --rootfs "$work/rootfs.tar" --cmd '["bash"]' --tag debian:latest "$1"
