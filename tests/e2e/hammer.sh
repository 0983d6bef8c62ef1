#!/bin/sh
# modes: user
# 20 processes use, name and remove the images of one store at random: all see whole images, or hear that they are gone.
# PAIRS=all: for a minute.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

case ${PAIRS:-} in
all) seconds=60 ;;
*) seconds=5 ;;
esac
gives "20 processes at once, for $seconds seconds" 0 '' sh "$TESTS/fault/hammer.sh" $seconds 20 "$IMAGES/docker.tar" store
done_testing
