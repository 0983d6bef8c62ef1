#!/bin/sh
# The first run of an image; then the power is cut.
. "$TESTS/lib.sh"

if [ "${live:-0}" = 1 ]; then
	sandbox run /disk/big.tar sh -c 'echo "first run: lives"; exec sleep 1000'
else
	sandbox run /disk/big.tar true && echo 'first run: returned'
fi
sleep 1000
