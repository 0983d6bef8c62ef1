#!/bin/sh
# Odd and hardened hosts: no user namespaces in each of the ways that there are, no terminals, no cgroups, stores on other file
# systems, sandbox inside sandbox.  What works goes on working; what cannot is one line that says what an administrator would change.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside

deny=$HELPERS/deny
image=$IMAGES/docker.tar
sandbox load "$image" >/dev/null

# No user namespaces.  The sysctls that are not there are faked: files of these names in place of /proc/sys/kernel.
refused() { # refused NAME REGEX COMMAND...: what the one line says, hint included
	name=$1 regex=$2
	shift 2
	run "$@"
	[ "$RC" = 125 ] && [ -z "$OUT" ] && [ "$(printf '%s\n' "$ERR" | wc -l)" = 1 ] && printf '%s\n' "$ERR" | grep -Eq -- "$regex"
	ok $? "$name" || tell "got: status $RC, output: $OUT, on standard error: $ERR
want: 125, one line that matches $regex"
}
cat >own <<'EOF'
#!/bin/sh
setting=$1
shift
exec unshare -Urm sh -c '
	case $1 in
	kernel/*)
		boot=$(cat /proc/sys/kernel/random/boot_id)
		mount -t tmpfs t /proc/sys/kernel && mkdir /proc/sys/kernel/random && echo "$boot" >/proc/sys/kernel/random/boot_id
		name=${1#kernel/} && echo "${name#*=}" >"/proc/sys/kernel/${name%%=*}" ;;
	user/*) name=${1#user/} && echo "${name#*=}" >"/proc/sys/user/${name%%=*}" ;;
	none) ;;
	esac || exit 99
	shift
	exec "$@"' sh "$setting" "$@"
EOF
chmod 755 own
if ./own none true 2>/dev/null; then
	refused 'user.max_user_namespaces=0' 'create a user namespace: No space left.*sysctl user.max_user_namespaces=' \
		./own user/max_user_namespaces=0 sandbox run test:1 true
	refused 'kernel.unprivileged_userns_clone=0' 'create a user namespace: Operation not permitted.*sysctl kernel.unprivileged_userns_clone=1' \
		./own kernel/unprivileged_userns_clone=0 "$deny" unshare=EPERM -- sandbox run test:1 true
	refused 'AppArmor, which refuses them' 'create a user namespace: Permission denied.*apparmor_restrict_unprivileged_userns=0' \
		./own kernel/apparmor_restrict_unprivileged_userns=1 "$deny" unshare=EACCES -- sandbox run test:1 true
else
	skip 'sysctls' 'unshare(1) cannot make a user namespace here'
fi
refused 'the filter of an outer container' 'create a user namespace: Operation not permitted.*inside another container its filter' \
	"$deny" unshare=EPERM -- sandbox run test:1 true
refused 'AppArmor, which lets them have no capabilities' 'private: Permission denied.*kernel.apparmor_restrict_unprivileged_userns' \
	"$deny" mount=EACCES -- sandbox run test:1 true
# O_WRONLY | O_CLOEXEC (and O_LARGEFILE of the C library): what the maps are opened with
for code in EPERM EACCES; do
	refused "... nor maps ($code)" 'set up the user namespace: .*/proc/self/.*apparmor_restrict_unprivileged_userns' \
		"$deny" openat/2/0x80001=$code openat/2/0x88001=$code -- sandbox run -q test:1 true
done
refused 'a kernel without them' 'create a user namespace: Invalid argument.*CONFIG_USER_NS' "$deny" unshare=EINVAL -- sandbox run test:1 true
refused 'no filters' 'load the seccomp filter: Function not implemented.*CONFIG_SECCOMP_FILTER' "$deny" seccomp=ENOSYS -- sandbox run test:1 true

# No devpts, and no overlay either: the flags of both are refused
run "$deny" fsconfig/1/0=EINVAL -- sandbox run --read-only test:1 sh -c 'ls /dev/pts | wc -l; echo >/dev/null && echo null'
is "$RC:$(echo "$OUT" | paste -sd' ')" '0:0 null' 'without devpts'
like "$ERR" '^sandbox: programs inside cannot open terminals: /dev/pts: mount devpts' '... which is said'
refused '... but not with a terminal' '/dev/pts: mount devpts' "$deny" fsconfig/1/0=EINVAL -- sandbox run -t --read-only test:1 true
run "$deny" fsconfig/1/0=EINVAL -- sandbox run --writable-copy test:1 sh -c 'echo copy >/bin/new && cat /bin/new'
is "$RC:$OUT" 0:copy '... nor overlay: --writable-copy'
unlike "$(ls -A "$STORE")" scratch '... is gone'

# No /sys at all, no cgroups
if ./own none true 2>/dev/null; then
	run ./own none sh -c 'mount -t tmpfs t /sys && exec sandbox run test:1 sh -c "ls /sys | wc -l; echo up"'
	is "$RC:$(echo "$OUT" | paste -sd' ')" '0:0 up' 'an empty /sys'
	run ./own none sh -c 'mount -t tmpfs t /sys/fs/cgroup && exec sandbox run test:1 echo up'
	is "$RC:$OUT:$ERR" 0:up: 'no cgroups'
	fails '... with a limit' 125 'cgroup' ./own none sh -c 'mount -t tmpfs t /sys/fs/cgroup && exec sandbox run --memory 1g test:1 echo up'
fi
if [ "$MODE" = root ]; then
	run unshare -m sh -c 'umount -l /sys/fs/cgroup 2>/dev/null; mkdir v1; mount -t cgroup -o none,name=sandbox-test c v1 && exec sandbox run test:1 echo up'
	if grep -q '^0::' /proc/self/cgroup && [ "$RC" = 32 ]; then
		skip 'cgroup version 1 only' 'this kernel has no cgroup version 1'
	else
		is "$RC:$OUT:$ERR" 0:up: 'cgroup version 1 only'
		fails '... with a limit' 125 'cgroup' unshare -m sh -c 'umount -l /sys/fs/cgroup 2>/dev/null
			mount -t cgroup -o none,name=sandbox-test c v1 && exec sandbox run --memory 1g test:1 echo up'
	fi
	run unshare -m sh -c 'umount -l /sys/fs/cgroup 2>/dev/null; mkdir v2; mount -t cgroup2 c v2 && exec sandbox run test:1 echo up'
	is "$RC:$OUT:$ERR" 0:up: 'cgroup version 2 only, elsewhere'
fi

# Stores on tmpfs and on a file system without extended attributes (ramfs); where root can, on ext4
writes='echo new >/new && echo more >>/etc/marker && rm -r /home && mkdir /home && cat /new && ls -a /home | wc -l'
store_on() { # store_on NAME OPTIONS-OF-MOUNT...
	name=$1
	shift
	run unshare ${ROOTLESS:--Urm} sh -c '
		image=$1 writes=$2; shift 2; mkdir -p place && mount "$@" place && chmod 777 place || exit 99
		$AS sandbox --store place/s load "$image" >/dev/null && $AS sandbox --store place/s run test:1 sh -c "$writes" &&
		$AS sandbox --store place/s verify test:1 >/dev/null && $AS sandbox --store place/s run --writable-copy test:1 sh -c "$writes" &&
		$AS sandbox --store place/s run -d --name live test:1 sleep 1000 | wc -c &&
		$AS sandbox --store place/s exec live echo exec && $AS sandbox --store place/s kill live >/dev/null' sh "$image" "$writes" "$@"
	if [ "$RC" = 99 ]; then
		skip "a store on $name" "this kernel has no $name to mount here"
		return
	fi
	is "$RC:$(echo "$OUT" | paste -sd' ')" '0:new 2 new 2 13 exec' "a store on $name" || tell "$ERR"
}
export AS
AS=
if [ "$MODE" = root ]; then
	ROOTLESS=-m
	AS="setpriv --reuid=$TEST_USER --regid=$(id -g "$TEST_USER") --init-groups"
	chmod 755 "$WORK"
fi
if ./own none true 2>/dev/null; then
	store_on tmpfs -t tmpfs t
	store_on 'ramfs, which has no extended attributes' -t ramfs r
fi
if [ "$MODE" = root ]; then
	truncate -s 64M disk.img
	mkfs.ext4 -q -F disk.img
	store_on ext4 -o loop disk.img
fi

# Three in one another.  An inner one needs what the outer one's filter and masks forbid.
mkdir -p inner/bin
cp "$(command -v sandbox)" inner/bin/
cp "$image" inner/image.tar
open='--security-opt seccomp=unconfined --security-opt unmask=ALL --tmpfs /store -e PATH=/in/bin:/bin -e SANDBOX_STORE=/store'
once="sandbox run $open -v /in:/in /in/image.tar"
# shellcheck disable=SC2086 # words
run sandbox run $open -v "$WORK/inner:/in" test:1 $once $once sh -c \
	'echo deep >/file && cat /file && id -u && [ $(ls -d /proc/[0-9]* | wc -l) -lt 8 ] && echo own; exit 7'
is "$RC:$(echo "$OUT" | paste -sd' '):$ERR" '7:deep 0 own:' 'three deep, with the status of the innermost'
refused '... inside an outer filter' 'create a user namespace: Operation not permitted.*inside another container its filter' \
	sandbox run -v "$WORK/inner:/in" test:1 /in/bin/sandbox --store /tmp/store run /in/image.tar true
run sandbox run --security-opt seccomp=unconfined --tmpfs /store -v "$WORK/inner:/in" test:1 /in/bin/sandbox --store /store run /in/image.tar \
	sh -c 'test -d /proc/self && echo up'
is "$RC:$OUT" 0:up '... inside outer masks of /proc'
like "$ERR" '^sandbox: the kernel refuses a new /proc here: the sandbox sees the outer one$' '... which is said'
refused '... where a root cannot be left' 'make the new root the root: Operation not permitted.*pivot_root' \
	"$deny" pivot_root=EPERM -- sandbox run test:1 true

done_testing
