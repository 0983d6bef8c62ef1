#!/bin/sh
# What an older kernel or a strict container lacks: each call that may be missing is made to fail, and nothing changes.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

deny=$HELPERS/deny
image=$IMAGES/docker.tar

# capture FUNCTION ARG...: as lib.sh's run, which takes programs only
capture() {
	RC=0
	OUT=$("$@" 2>.errors </dev/null) || RC=$?
	ERR=$(cat .errors)
}
sandbox run "$image" true
mkdir -p mnt/sub
echo text >mnt/file

# A bit of everything that is mounted, hidden or forbidden; the same lines are wanted whatever is missing.
probe='id -u; pwd; cat /m/file; touch /m/x 2>/dev/null || echo ro; touch /x && echo rw; cat /etc/hostname
	[ -c /dev/null ] && echo >/dev/null && echo null; ls -d /dev/pts/ptmx /dev/shm; ls /sys/firmware
	echo 1 2>/dev/null >/proc/sys/vm/swappiness || echo sysctl; readlink /proc/self; ls /proc/self/fd | wc -l'
run_probe() {
	"$@" sandbox run --hostname h -v "$WORK/mnt:/m:ro" -w /made/here "$image" sh -c "$probe"
}
want=$(run_probe env | sed 's/^[0-9]*$/N/')
like "$want" '^sysctl' 'the probe runs'

# compare NAME CALL=ERRNO...
compare() {
	name=$1
	shift
	capture run_probe "$deny" "$@" --
	is "$RC:$(printf '%s\n' "$OUT" | sed 's/^[0-9]*$/N/'):$ERR" "0:$want:" "$name"
}
newer='openat2 open_tree move_mount fsopen fsconfig fsmount mount_setattr close_range clone3 pidfd_open pidfd_send_signal
	landlock_create_ruleset landlock_add_rule landlock_restrict_self faccessat2 statx memfd_create renameat2 copy_file_range'
# all_as ERRNO: the words for deny
all_as() {
	for call in $newer; do
		printf '%s=%s ' "$call" "$1"
	done
}
for call in $newer keyctl; do
	compare "without $call" "$call=ENOSYS"
done
for call in $newer; do
	compare "with $call refused by an outer filter" "$call=EPERM"
done
# shellcheck disable=SC2046 # words
compare 'Linux 4.18: none of the newer calls' $(all_as ENOSYS)
# shellcheck disable=SC2046 # words
compare 'a filter older than all of them' $(all_as EPERM)

# For root, `exec` runs a copy of the program that nobody can write to, or does not run at all (SECURITY.md).  Linux 3.17 has it.
[ "$MODE" != root ] || newer=$(echo "$newer" | sed 's/memfd_create//')
# Everything else that is done with an image: the same lines, whatever is missing
all_of_it='set -e; export SANDBOX_STORE="$PWD/fresh"; sandbox load "$1"; sandbox tag test:1 other; sandbox images | wc -l
	sandbox run -d --name live test:1 sleep 1000 | wc -c; sandbox exec live sh -c "echo exec; ps | grep -c [s]leep"
	sandbox exec live ln -s /../../etc /tmp/link; sandbox cp tests.lib live:/tmp/link/../tmp/in; sandbox cp live:/tmp/in - | tar -xO | cmp - tests.lib
	sandbox cp live:/tmp/link/marker out; cat out; sandbox top live | wc -l; sandbox rename live lively; sandbox logs lively; sandbox rename lively live
	sandbox ps | wc -l; sandbox kill live >/dev/null; sandbox wait live 2>/dev/null || true; sandbox save -o saved.tar other; sandbox verify other
	sandbox run --writable w test:1 touch /kept; sandbox run --writable w test:1 ls /kept; sandbox writable | wc -l
	sandbox cp out w:/in; sandbox commit w made | cut -c 1-7; sandbox run made cat /in; sandbox unpack made tree2; sandbox rm made
	sandbox run --scratch . test:1 rm -r /home; sandbox run "$1#test:1" echo again; sandbox rm --writable w; sandbox rm other
	sandbox unpack "$1" tree; test -e tree/etc/marker && echo unpacked; sandbox gc >/dev/null; sandbox rm test:1; echo fresh/images/*'
everything() {
	rm -rf fresh tree tree2 saved.tar out
	cp "$TESTS/lib.sh" tests.lib
	capture "$@" sh -c "$all_of_it" sh "$image"
}
everything env
want_all=$RC:$OUT:$ERR
like "$want_all" '^0:|again' 'all verbs work'
for call in $newer; do
	everything "$deny" "$call=ENOSYS" --
	is "$RC:$OUT:$ERR" "$want_all" "all verbs without $call"
done
for code in ENOSYS EPERM; do
	# shellcheck disable=SC2046 # words
	everything "$deny" $(all_as $code) --
	is "$RC:$OUT:$ERR" "$want_all" "all verbs with none of them ($code)"
done
compare 'no key quota left' keyctl=EDQUOT

# ro holds for submounts, too, where the kernel has to be told one by one
submounts() {
	unshare -Urm sh -c 'mount -t tmpfs t mnt/sub && mkdir "mnt/sub/a b" && mount -t tmpfs t "mnt/sub/a b" &&
		exec "$@"' sh "$@" sandbox run -v "$WORK/mnt:/m:ro" "$image" \
		sh -c 'touch /m/x || touch /m/sub/x || touch "/m/sub/a b/x" || echo none' 2>/dev/null
}
if unshare -Urm true 2>/dev/null; then
	is "$(submounts env)" none 'no submount is writable'
	is "$(submounts "$deny" mount_setattr=ENOSYS --)" none '... without mount_setattr'
	is "$(submounts "$deny" mount_setattr=ENOSYS open_tree=ENOSYS move_mount=ENOSYS fsopen=ENOSYS --)" none \
		'... without any of the newer mount calls'
else
	skip 'submounts' 'no user namespaces for unshare(1) here'
fi

# What cannot be done without is one clear line
fails 'no user namespaces' 125 'user namespace' "$deny" unshare=EPERM -- sandbox run "$image" true
fails 'the limit of user namespaces' 125 'user namespace' "$deny" unshare=ENOSPC -- sandbox run "$image" true
fails 'a kernel without user namespaces' 125 'user namespace' "$deny" unshare=EINVAL -- sandbox run "$image" true
fails 'no mount is allowed' 125 'mount' "$deny" mount=EACCES -- sandbox run "$image" true

# No overlay: the kernel stacks two at most, so a third cannot be mounted
no_overlay() {
	mkdir -p o
	unshare -Urm sh -c 'mount -t tmpfs t o && mkdir o/1 o/2 o/u1 o/w1 o/u2 o/w2 &&
		mount -t overlay o -o "lowerdir=$1,upperdir=o/u1,workdir=o/w1,userxattr" o/1 &&
		mount -t overlay o -o lowerdir=o/1,upperdir=o/u2,workdir=o/w2,userxattr o/2 || exit 99
		[ ! -e /dev/fuse ] || mount --bind /dev/null /dev/fuse || exit 99
		shift; exec "$@"' sh "$@"
}
rootfs=$(echo "$STORE"/images/*/rootfs)
if no_overlay "$rootfs" true 2>/dev/null; then
	capture no_overlay "$rootfs" sandbox run -v "$WORK/mnt:/made/m:ro" -w /made/here o/2 sh -c "
		touch /x 2>/dev/null || echo read-only; touch /tmp/x && echo tmp; cat /made/m/file /etc/hostname >/dev/null &&
		echo mounts; pwd; ls /proc/self/fd >/dev/null && echo proc"
	is "$RC:$OUT" '0:read-only
tmp
mounts
/made/here
proc' 'without overlay: a read-only root with all its mounts'
	is "$(printf '%s\n' "$ERR" | grep -c 'overlay.*read-only')" 1 '... which is said once'
else
	skip 'without overlay' 'unshare(1) cannot stack overlays here'
fi

# An outer container with masked paths: no procfs of our own
masked() {
	unshare -Urmpf --mount-proc sh -c 'mount -t tmpfs t /proc/fs && mount --bind /dev/null /proc/keys && exec "$@"' sh "$@"
}
if masked true 2>/dev/null; then
	capture masked sandbox run "$image" sh -c 'test -d /proc/self && echo up'
	is "$RC:$OUT" 0:up 'inside a container with a masked /proc'
	like "$ERR" '/proc' '... which is said'
else
	skip 'masked /proc' 'unshare(1) cannot mask it here'
fi

done_testing
