#!/bin/sh
# Run one test for prove.  Usage: launch.sh MODE/TEST, a link that run.sh made below $STAGE/t
# Keeps what the test said in $STAGE/tap/MODE.TEST, and turns a skip into a failure where CI does not allow it.
# Touches $STAGE only.
set -u
test=$STAGE/t/$1
mode=$(dirname "$1")
name=$(basename "$test" .sh)
work=$STAGE/work/$mode.$name
tap=$STAGE/tap/$mode.$name
mkdir -p "$work/home"
[ "$mode" = root ] || [ "$(id -u)" != 0 ] || chown -R "$TEST_USER:" "$work"

drop=
if [ "$mode" != root ] && [ "$(id -u)" = 0 ]; then
	drop="setpriv --reuid=$TEST_USER --regid=$(id -g "$TEST_USER") --init-groups"
fi
[ "$mode" != nested ] || drop="$drop unshare -Ur"
case $test in
*.sh) interpreter='sh' ;;
*) interpreter= ;;
esac

# shellcheck disable=SC2086 # the two are lists of words
(cd "$work" && exec timeout -k 10 "${TEST_TIMEOUT:-1800}" $drop env -i PATH="$STAGE/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
	HOME="$work/home" TMPDIR="$work" WORK="$work" LANG=C.UTF-8 MODE="$mode" TEST_USER="$TEST_USER" \
	TOP="$TOP" STAGE="$STAGE" TESTS="$STAGE/tests" IMAGES="$STAGE/images" HELPERS="$STAGE/helpers" SHARED="$SHARED" \
	CI="${CI:-}" FUZZERS="$STAGE/fuzz" FUZZ_SECONDS="${FUZZ_SECONDS:-}" VM="${VM:-}" VM_CACHE="$VM_CACHE" \
	KILLS="${KILLS:-}" RUNS="${RUNS:-}" DIFF_COUNT="${DIFF_COUNT:-}" DIFF_SEED="${DIFF_SEED:-}" FAULT="${FAULT:-}" PAIRS="${PAIRS:-}" HOSTILE="${HOSTILE:-}" \
	$interpreter "$test") >"$tap.raw" </dev/null
status=$?
# What the test and all that it waited for took of the processors, as `times` says it of children: user and system.
times >"$STAGE/times/$mode.$name"

awk -v ci="${CI:-}" -v allowed="$ALLOWED_SKIPS" '
	# A skip whose reason starts with none of the allowed ones means that the machine was not set up as it should be.
	function forbidden(line,    reason, n, list, i) {
		if (ci != "true" || !match(line, /# SKIP /))
			return 0
		reason = substr(line, RSTART + RLENGTH)
		n = split(allowed, list, "\n")
		for (i = 1; i <= n; i++)
			if (list[i] != "" && index(reason, list[i]) == 1)
				return 0
		return 1
	}
	forbidden($0) && /^1\.\.0/ { sub(/^1\.\.0 # SKIP/, "not ok 1 - not to be skipped in CI:"); print; print "1..1"; next }
	forbidden($0) { sub(/# SKIP/, "(not to be skipped in CI)"); print "not " $0; next }
	{ print }
' "$tap.raw" >"$tap"
[ "$status" != 124 ] || echo "# ended after ${TEST_TIMEOUT:-1800} seconds" >>"$tap"
cat "$tap"
rm "$tap.raw"
chmod -R u+rwX "$work" 2>/dev/null
rm -rf "$work"
exit "$status"
