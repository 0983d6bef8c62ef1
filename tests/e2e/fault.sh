#!/bin/sh
# modes: user
# System calls fail one after the other: no crash, no hang, one line, and nothing that a later run would take for an image.
# FAULT=all tries every call, more kinds of them and more errors; it takes an hour.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

command -v strace >/dev/null || skip_all 'strace is not installed'
python3 -B "$TESTS/fault/small.py" small.tar || exit 1
case ${FAULT:-} in
all) set -- --all ;;
*) set -- --step 3 ;;
esac
# The program says TAP on its own.
python3 -B "$TESTS/fault/inject.py" small.tar "$@"
