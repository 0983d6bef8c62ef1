#!/bin/sh
# A run on one host of the matrix, $HOST: hosts/HOST.sh says what it looks like.  The first run, a second one, what is inside, and
# nobody gets out.
. "$TESTS/lib.sh"

image=/images/docker.tar
modules='' memory='' refused='' store='' no_limits='' escapes=''
. "/tests/vm/hosts/$HOST.sh"
[ "$MODE" = user ] || refused=

# on COMMAND...: there, as $MODE; what basics.sh looks at is left out
on() {
	run unshare -m sh /tests/vm/on.sh "$HOST" "$MODE" "$@"
	ERR=$(printf '%s\n' "$ERR" | grep -Ev '^sandbox: (no overlay file system here|writes go to memory, where this kernel)')
}

if [ -n "$refused" ]; then
	on /sandbox run "$image" true
	is "$RC:$(printf '%s\n' "$ERR" | grep -c '^sandbox: ')" 125:1 'it cannot be, which is said in one line'
	like "$ERR" "$refused" '... that tells why'
	done_testing
fi

# what follows `run` on the hosts whose place for the store has to be named
named=${store:+--store $store}
note='^sandbox: store: .*: unpacking the image to memory, for this run only'
probe='id -u; cat /etc/marker; [ -c /dev/null ] && echo null; echo >/tmp/new && echo tmp; ls -d /images /sandbox 2>/dev/null
	[ $(ls -d /proc/[0-9]* | wc -l) -lt 8 ] && echo proc; mount -t tmpfs x /tmp 2>/dev/null || echo refused
	[ $(grep -c . /proc/self/mountinfo) -lt 60 ] && ls /sys/fs/x 2>/dev/null; exit 7'
want='0
second layer
null
tmp
proc
refused'

# shellcheck disable=SC2086 # two words
on /sandbox run $named "$image" sh -c "$probe"
is "$RC:$OUT" "7:$want" 'the first run' || tell "$ERR"
if [ -n "$memory" ]; then
	like "$ERR" "$note" '... says that its image is in memory'
	is "$(printf '%s\n' "$ERR" | grep -Ev "$note")" '' '... and nothing else'
else
	is "$ERR" '' '... says nothing'
fi
if [ -n "$escapes" ]; then
	# shellcheck disable=SC2086 # two words
	on /sandbox run -q $named -v /helpers/guest:/guest:ro "$image" /guest /images/docker.tar
	is "$RC:$(printf '%s\n' "$OUT" | grep '^SUCCEEDED')" 0: 'nobody gets out' || tell "$ERR"
	[ "$(printf '%s\n' "$OUT" | grep -c '^refused')" -ge 120 ]
	ok $? '... who tried it in 120 ways' || tell "$OUT $ERR"
fi
if [ -n "$no_limits" ]; then
	on /sandbox run --memory 16m "$image" true
	like "$RC:$ERR" '^125:sandbox: .*cgroup' 'a limit that cannot be is refused'
fi
# One that writes an image to the disk dies with its run, as soon as the disk lets it.
wait_for 10 sh -c '! ps -o comm | grep "^sandbox$"'
ok $? 'no process is left'
done_testing
