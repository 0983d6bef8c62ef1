#!/bin/sh
# modes: user
# Runs that are killed at random moments, and many at once: no process, mount or file is left.  RUNS=1000 for more.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

# The program says TAP on its own.
python3 -B "$TESTS/fault/runs.py" "$IMAGES/docker.tar" "${RUNS:-80}"
