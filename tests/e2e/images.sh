#!/bin/sh
# modes: outer
# Where ../shared is: every real image of its index runs or is refused as its expectation says; the tars that are no images unpack
# to what three other tools agree that they hold.  Images and tars of the same kinds, made in the tree, are in cases.sh and dialects.sh.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

[ -e "${SHARED:-}/images/INDEX.tsv" ] || nothing_to_try '../shared/images is not beside the checkout'

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
for name in file1 file2 file3 file4; do
	echo "f $name 0 d41d8cd98f00b204e9800998ecf8427e nlink=1"
done >docker-reads
while IFS='	' read -r file statuses _; do
	listing=$SHARED/images/listings/$(echo "$file" | tr / _).txt
	[ -e "$listing" ] || continue
	tree=$WORK/$(echo "$file" | tr / _)
	RC=0
	as_user timeout 180 sandbox --store "$WORK/store" unpack "$SHARED/images/$file" "$tree" >out 2>err || RC=$?
	# A path in a global pax header is for every entry by the letter, and GNU tar does so; Docker's reader and libarchive do not.
	[ "$file" != go-archive-tar/pax-global-records.tar ] || listing=$WORK/docker-reads
	case $RC:$statuses:$file in
	0:*:-*:*)
		# the listing's tools were ended by a limit; GNU tar reads the headers
		is "$(find "$tree" -type f -printf '%s %P\n')" "$(tar -tvf "$SHARED/images/$file" 2>/dev/null | awk '{ print $3, $6 }')" "unpack $file"
		;;
	0:*)
		devices=$(tar -tvf "$SHARED/images/$file" 2>/dev/null | awk '/^[bc]/ { print $6 }')
		# shellcheck disable=SC2086 # a list
		is "$(python3 "$TESTS/listing.py" "$tree" "$listing" $devices 2>&1)" '' "unpack $file"
		;;
	125:*.tar.Z)
		like "$(cat err)" '^sandbox: .*compress' "unpack $file: its compression is not among those that are read"
		;;
	125:*:[-1-9]*)
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
