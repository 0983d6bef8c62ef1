#!/bin/sh
# modes: user
# Killed at random moments: the store holds the image whole or not at all, and the next run cleans up.  KILLS=500 for more.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

python3 -B "$TESTS/hostile/medium.py" medium.tar || exit 1
# The program says TAP on its own.
python3 -B "$TESTS/fault/kill.py" medium.tar "${KILLS:-50}"
