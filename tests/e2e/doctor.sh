#!/bin/sh
# modes: root user
# `sandbox doctor` says what a host lacks, by trying it: each facility is taken away, and the line, the exit status, the
# JSON and what `run` does are compared.  Nothing is left behind, however it ends.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

deny=$HELPERS/deny
image=$IMAGES/docker.tar

# wrap NAME: standard input becomes a program of that name, which execs its arguments at its end
wrap() {
	{
		echo '#!/bin/sh'
		cat
		# shellcheck disable=SC2016 # for the program
		echo 'exec "$@"'
	} >"$1"
	chmod 755 "$1"
}
wrap plain </dev/null

# The same names and statuses as text and as JSON, and `run` as the exit status says.
cat >compare.py <<'END'
import json, re, sys
text, report, status = open('.text').read(), json.load(open('.json')), int(sys.argv[1])
lines = [re.fullmatch(r'(ok|missing|broken) +([a-z-]+)  +(\S.*)', line) for line in text.split('\n\n')[0].splitlines()]
assert all(lines), text
checks = report['checks']
differ = [(m[0], c) for m, c in zip(lines, checks) if (m[2], m[1]) != (c['name'], c['status'])]
assert len(lines) == len(checks) and not differ, f'text and JSON differ: {differ}'
for match, check in zip(lines, checks):
    assert set(check) <= {'name', 'status', 'detail', 'without', 'setting'}, check
    assert check['status'] != 'ok' or set(check) == {'name', 'status', 'detail'}, check
    volatile = check['name'] == 'store'
    assert volatile or match[3].startswith(check['detail']), check
assert (report['version'], report['run']) == (1, status == 0), report['run']
assert len({c['name'] for c in checks}) == len(checks) == 37, len(checks)
assert report['kernel'] and report['machine'] and set(report) <= {'version', 'run', 'kernel', 'machine', 'store', 'checks'}
END

# says NAME STATUS REGEX WRAPPER...: within the wrapper the doctor ends with STATUS and one line matches REGEX; a run agrees
says() {
	name=$1 status=$2 regex=$3
	shift 3
	RC=0
	"$@" sandbox doctor >.text 2>.errors </dev/null || RC=$?
	is "$RC:$(cat .errors)" "$status:" "$name: the exit status"
	like "$(cat .text)" "^($regex)" "$name: the line"
	"$@" sandbox doctor --json >.json 2>/dev/null </dev/null
	run python3 compare.py "$status"
	is "$RC:$ERR" 0: "$name: the JSON says the same"
	RC=0
	"$@" sandbox run -q "${case_image:-$image}" true >.out 2>.errors </dev/null || RC=$?
	[ "$status" = 0 ] && agrees=$([ "$RC" = 0 ] && echo yes) || agrees=$([ "$RC" != 0 ] && echo yes)
	is "$agrees" yes "$name: run agrees" || tell "run: $RC, $(cat .errors)"
}

# This host, before there is a store and after.
all_ok='user-namespaces id-map pid-namespace other-namespaces mount-namespace overlay proc dev devpts shm sysfs pivot-root
	seccomp network-namespace store store-locks store-exec run host-files'
sandbox doctor >.text
for check in $all_ok; do
	like "$(cat .text)" "^ok +$check " "$check is there"
done
is "$(find "$HOME" -mindepth 1)" '' 'the store is not made'
says 'this host' 0 'ok +run ' ./plain
! unshare -Ur true 2>/dev/null || says 'as root of a user namespace' 0 'ok +run ' unshare -Ur
before=$(find "$HOME" | sort)
sandbox doctor >/dev/null
is "$(find "$HOME" | sort)" "$before" 'nothing is left in the store'
fails 'an argument' 125 'takes no argument' sandbox doctor x
like "$(sandbox doctor --store "$WORK/some/where")" "^ok +store +$WORK/some/where \\(" '--store'
[ ! -e some ]
ok $? '... is not made'
# shellcheck disable=SC2016 # those are no commands
like "$(cat .text)" '^`sandbox run` works here' 'the last line'

# The pictures in docs/ have the same lines.
for picture in "$TESTS"/../docs/doctor/*.txt; do
	is "$(sed -n 's/^\(ok\|missing\|broken\) *\([a-z-]*\)  .*/\2/p' "$picture")" "$(sed -n 's/^[a-z]* *\([a-z-]*\)  .*/\1/p' .text)" \
		"the picture $(basename "$picture" .txt) has all lines"
done

# System calls that an older kernel or a container's filter lacks
says 'user namespaces refused' 1 'broken +user-namespaces .*Operation not permitted' "$deny" unshare=EPERM --
says 'a kernel without user namespaces' 1 'broken +user-namespaces .*CONFIG_USER_NS' "$deny" unshare=EINVAL --
says 'mounts refused, as AppArmor does' 1 'broken +mount-namespace .*apparmor_restrict_unprivileged_userns' "$deny" mount=EACCES --
says 'no pivot_root' 1 'broken +pivot-root ' "$deny" pivot_root=EACCES --
says 'no seccomp' 1 'broken +seccomp +load the seccomp filter.*CONFIG_SECCOMP_FILTER' "$deny" seccomp=ENOSYS --
like "$(cat .text)" '^missing +seccomp-notify ' '... nor its notification'
says 'Linux 4.18: none of the newer calls' 0 'missing +system-calls +not there.*openat2.*close_range.*mount_setattr' \
	"$deny" openat2=ENOSYS open_tree=ENOSYS move_mount=ENOSYS fsopen=ENOSYS fsmount=ENOSYS mount_setattr=ENOSYS close_range=ENOSYS --
says 'one of them' 0 'missing +system-calls +not there, and in place of them: openat2 \(5.6\): a walk name by name; a run' \
	"$deny" openat2=ENOSYS --
says 'no Landlock' 0 'missing +landlock .*lsm=' "$deny" landlock_create_ruleset=ENOSYS --
says 'a file system without locks' 0 'missing +store-locks .*flock' "$deny" flock=ENOLCK --
says 'a file system without xattrs' 0 'missing +store-xattrs .*user_xattr' "$deny" fsetxattr=ENOTSUP --

# Limits, by the sysctl of a user namespace outside
# limit NAME: ./limit-NAME runs its arguments where no more of those namespaces can be made
limit() {
	wrap "limit-$1" <<-END
		[ "\${1:-}" != inside ] || { shift; echo 0 >/proc/sys/user/max_$1_namespaces || exit 99; exec "\$@"; }
		set -- unshare -Ur "$WORK/limit-$1" inside "\$@"
	END
}
for kind in user pid ipc uts cgroup mnt net; do limit $kind; done
if ./limit-user true 2>/dev/null; then
	says 'no more user namespaces' 1 'broken +user-namespaces .*\[.*sysctl user.max_user_namespaces=15000\]' ./limit-user
	like "$(cat .text)" '^broken +pid-namespace +not tried: needs user-namespaces$' '... and what needs one is not tried'
	says 'no pid namespaces' 1 'broken +pid-namespace .*\[.*sysctl user.max_pid_namespaces=15000.*\]' ./limit-pid
	says 'no ipc namespaces' 1 'broken +other-namespaces +create a ipc .*\[.*sysctl user.max_ipc_namespaces=15000.*\]' ./limit-ipc
	says 'no uts namespaces' 1 'broken +other-namespaces +create a uts .*\[.*sysctl user.max_uts_namespaces=15000.*\]' ./limit-uts
	if [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]; then
		says 'no cgroup namespaces' 1 'broken +other-namespaces +create a cgroup .*\[.*sysctl user.max_cgroup_namespaces=15000.*\]' ./limit-cgroup
	else
		says 'no cgroup namespaces, nor any need' 0 'ok +other-namespaces +ipc, uts$' ./limit-cgroup
		like "$(sandbox doctor)" "^ok +cgroup-view +the host's, of version 1\$" 'cgroups of version 1 are shown'
	fi
	says 'no mount namespaces' 1 'broken +mount-namespace .*\[.*sysctl user.max_mnt_namespaces=15000.*\]' ./limit-mnt
	says 'no network namespaces' 0 'missing +network-namespace .*\[.*sysctl user.max_net_namespaces=15000.*\]' ./limit-net
	fails '... run agrees' 125 'network namespace' ./limit-net sandbox run --network none "$image" true
else
	skip 'limits of namespaces' 'no user namespaces for unshare(1) here'
fi

# What mounts can take away
# mounted NAME COMMAND: ./NAME runs its arguments after the shell command, as root of a user and mount namespace
mounted() {
	wrap "$1" <<-END
		[ "\${1:-}" != inside ] || { shift; { $2; } || exit 99; exec "\$@"; }
		set -- unshare -Urm "$WORK/$1" inside "\$@"
	END
}
mkdir -p st o
mounted no-proc 'mount -t tmpfs t /proc'
mounted masked 'mount -t tmpfs t /proc/fs && mount --bind /dev/null /proc/keys'
mounted no-pasta 'mount --bind /dev/null /usr/bin/pasta'
mounted noexec "mount -t tmpfs -o noexec,mode=755 t '$WORK/st'"
mounted small "mount -t tmpfs -o size=256k,mode=755 t '$WORK/st' && head -c 300000 /dev/zero >'$WORK/st/fill' 2>/dev/null || :"
mounted read-only "mount -t tmpfs -o mode=755 t '$WORK/st' && mount -o remount,ro t '$WORK/st'"
mounted crowded "mount -t tmpfs -o mode=755 t '$WORK/st' && mkdir '$WORK/st/a' '$WORK/st/b' && mount -t tmpfs t '$WORK/st/a'"
# The kernel stacks two overlays at most.
stack="mount -t tmpfs t '$WORK/o' && cd '$WORK/o' && mkdir low 1 2 u1 w1 u2 w2 &&
	mount -t overlay o -o lowerdir=low,upperdir=u1,workdir=w1,userxattr 1 &&
	mount -t overlay o -o \$flags,lowerdir=1,upperdir=u2,workdir=w2,userxattr 2 && cd .."
mounted no-overlay "flags=rw && $stack"
mounted no-overlay-noexec "flags=noexec && $stack && { [ ! -e /dev/fuse ] || mount --bind /dev/null /dev/fuse; }"
if ./masked true 2>/dev/null; then
	says 'no /proc, and nobody who could mount one' 1 'broken +host-files .*mount -t proc proc /proc' ./no-proc
	says 'a masked /proc' 0 'missing +proc +the kernel refuses a new /proc here' ./masked
	says 'no pasta' 0 'missing +private-network .*package .*passt' ./no-pasta
	fails '... run agrees' 125 'pasta' ./no-pasta sandbox run --network private "$image" true
	export SANDBOX_STORE="$WORK/st/store"
	says 'a store mounted noexec' 0 'ok +store-exec +mounted noexec' ./noexec
	says 'no room in the store' 1 'broken +store .*No space left' ./small
	says 'a read-only store' 1 'broken +store .*Read-only file system' ./read-only
	SANDBOX_STORE=$WORK/st/a/store says 'a store that is not there yet' 0 'ok +store ' ./crowded
	SANDBOX_STORE=$WORK/st says 'a directory that holds mounts' 0 'ok +store ' ./crowded
	SANDBOX_STORE=$WORK/no/such/store
	chmod 555 "$WORK"
	[ -w "$WORK" ] || says 'a place that cannot be written to' 1 'broken +store .*cannot be made in' ./plain
	chmod 755 "$WORK"
	SANDBOX_STORE=$WORK/o/2/store
	if ./no-overlay true 2>/dev/null; then
		says 'no overlay' 0 'missing +overlay .*(fuse|read-only)' ./no-overlay
		says 'no overlay, and a store mounted noexec' 1 'broken +store-exec +mounted noexec' ./no-overlay-noexec
	else
		skip 'without overlay' 'unshare(1) cannot stack overlays here'
	fi
	unset SANDBOX_STORE
else
	skip 'what mounts can take away' 'unshare(1) cannot mask /proc here'
fi
# Programs for another processor: the interpreter is a `true`, and outside of the root it is to be had by the flag F only.
cp "$IMAGES/rootfs/bin/busybox" true
cat >register.sh <<END
printf '%s' ':t:M::\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xf3\\x00::$WORK/true:'"\$1" \
	>/proc/sys/fs/binfmt_misc/register
END
python3 -c 'import struct, sys
sys.stdout.buffer.write(struct.pack("<16sHHIQQQIHHHHHHIIQQQQQQ3I", b"\x7fELF\2\1\1", 2, 243, 1, 65656, 64, 0, 4, 64, 56, 1, 0, 0, 0,
    1, 5, 0, 65536, 65536, 132, 132, 4096, 0x05d00893, 0x513, 0x73))' >riscv
chmod 755 riscv
for flag in F ''; do
	mounted "binfmt$flag" "mount -t binfmt_misc b /proc/sys/fs/binfmt_misc && sh register.sh '$flag'"
done
if ./binfmtF true 2>/dev/null; then
	says 'an interpreter with the flag F' 0 'ok +binfmt +an interpreter is registered for riscv64' ./binfmtF
	gives '... a run agrees' 0 '' ./binfmtF sandbox run -q -v "$WORK/riscv:/riscv" "$image" /riscv
	says 'one without it' 0 'broken +binfmt .*riscv64 run on the host, but not inside.*flag F' ./binfmt
	run ./binfmt sandbox run -q -v "$WORK/riscv:/riscv" "$image" /riscv
	[ "$RC" = 126 ] || [ "$RC" = 127 ]
	ok $? '... a run agrees' || tell "$RC $OUT $ERR"
	says 'none' 0 'missing +binfmt ' ./plain
else
	skip 'interpreters for other processors' 'this kernel has no binfmt_misc in user namespaces'
fi

mkdir -m 700 foreign
if [ "$MODE" = root ]; then
	chown "$TEST_USER" foreign
	SANDBOX_STORE=$WORK/foreign says "a store of somebody else's" 1 'broken +store .*belongs to another user.*--store DIR' ./plain
	wrap bare <<-END
		[ "\${1:-}" != inside ] || { shift; umount -l /proc || exit 99; exec "\$@"; }
		set -- unshare -m "$WORK/bare" inside "\$@"
	END
	says 'no /proc, and root' 0 'missing +host-files +no /proc or no /dev/null; root gets private ones' ./bare
	make_ranger sandbox-doctor 900000000
	says 'subordinate ids' 0 'ok +subuid +65537 ids' ./as_ranger
fi
if ! grep -Eq "^$(id -un):|^$(id -u):" /etc/subuid 2>/dev/null; then
	says 'no subordinate ids' 0 'missing +subuid .*usermod --add-subuids [0-9]+-[0-9]+ --add-subgids ' ./plain
	fails '... run agrees' 125 'subuid' sandbox run --subuid "$image" true
fi

# Inside a sandbox: the default filter refuses user namespaces, and one without a filter does not.
cat >outer <<END
#!/bin/sh
exec sandbox run -q -v "$(command -v sandbox):/bin/sandbox" -v "$image:/image.tar" "\$@"
END
chmod 755 outer
run ./outer "$image" sandbox doctor
is "$RC" 1 'inside a sandbox: the exit status' || tell "$OUT$ERR"
like "$OUT" '^broken +user-namespaces .*inside another container.*seccomp=unconfined' '... the line'
run ./outer "$image" sandbox run /image.tar true
is "$RC" 125 '... run agrees'
run ./outer --security-opt seccomp=unconfined "$image" sandbox doctor
is "$RC" 0 'inside a sandbox without a filter: the exit status' || tell "$OUT$ERR"
run ./outer --security-opt seccomp=unconfined "$image" sandbox run /image.tar true
is "$RC" 0 '... run agrees' || tell "$ERR"

# Killed at any moment: nothing is left of it
mkdir quick
for pause in 0 0.02 0.05 0.1 0.2 0.3 0.4 0.6; do
	sandbox doctor --store "$WORK/quick/store" >/dev/null 2>&1 &
	sleep "$pause"
	kill -9 $! 2>/dev/null
	wait $! 2>/dev/null
done
wait_for 60 gone "$WORK/quick/store"
ok $? 'killed: no process is left' || tell "$(processes "$WORK/quick/store")"
is "$(find quick -mindepth 1)" '' '... nor a file'
is "$(find /sys/fs/cgroup -name 'sandbox-[0-9r]*' -user "$(id -un)" 2>/dev/null)" '' '... nor a cgroup'
! grep -q "$WORK" /proc/self/mountinfo
ok $? '... nor a mount'
done_testing
