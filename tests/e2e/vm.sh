#!/bin/sh
# modes: outer
# Debian's kernels 5.10, 6.1 and 6.12 in qemu, 6.1 for arm64 too: the basics, limits by cgroups, power cuts, a store on NFS (tests/vm/run.py).
# VM=long for every boot on every kernel, and for 20 power cuts.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

long=
[ "${VM:-}" != long ] || long=--long
# The program says TAP on its own.
exec python3 -B "$TESTS/vm/run.py" --cache "${VM_CACHE:-$TESTS/../build/vm}" $long
