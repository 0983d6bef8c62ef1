#!/bin/sh
# modes: outer
# Where ../shared is: the scripts of its folder cases-2, each a public report with an input of its own, run as an ordinary user.
# Each ends with 0: sandbox does right.  77 is right only for a script that wants what this machine has not.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

[ -d "${SHARED:-}/cases-2" ] || nothing_to_try '../shared/cases-2 is not beside the checkout'

# Root becomes a user with subordinate ids and a second group, which two of the scripts need; nobody else can.
as=
if [ "$(id -u)" = 0 ]; then
	chmod 755 .
	make_ranger sandbox-cases 2300000
	as="setpriv --reuid=sandbox-cases --regid=$(id -g sandbox-cases) --groups=$(id -g sandbox-cases),$(id -g "$TEST_USER")"
fi

# cannot_be_tried SCRIPT: on this machine, or by this user
cannot_be_tried() {
	case $1 in
	r65-* | r79-*) [ "$(uname -m)" != x86_64 ] ;;
	r87-*) [ -z "$as" ] ;;
	r89-*) [ "$($as id -G | wc -w)" = 1 ] ;;
	r91-*) ! $as unshare -Urm mount -t tmpfs t /mnt ;;
	*) [ ! -x "${BUSYBOX:-/bin/busybox}" ] ;;
	esac 2>/dev/null
}
# r85 is a job step, in which /tmp is the host's: what a run of this script has left there
clean_tmp() {
	[ -z "$as" ] || find /tmp -maxdepth 1 -name x \( -user sandbox-cases -o -nouser \) -delete
}
clean_tmp
for script in "$SHARED"/cases-2/*.sh; do
	name=$(basename "$script" .sh)
	mkdir -m 777 "$name"
	# shellcheck disable=SC2086 # words
	OUT=$($as env HOME="$WORK/$name" TMPDIR="$WORK/$name" SANDBOX="$(command -v sandbox)" W="$WORK/$name" timeout 300 sh "$script" 2>&1 </dev/null)
	RC=$?
	if [ $RC = 77 ] && cannot_be_tried "$name"; then
		tell "$name: $OUT"
	else
		is $RC 0 "$name" || tell "$OUT"
	fi
	# shellcheck disable=SC2086 # words
	$as chmod -R u+rwX "$name" 2>/dev/null
	rm -rf "$name"
done
clean_tmp
is "$(find "$SHARED/cases-2" -name 'r*' ! -name '*.sh' ! -name reports.tsv)" '' 'there is no other script'
done_testing
