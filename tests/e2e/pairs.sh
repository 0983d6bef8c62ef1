#!/bin/sh
# modes: user
# Two or three processes in one store: one is stopped at each of its system calls while the others go on.
# PAIRS=all stops at every call; it takes half an hour.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

command -v strace >/dev/null || skip_all 'strace is not installed'
case ${PAIRS:-} in
all) step=1 ;;
*) step=40 ;;
esac
# The program says TAP on its own.
python3 -B "$TESTS/fault/pairs.py" "$IMAGES/docker.tar" --step $step
