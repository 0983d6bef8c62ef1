#!/bin/sh
# Make every example image below $STAGE/examples, each with a NAME.status beside it when it is done.
# Usage: make_examples.sh BUILD; started in the background by run.sh, waited for by e2e/examples.sh
# Where BUILD/test-examples has the images of unchanged scripts, those are taken.
# Touches $STAGE/examples and BUILD/test-examples.
set -u
from=$STAGE/rootfs-examples
kept=$1/test-examples
sum=$(cd "$from" && find . -type f ! -name '*.md' | sort | xargs sha256sum | sha256sum | cut -d' ' -f1)
: "${CC_MUSL:=$1/deps/current/bin/musl-gcc}"
export CC_MUSL

if [ "$(cat "$kept/sum" 2>/dev/null)" = "$sum" ]; then
	cp "$kept"/*.tar "$kept"/*.status "$STAGE/examples/"
	exit 0
fi

# make_one NAME COMMAND...: the command gets the name of the image
make_one() {
	name=$1
	shift
	if "$@" "$STAGE/examples/$name.tar" >"$STAGE/examples/$name.log" 2>&1; then
		echo 0 >"$STAGE/examples/$name.status"
	else
		echo 1 >"$STAGE/examples/$name.status"
	fi
}

# As the user who has no subordinate ids, the hardest case, where there is one besides root.
as_test_user() {
	if [ "$(id -u)" = 0 ]; then
		mkdir -p "$STAGE/examples/home"
		chown "$TEST_USER:" "$STAGE/examples/home"
		setpriv --reuid="$TEST_USER" --regid="$(id -g "$TEST_USER")" --init-groups env HOME="$STAGE/examples/home" \
			TMPDIR="$STAGE/examples/home" "$@"
	else
		"$@"
	fi
}

make_one hello "$from/hello/make.sh"
make_one busybox as_test_user "$from/busybox/make.sh"
make_one debian as_test_user "$from/debian/make.sh" &
make_one python "$from/python/make.sh" &
wait

# Only a whole set is kept.
if ! grep -qv '^0$' "$STAGE"/examples/*.status; then
	rm -rf "$kept"
	mkdir -p "$kept"
	cp "$STAGE"/examples/*.tar "$STAGE"/examples/*.status "$kept/"
	echo "$sum" >"$kept/sum"
fi
