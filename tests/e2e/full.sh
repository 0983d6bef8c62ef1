#!/bin/sh
# modes: user
# A disk that is full or read-only, and limits of the caller: what sandbox says, what it leaves behind, and what still works.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

unshare -Urm sh -c 'mkdir -p m && mount -t tmpfs none m' 2>/dev/null || skip_all 'unshare(1) cannot mount a tmpfs'

# on_disk SCRIPT: SCRIPT with a store on a small disk of its own, m.  In it, `fill blocks` and `fill inodes` leave none of them free.
on_disk() {
	cat >inside.sh <<-'END'
		mount -t tmpfs -o size=24m,nr_inodes=1200 none m || exit 99
		export SANDBOX_STORE=$PWD/m/store
		fill() {
			case $1 in
			blocks) dd if=/dev/zero of=m/fill bs=4096 2>/dev/null ;;
			inodes) mkdir m/fill; (cd m/fill; seq 2000 | xargs -n 100 touch 2>/dev/null) ;;
			esac
		}
		told() { echo "$? $(cat err)"; }
		eval "$1"
	END
	OUT=$(timeout 120 unshare -Urm sh inside.sh "$1" 2>&1)
}
load="for f in docker busybox; do sandbox load -q $IMAGES/\$f.tar >/dev/null || exit 98; done"

# All that frees space works where there is none.
for what in blocks inodes; do
	on_disk "$load
		fill $what
		sandbox rm test:1 2>err; told
		ls m/store/images | wc -l; ls -A m/store/staging
		rm -r m/fill; mkdir m/room && rmdir m/room && echo there is room
		fill $what
		sandbox gc --max-size 0 2>err >out; told
		ls m/store/images m/store/staging m/store/refs | grep -v :"
	is "$OUT" '0 
1
there is room
0 ' "no $what: rm and gc remove"
	on_disk "$load
		sandbox run --writable kept test:1 true || exit 97
		fill $what
		sandbox rm --writable kept 2>err; told
		ls -A m/store/writable; ls -A m/store/staging
		sandbox gc --older-than 1000d 2>err; told"
	is "$OUT" '0 
freed 0 B
0 ' "no $what: rm --writable, and gc without any --writable"
done

# What stays is told, with a status.
on_disk "$load
	echo 1111111111111111111111111111111111111111111111111111111111111111 >m/store/refs/lost:1
	mkdir m/store/staging/new-dead && touch -d '1 hour ago' m/store/staging/new-dead
	mount -o remount,bind,ro m
	sandbox rm test:1 2>err; told
	sandbox gc --max-size 0 2>err; told
	sandbox run test:1 echo still runs 2>err; told
	sandbox run -d --name x test:1 true 2>err; told
	sandbox run --writable x test:1 true 2>err; told
	sandbox tag test:1 other 2>err; told"
like "$OUT" '^125 sandbox: .*m/store: remove image [0-9a-f]{12}: Read-only file system$' 'read-only: rm says why'
like "$OUT" '^125 sandbox: not removed: new-dead: Read-only' '... gc names what stays: a leftover'
like "$OUT" '^sandbox: not removed: test:1 [0-9a-f]{12}: store .*: Read-only' '... an image'
like "$OUT" '^sandbox: not removed: lost:1: Read-only' '... a name'
like "$OUT" '^sandbox: gc: not all could be removed' '... and says so in the end'
like "$OUT" '^still runs$' '... an image runs'
like "$OUT" '^125 sandbox: .*m/store: runs/x@.*: Read-only file system' '... run -d says why not'
like "$OUT" '^125 sandbox: .*writable.*: Read-only file system' '... --writable too'
like "$OUT" '^125 sandbox: .*m/store: name .*other:latest: Read-only file system' '... and tag'

# A run in the background can be handled, or is refused, whenever the disk became full.
on_disk "$load
	sandbox run --writable kept test:1 sh -c 'echo written >/f'
	fill blocks
	sandbox verify test:1 >/dev/null 2>err || told
	sandbox run test:1 true 2>err || told
	sandbox run --writable kept test:1 cat /f 2>err || told
	sandbox run --writable new test:1 true 2>err && told; ls m/store/writable
	sandbox run -d --name late test:1 sleep 100 >out 2>err; told
	ls -A m/store/runs
	rm m/fill
	sandbox run -d --name early test:1 sh -c 'sleep 100; exit 7' >out 2>err || told
	fill blocks
	sandbox ps | grep -c early
	sandbox exec early echo inside 2>err || told
	sandbox stop -t 1 early 2>err || told
	sandbox wait early 2>err || told"
is "$(printf '%s\n' "$OUT" | tail -n 4)" '1
inside
early
143' 'full, after run -d: ps, exec, stop and wait'
like "$OUT" '^125 sandbox: .*m/store: runs/late@.*: No space left on device$' 'full, before run -d: it is refused'
is "$(printf '%s\n' "$OUT" | head -n 2)" 'written
kept' '... verify, run and --writable work, and a new --writable leaves nothing'
is "$(printf '%s\n' "$OUT" | wc -l)" 7 '... and leaves no entry'

# Standard output is full, or closed: every verb that writes to it says so, and no other place is to blame.
sandbox load "$IMAGES/docker.tar" >/dev/null
sandbox run -d --name live test:1 sh -c 'echo a line; exec sleep 100' >/dev/null
sandbox run --writable kept test:1 true
wait_for 20 sh -c 'sandbox logs live | grep -q line'
for to in '>/dev/full' '>&-'; do
	bad=
	while read -r words; do
		# shellcheck disable=SC2086 # words
		run sh -c "exec timeout 20 sandbox \"\$@\" $to" sh $words
		printf '%s\n' "$RC:$ERR" | grep -Eq '^(1|125):sandbox: .*standard output: .*(No space left on device|Bad file descriptor)$' &&
			[ "$(printf '%s\n' "$ERR" | wc -l)" = 1 ] || bad="$bad$words: $RC, $ERR; "
	done <<-END
		--version
		--help
		help
		help run
		images
		images --json
		ps
		inspect test:1
		inspect --json test:1
		inspect $IMAGES/oci.tar
		doctor
		doctor --json
		writable
		verify test:1
		gc
		gc --dry-run
		load $IMAGES/docker.tar
		save test:1
		save --output - test:1
		cp test:1:/bin/busybox -
		cp test:1:/etc -
		commit kept made
		run --help
		run --dry-run test:1 true
		run -d --name second test:1 true
		exec --help
		logs live
		top live
		stats
		stats --no-stream
		kill live
		wait live
	END
	is "$bad" '' "standard output $to: every verb fails in one line that names it"
	sandbox run -d --name live test:1 sh -c 'echo a line; exec sleep 100' >/dev/null
	wait_for 20 sh -c 'sandbox logs live | grep -q line'
done
sandbox kill live >/dev/null
sandbox rm --writable kept

# save --output
mkdir -p m
fails 'save to a full disk blames that disk' 125 'm/x: write: No space left on device$' unshare -Urm sh -c 'mount -t tmpfs -o size=1m none m && exec sandbox save -o m/x test:1'
fails 'save without a name' 125 'save: --output : No such file' sandbox save -o '' test:1
fails 'save into a folder that is not there' 125 'save: --output gone/x: No such file' sandbox save -o gone/x test:1
echo mine >kept.tar
chmod 444 kept.tar
fails 'save over a file that is read-only' 125 'save: --output kept.tar: Permission denied' sandbox save -o kept.tar test:1
chmod 644 kept.tar
ln -s kept.tar link
gives 'save over a link' 0 '' sandbox save -o link test:1
is "$(readlink link) $(tar -tf kept.tar | head -n 1)" 'kept.tar oci-layout' '... writes to what it leads to'

# ulimit -f
limited() {
	fails "ulimit -f: $1" 125 'File too large' sh -c 'ulimit -f 100; shift; exec "$@"' sh "$@"
}
for f in docker.tar.gz oci-gzip.tar oci-zstd.tar rootfs.tar rootfs.tar.gz rootfs.tar.xz; do
	limited "load of $f" sandbox --store "$WORK/small" load "$IMAGES/$f"
	limited "run of $f" sandbox --store "$WORK/small" run "$IMAGES/$f" true
	limited "unpack of $f" sandbox unpack "$IMAGES/$f" tree
done
fails 'ulimit -f: load of a pipe' 125 'File too large' sh -c "ulimit -f 100; cat $IMAGES/docker.tar | sandbox --store '$WORK/small' load -"
limited 'save' sandbox save -o saved.tar test:1
is "$(ls -A small/staging small/images; ls -A | grep -E '^(\.sandbox|tree|saved)')" 'small/images:

small/staging:' '... nothing is left'
like "$ERR" 'ulimit -f' '... and the limit is named'
# The limit is the command's, too: it ends as it would without sandbox.
gives 'ulimit -f: the command' 153 '' sh -c 'ulimit -f 1; exec sandbox run test:1 sh -c "exec dd if=/dev/zero of=/f bs=4096 2>/dev/null"'
gives '... which may ignore the signal' 1 '' sh -c 'trap "" XFSZ; ulimit -f 1; exec sandbox run test:1 sh -c "exec dd if=/dev/zero of=/f bs=4096 2>/dev/null"'

# ulimit -s
for n in 16 32 64; do
	for verb in "run $IMAGES/docker.tar true" "verify test:1" 'images'; do
		# shellcheck disable=SC2086 # words
		fails "ulimit -s $n: ${verb%% *}" 125 '`ulimit -s` allows too small a stack: 128 are needed' \
			sh -c "ulimit -s $n; exec \"\$@\"" sh sandbox $verb
	done
done
gives 'ulimit -s 128 is enough' 0 enough sh -c 'ulimit -s 128; exec "$@"' sh sandbox run test:1 echo enough

# ulimit -n: wherever the descriptors end
bad=
for n in 4 6 7 8 9 10 11 12 13 14 16 18 20 64; do
	for verb in "unpack $IMAGES/oci-zstd.tar tree" "--store few load $IMAGES/docker.tar.gz"; do
		# shellcheck disable=SC2086 # words
		run sh -c "ulimit -n $n; exec \"\$@\"" sh sandbox $verb
		left=$(ls -Ad .sandbox* few/staging/* 2>/dev/null)
		[ "$RC:$ERR:$left" = 0:: ] || [ "$RC:$(printf '%s\n' "$ERR" | grep -c 'sandbox: .*: No file descr'):$left" = 125:1: ] ||
			bad="$bad$n: $verb: $RC, $ERR, left: $left; "
		chmod -R u+w tree few 2>/dev/null
		rm -rf tree few
	done
done
is "$bad" '' 'ulimit -n 4 to 64: unpack and load work, or say that there are no more, and leave nothing'

# An image of the store, just unpacked: at every limit it runs, or one line says which limit is met; and the image stays.
limit() { # limit OPTION N WANT: of `ulimit`; WANT is what the hint says.  Through a pipe, which `ulimit -f` does not limit.
	out=$(prlimit "--$1=$2" sandbox --store limits run "$IMAGES/docker.tar" echo up 2>&1)
	RC=$?
	[ "$RC:$out" = 0:up ] || {
		[ "$RC:$(printf '%s\n' "$out" | grep -c '')" = 125:1 ] && printf '%s\n' "$out" | grep -q "^sandbox: .*ulimit .* allows $3"
	} || bad="$bad$1 $2: $RC $out; "
	left=$(ls -A limits/staging limits/runs | grep -v :)
	[ -z "$left" ] && sandbox --store limits run -q test:1 true || bad="$bad$1 $2: left: $left; "
}
sandbox --store limits load -q "$IMAGES/docker.tar" >/dev/null
bad=
for n in 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 22 24 26; do limit nofile $n "$n open files"; done
limit as 4000000 'bytes of address space'
for n in 16 100; do limit stack ${n}000 'too small'; done
limit fsize 0 '0 bytes in a file'
limit data 1000000 '1000000 bytes of data'
is "$bad" '' 'a limit that is met is named, in one line, and nothing is left or lost'
if [ "$(id -u)" != 0 ]; then # root may have more
	bad=
	limit nproc 1 '1 processes and threads of a user'
	is "$bad" '' '... of processes, too'
fi
done_testing
