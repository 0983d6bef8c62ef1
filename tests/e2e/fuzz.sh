#!/bin/sh
# modes: user
# The fuzz targets find nothing in the time they are given: FUZZ_SECONDS each, 60 in CI, else 5.
# Needs build/fuzz, which `make fuzz` makes.  A longer run: tests/fuzz/run.sh.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

: "${FUZZERS:=$TESTS/../build/fuzz}"
: "${FUZZ_SECONDS:=$([ "${CI:-}" = true ] && echo 60 || echo 5)}"
export FUZZERS
[ -n "$(find "$FUZZERS" -maxdepth 1 -type f -perm -100 2>/dev/null)" ] || skip_all 'no fuzz targets: make fuzz'

FUZZ_FINDS=$WORK/finds sh "$TESTS/fuzz/run.sh" "$FUZZ_SECONDS" >"$WORK/told" 2>"$WORK/err"
status=$?
while IFS= read -r line; do
	case $line in
	*': nothing found: '*) ok 0 "$line" ;;
	*': found: '*) ok 1 "$line" || { tell "the input, for base64 -d | gunzip, and what was said:"
		name=${line%%:*}
		for input in "$WORK/finds/$name".*; do
			case $input in *.log) tail -n 40 "$input" ;; *) gzip -9c "$input" | base64 -w 120 ;; esac
		done | sed 's/^/# /'; } ;;
	esac
done <"$WORK/told"
[ "$tests" -gt 0 ] && { [ "$status" = 0 ] || [ "$failures" -gt 0 ]; }
ok $? 'the targets ran' || tell "status $status: $(cat "$WORK/err")"
done_testing
