#!/bin/sh
# modes: outer
# Every real image of the index runs or is refused as its expectation says; the tars that are no images unpack to what
# three other tools agree that they hold.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

[ -e "${SHARED:-}/images/INDEX.tsv" ] || skip_all 'the shared test images are not beside the checkout'

[ "$(id -u)" != 0 ] || chown "$TEST_USER" "$WORK"
python3 "$SHARED/cases/check_cases.py" "$SHARED/images" --work "$WORK/cases" --user "$TEST_USER" \
	--cmd 'sandbox --store {store} run {image} -- {args}' >log 2>&1
tail -n 1 log | sed 's/^/# /'
judge_rows "$WORK/cases/results-cmd.tsv"

# The index is walked, not only the expectations that were made from it.
tail -n +2 "$SHARED/images/INDEX.tsv" | cut -f 1,7 >index
while IFS='	' read -r file runnable; do
	grep -q -- "-$(echo "$file" | tr / _)	" "$WORK/cases/results-cmd.tsv" || echo "$file ($runnable)"
done <index >untried
is "$(cat untried)" '' 'the index names no image that was not tried'

tail -n +2 "$SHARED/images/listings/LISTINGS.tsv" >listings
while IFS='	' read -r file statuses _; do
	listing=$SHARED/images/listings/$(echo "$file" | tr / _).txt
	[ -e "$listing" ] || continue
	tree=$WORK/$(echo "$file" | tr / _)
	RC=0
	as_user timeout 60 sandbox --store "$WORK/store" unpack "$SHARED/images/$file" "$tree" >out 2>err || RC=$?
	case $RC:$statuses in
	0:*)
		is "$(python3 "$TESTS/listing.py" "$tree" "$listing" 2>&1)" '' "unpack $file"
		;;
	125:*:[!0]*)
		like "$(cat err)" '^sandbox: ' "unpack $file: refused, as another tool does"
		;;
	*)
		ok 1 "unpack $file"
		tell "status $RC: $(cat err)"
		;;
	esac
	chmod -R u+rwX "$tree" 2>/dev/null
	rm -rf "$tree"
done <listings
done_testing
