#!/bin/sh
# After the power cut: the image is right, or unpacked again.
. "$TESTS/lib.sh"

# list DIR: what is in it, with modes, and of files sizes, times, link targets and sums
list() {
	(
		cd "$1" || exit
		find . -type d -exec stat -c '%n %a' {} + | sort
		find . ! -type d -exec stat -c '%N %a %s %Y' {} + | sort
		find . -type f -exec sha256sum {} + | sort -k 2
	)
}
sandbox -q unpack /disk/big.tar /tmp/reference || echo 'cannot unpack'
list /tmp/reference >/tmp/wanted
before=$(stat -c %i "$STORE"/images/*/rootfs 2>/dev/null)
gives 'the next run' 0 200 sandbox run /disk/big.tar sh -c 'ls /data | wc -l'
if [ "$before" = "$(stat -c %i "$STORE"/images/*/rootfs)" ]; then
	echo 'image: kept'
else
	echo 'image: unpacked again'
fi
list "$STORE"/images/*/rootfs >/tmp/found
cmp /tmp/wanted /tmp/found
ok $? 'the image is what was packed' || tell "$(diff /tmp/wanted /tmp/found)"
[ "$(wc -l </tmp/wanted)" -gt 200 ]
ok $? '... of many files'
is "$(ls -A "$STORE/staging" | grep -v '^lock' | wc -l)" 0 'nothing half-made is left'
gives 'by its name, too' 0 ok sandbox run big:1 echo ok
done_testing
