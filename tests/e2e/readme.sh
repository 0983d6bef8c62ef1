#!/bin/sh
# Every block of commands in README.md runs as it stands, one after the other in one directory.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

readme=$TESTS/../README.md
ln -s "$TESTS/../rootfs-examples" rootfs-examples
awk '/^```sh$/ { inside = 1; n++; next } /^```/ { inside = 0 } inside { print >("block." n) }' "$readme"
n=1
while [ -e block.$n ]; do
	run sh -eu block.$n
	[ "$RC" = 0 ] && ! printf '%s\n' "$ERR" | grep -q '^sandbox: '
	ok $? "block $n: $(grep -m 1 sandbox block.$n || head -n 1 block.$n)" || tell "$(cat block.$n)
status $RC, output: $OUT, on standard error: $ERR"
	n=$((n + 1))
done
[ $n -gt 1 ]
ok $? 'README.md has blocks of commands'
done_testing
