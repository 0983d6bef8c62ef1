#!/bin/sh
# modes: user
# Ten times the images, live runs or hard links take ten times the system calls to list or remove, and a start takes no more.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

strace -f -o /dev/null true 2>/dev/null || skip_all 'strace is not there, or may not trace'
# The program says TAP on its own.
python3 -B "$TESTS/growth.py" "$IMAGES/docker.tar"
