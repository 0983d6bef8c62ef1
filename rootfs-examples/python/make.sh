#!/bin/sh
# Make an image of a minimal Debian with Python.  Usage: make.sh OUT.tar
set -eu
[ $# = 1 ] || { echo "usage: $0 OUT.tar" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$here/../bootstrap.sh" "$work/rootfs.tar" python3
"$here/../pack.py" --rootfs "$work/rootfs.tar" --entrypoint '["python3"]' --cmd '[]' --env LANG=C.UTF-8 \
	--env PATH=/usr/local/bin:/usr/bin:/bin --compress gzip --tag python:latest "$1"
