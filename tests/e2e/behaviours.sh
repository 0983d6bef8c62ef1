#!/bin/sh
# The table of behaviours: what a flag or a field of the config means to a program inside (tests/behaviours.py).
# As the user all of it, in the other modes what depends on who calls.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"
exec python3 -B "$TESTS/behaviours.py" "$IMAGES"
