#!/bin/sh
# modes: outer
# Odd images of each kind that has broken other tools, and images as each tool writes them, give the right answers (tests/cases/make.py).
# Where ../shared is, its cases too; as root, since some of those want a file system mounted.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

[ "$(id -u)" != 0 ] || chown "$TEST_USER" "$WORK"
as_user python3 -B "$TESTS/cases/make.py" "$WORK/own" "$IMAGES/rootfs.tar" >log 2>&1 &&
	as_user python3 -B "$TESTS/cases/judge.py" "$WORK/own" "$WORK/results" >>log 2>&1
judge_rows "$WORK/results"

if [ -e "${SHARED:-}/cases/make_cases.py" ]; then
	as_user python3 "$SHARED/cases/make_cases.py" "$WORK/made" >log 2>&1
	ok $? 'the shared cases are made' || tell "$(cat log)"
	python3 "$SHARED/cases/check_cases.py" "$WORK/made" --work "$WORK/cases" --user "$TEST_USER" \
		--cmd 'sandbox --store {store} run {image} -- {args}' >log 2>&1
	tail -n 1 log | sed 's/^/# /'
	judge_rows "$WORK/cases/results-cmd.tsv"
fi
done_testing
