#!/bin/sh
# A program that wants to get out tries what tests/guest.c lists, in every way of mapping ids.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

[ -x "$HELPERS/guest" ] || skip_all 'no build/tests/guest: make helpers'
image=$IMAGES/docker.tar
echo 'not for you' >"$WORK/secret"
cp "$HELPERS/guest" "$WORK/guest" # where every user may look
chmod 755 "$WORK/guest"

# table NAME EXPECTED OPTION...: one check for each attempt; EXPECTED is a regular expression of those that may succeed in this way
# of running, since what they reach is the sandbox's own
table() {
	title=$1 expected=$2
	shift 2
	# shellcheck disable=SC2086 # nothing, or one word
	run ${AS:-} sandbox run "$@" -v "$WORK/guest:/guest:ro" "$image" /guest "$WORK/secret"
	is "$RC" 0 "$title: the guest came to its end" || tell "$ERR"
	printf '%s\n' "$OUT" >"$WORK/verdicts"
	count=$(grep -c '^refused ' "$WORK/verdicts")
	[ "$count" -ge 120 ]
	ok $? "$title: $count attempts were refused"
	while read -r verdict what; do
		case $verdict in
		refused) ok 0 "$title: $what" ;;
		left-out) skip "$title: ${what%%: *}" "${what#*: }" ;;
		*)
			printf '%s\n' "$what" | grep -Eq "^($expected)"
			ok $? "$title: ${what%%: *}" || tell "it succeeded: $what"
			;;
		esac
	done <"$WORK/verdicts"
}

own_process_1='open /proc/1/|look at a descriptor of process 1|read the memory of process 1|read what process 1 executes'
table 'default' nothing
table 'user 1000' nothing -u 1000:1000
table '--keep-id' nothing --keep-id
table '--network none' 'a raw socket|a packet socket' --network none
table '--read-only' nothing --read-only --tmpfs /tmp
table '-t' 'write to /dev/pts/0' -t
table '--no-init' "$own_process_1" --no-init
# A range of ids takes a user who has one, and root to make that user.
if [ "$MODE" = root ]; then
	make_ranger sandbox-guest 3000000
	AS=./as_ranger
	table '--subuid' nothing --subuid
	AS=
fi

# A live sandbox: what joins it is confined in the same way, and what is there sees nothing more.
sandbox run --name guarded -v "$WORK/guest:/guest:ro" "$image" sleep 60 &
if wait_for 20 sandbox exec guarded true; then
	run sandbox exec guarded /guest "$WORK/secret"
	is "$(printf '%s\n' "$OUT" | grep -c '^SUCCEEDED')" 0 'exec: nothing succeeded' || tell "$(printf '%s\n' "$OUT" | grep '^SUCCEEDED')"
	[ "$(printf '%s\n' "$OUT" | grep -c '^refused')" -ge 120 ]
	ok $? 'exec: the attempts were refused' || tell "$OUT $ERR"
else
	skip 'exec' 'no live sandbox could be joined'
fi
sandbox kill -s KILL guarded >/dev/null 2>&1 || kill $!
wait

# The guest can tell: without the filter and with every capability it gets further, though not out.
run sandbox run --security-opt seccomp=unconfined --cap-add ALL -v "$WORK/guest:/guest:ro" "$image" /guest "$WORK/secret"
like "$OUT" '^SUCCEEDED unshare a mount namespace' 'unconfined: a namespace can be made'
like "$OUT" '^SUCCEEDED hold a far-reaching capability' 'unconfined: capabilities are held'
unlike "$OUT" '^SUCCEEDED (a file of the host|out by chroot|a descriptor|ptrace process 1|a node of|open /proc/1/(root|mem|exe|fd))' \
	'unconfined: the host is still out of reach'
done_testing
