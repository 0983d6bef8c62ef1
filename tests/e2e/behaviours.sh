#!/bin/sh
# The table of behaviours: what a flag or a field of the config means to a program inside (tests/behaviours.py).
. "${TESTS:-$(dirname "$0")/..}/lib.sh"
exec python3 -B "$TESTS/behaviours.py" "$IMAGES"
