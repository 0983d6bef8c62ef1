#!/bin/sh
# modes: user
# A store in each state in which it cannot be used, or only be read, and each verb: what works, and one line that names the store and the reason.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

good=$WORK/good
sandbox --store "$good" load "$IMAGES/docker.tar" >/dev/null
sandbox --store "$good" run --writable kept test:1 true

reads='images
images --json
ps
writable
inspect test:1
verify test:1
run test:1 true
run --writable kept test:1 true
save -o out test:1
unpack test:1 out
cp test:1:/etc out'
writes="rm test:1
rm --writable kept
tag test:1 other
commit kept made:1
run -d test:1 true
run --name called test:1 true
run --writable new test:1 true
load $IMAGES/config.tar
load --shared $IMAGES/config.tar"

# each STATE STORE VERBS WANT: all of them; WANT is + for success, else a pattern of the one line
each() {
	state=$1 store=$2 verbs=$3 want=$4 bad=
	while read -r words; do
		# shellcheck disable=SC2086 # words
		run timeout 60 sandbox --store "$store" $words
		case $want in
		+) [ "$RC:$ERR" = 0: ] || bad="$bad$words: $RC, $ERR; " ;;
		*) [ "$RC:$OUT:$(printf '%s\n' "$ERR" | wc -l)" = 125::1 ] && printf '%s\n' "$ERR" | grep -Eq -- "$want" || bad="$bad$words: $RC, $OUT, $ERR; " ;;
		esac
		chmod -R u+w out 2>/dev/null
		rm -rf out
	done <<-EOF
		$verbs
	EOF
	is "$bad" '' "$state"
}
all="$reads
$writes
gc"

: >file
each 'a file' "$WORK/file" "$all" "^sandbox: store: $WORK/file: Not a directory .choose a place with --store"
mkdir -m 0 closed
each 'a closed folder' "$WORK/closed" "$all" "^sandbox: store: $WORK/closed: Permission denied .choose a place with --store"
each 'the folder of another user' /usr "$all" '^sandbox: store: /usr: belongs to another user .uid 0. .*choose a place of your own with --store'
each 'what cannot be made' /proc/none/store "$all" '^sandbox: (--store|store:.*) /proc/none/store: No such file or directory'
each 'what may not be made' /usr/none "$all" '^sandbox: (--store /usr/none: No such file|store:.* /usr/none: Permission denied .choose a place with --store)'
mkdir part
: >part/refs
each 'a part is no folder' "$WORK/part" "$all" "^sandbox: store: $WORK/part/refs: Not a directory .choose a place with --store"

# One that can be read.  Its folders belong to the caller, but may not be written to.
cp -a good shut
find shut -maxdepth 1 -type d -exec chmod 555 {} +
chmod 555 shut/writable/kept
each 'read-only folders: what reads' "$WORK/shut" "$(printf '%s\n' "$reads" | grep -v kept)" +
each 'read-only folders: what writes' "$WORK/shut" "$writes" "^sandbox: .*$WORK/shut.*: Permission denied"
each 'read-only folders: load' "$WORK/shut" "load $IMAGES/config.tar" 'Permission denied .choose another place with --store.$'
gives 'read-only folders: gc' 0 'freed 0 B' sandbox --store "$WORK/shut" gc
chmod -R u+w shut

# An empty one
mkdir new
each 'an empty store' "$WORK/new" "$(printf '%s\n' "$reads" | head -n 4)" +
for words in 'rm test:1' 'tag test:1 other' 'inspect test:1' 'run test:1 true' 'save test:1' 'unpack test:1 out' 'verify test:1' 'rm --writable kept'; do
	each "an empty store: $words" "$WORK/new" "$words" "^sandbox: .*(test:1|kept): .*(store|those in) $WORK/new( keeps none|[: )]|\$)"
done

# A read-only mount
cat >mounted <<-'END2'
	mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && exec sh "$2"
END2
if unshare -Urm sh mounted "$good" /dev/null 2>/dev/null; then
	cat >script <<-END2
		while read -r words; do
			sandbox --store "$good" \$words >got 2>err </dev/null
			echo "\$? \$(wc -l <err) \$words: \$(cat err)"
			chmod -R u+w out 2>/dev/null; rm -rf out
		done
	END2
	printf '%s\n' "$reads" | grep -v kept >words
	OUT=$(unshare -Urm sh mounted "$good" script <words)
	is "$(printf '%s\n' "$OUT" | grep -v '^0 0 ')" '' 'a read-only mount: what reads'
	printf '%s\n' "$writes" >words
	OUT=$(unshare -Urm sh mounted "$good" script <words)
	is "$(printf '%s\n' "$OUT" | grep -Ev "^125 1 .*: sandbox: .*$good.*: Read-only file system")" '' 'a read-only mount: what writes'
else
	skip 'a read-only mount' 'unshare(1) cannot mount'
fi
done_testing
