#!/bin/sh
# modes: outer
# The odd and hostile images that have broken other tools give the right answers.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

[ -e "${SHARED:-}/cases/make_cases.py" ] || skip_all 'the shared cases are not beside the checkout'

[ "$(id -u)" != 0 ] || chown "$TEST_USER" "$WORK"
as_user python3 "$SHARED/cases/make_cases.py" "$WORK/made" >log 2>&1
ok $? 'the cases are made' || tell "$(cat log)"
python3 "$SHARED/cases/check_cases.py" "$WORK/made" --work "$WORK/cases" --user "$TEST_USER" \
	--cmd 'sandbox --store {store} run {image} -- {args}' >log 2>&1
tail -n 1 log | sed 's/^/# /'
judge_rows "$WORK/cases/results-cmd.tsv"
done_testing
