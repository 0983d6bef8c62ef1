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
for call in openat2 open_tree move_mount fsopen fsmount mount_setattr close_range keyctl; do
	compare "without $call" $call=ENOSYS
done
for call in openat2 open_tree move_mount fsopen mount_setattr close_range; do
	compare "with $call refused by an outer filter" $call=EPERM
done
compare 'Linux 4.18: none of the newer calls' openat2=ENOSYS open_tree=ENOSYS move_mount=ENOSYS fsopen=ENOSYS \
	fsconfig=ENOSYS fsmount=ENOSYS mount_setattr=ENOSYS close_range=ENOSYS
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
