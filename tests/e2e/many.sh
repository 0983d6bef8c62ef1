#!/bin/sh
# modes: outer
# Many first runs of one image at once unpack it once; those that wait go on when the one that unpacks is killed.
# $MANY says how many.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

many=${MANY:-200}
deny=$HELPERS/deny

# An image that takes a while: many files, and compressed as a whole
mkdir slow
tar -xf "$IMAGES/rootfs.tar" -C slow
python3 - slow <<-'EOF'
	import os, sys
	for d in range(40):
	    os.mkdir(f"{sys.argv[1]}/many{d}")
	    for i in range(100):
	        with open(f"{sys.argv[1]}/many{d}/{i}", "w") as f:
	            f.write(str(i))
EOF
tar -cf slow.tar -C slow .
gzip -c slow.tar >slow.tar.gz

# start N IMAGE [WRAPPER...]: N runs at once, to out.I and err.I
start() {
	n=$1 file=$2
	shift 2
	rm -f out.* err.*
	i=0
	while [ $i -lt "$n" ]; do
		"$@" sandbox run --verbose "$file" echo ran >out.$i 2>err.$i &
		i=$((i + 1))
	done
}
unpacked() {
	cat err.* | grep -c 'sandbox: unpacked'
}

# together NAME N IMAGE [WRAPPER...]
together() {
	name=$1
	shift
	rm -rf "$STORE"
	start "$@"
	wait
	is "$(cat out.* | sort | uniq -c | tr -s ' ')" " $1 ran" "$name: $1 first runs at once all run" || tell "$(cat err.*)"
	is "$(unpacked)" 1 "$name: it was unpacked once"
	is "$(ls "$STORE/images" | wc -l)" 1 "$name: there is one image"
	store_is_clean
	ok $? "$name: nothing is left in staging and runs" || tell "$(ls -A "$STORE/staging" "$STORE/runs")"
}
together 'a tarball' "$many" "$IMAGES/docker.tar"
together 'one that is compressed as a whole' "$((many / 4))" "$IMAGES/docker.tar.gz"
together 'a root file system' 20 slow.tar
together 'without locks' 20 slow.tar.gz "$deny" flock=ENOLCK --
together 'without the call' 20 "$IMAGES/docker.tar" "$deny" flock=ENOSYS --

# The one that unpacks is stopped half-way, so that the others wait; then it is killed
# killed NAME IMAGE [WRAPPER...]
killed() {
	name=$1 file=$2
	shift 2
	rm -rf "$STORE"
	rm -f out.* err.*
	"$@" sandbox run "$file" echo first >first 2>&1 &
	first=$!
	wait_for 30 sh -c "find '$STORE/staging' -name 'many*' 2>/dev/null | grep -q ."
	kill -STOP $first
	[ -z "$(ls -A "$STORE/images")" ]
	ok $? "$name: it is half-way"
	start 10 "$file" "$@"
	wait_for 60 sh -c '[ "$(cat err.* | grep -c "waiting for another process")" = 1 ]'
	ok $? "$name: the others wait, and one says so"
	is "$(cat out.*)" '' "$name: none of them runs"
	kill -KILL $first
	wait
	is "$(cat out.* | sort | uniq -c | tr -s ' ')" ' 10 ran' "$name: when it is killed they all run" || tell "$(cat err.*)"
	is "$(unpacked)" 1 "$name: one of them has unpacked it"
	gives "$name: the image is whole" 0 99 sandbox run "$file" cat /many39/99
	store_is_clean
	ok $? "$name: nothing is left" || tell "$(ls -A "$STORE/staging")"
}
killed 'with locks' slow.tar
killed 'compressed' slow.tar.gz
killed 'without locks' slow.tar "$deny" flock=ENOLCK --

# A waiting run can be ended
rm -rf "$STORE"
sandbox run slow.tar true &
first=$!
wait_for 30 sh -c "find '$STORE/staging' -name 'many*' 2>/dev/null | grep -q ."
kill -STOP $first
sandbox run slow.tar true 2>err &
second=$!
wait_for 30 grep -q waiting err
kill -TERM $second
wait $second
is $? 143 'a signal ends one that waits'
kill -CONT $first
wait $first
is $? 0 'and the other goes on'

# What is short is not told
sandbox run "$IMAGES/docker.tar" true
gives 'nobody waits for what is there' 0 ran sandbox run "$IMAGES/docker.tar" echo ran
done_testing
