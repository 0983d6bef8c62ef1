#!/bin/sh
# modes: root user
# Hostile images: nothing outside the store changes, the error is one line that names the entry, and nothing is left.
# HOSTILE=all runs each image in every way (unpack, run, with the store and the directory behind symlinks) and the big ones.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

# What the images aim at: files and directories whose content, modes, times and links are compared.
mkdir canary
cd canary || exit 1
echo TOP-SECRET >secret
ln secret second
ln -s secret link
mkfifo fifo
mkdir dir
echo inner >dir/inner
echo odd >odd
chmod 604 odd
touch -d '2001-09-09 01:46:40.123456789 UTC' odd dir
chmod 777 . dir
cd .. || exit 1

case ${HOSTILE:-}$MODE in
all*) ways='unpack run unpack@ run@' ;;
*root) ways='run unpack@' ;;
*) ways='unpack run@' ;;
esac
python3 -B "$TESTS/hostile/make.py" images "$WORK/canary" || exit 1
set -- images
if [ "${HOSTILE:-}" = all ]; then
	python3 -B "$TESTS/hostile/make.py" big "$WORK/canary" --big || exit 1
	set -- images big
fi
# The judge says TAP on its own.
# shellcheck disable=SC2086 # the ways are a list of words
python3 -B "$TESTS/hostile/judge.py" "$WORK/canary" $ways "$@"
