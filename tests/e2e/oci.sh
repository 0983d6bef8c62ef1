#!/bin/sh
# oci: a printed plan is a config.json that crun and runc run without root, on the tree that `sandbox unpack` makes.
# modes: outer
# As root the script runs them as a user with subordinate ids, in a mount namespace that has the cgroup file system of
# version 2 alone: crun 1.8 refuses to start where version 1 is there, too.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

for tool in crun runc newuidmap; do
	command -v $tool >/dev/null || skip_all "$tool is not installed"
done
if [ "$MODE" = root ]; then
	make_ranger sandbox-oci 2200000
	cat >alone <<-'END'
		#!/bin/sh
		exec unshare -m sh -c 'umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec "$0" "$@"' ./as_ranger "$@"
	END
else
	mkdir ranger
	printf '#!/bin/sh\nexec "$@"\n' >as_ranger
	cp as_ranger alone
fi
chmod 755 alone as_ranger
as_user() {
	./as_ranger env PATH="$PATH" "$@"
}
as_user mkdir ranger/bundle ranger/volume ranger/state
image=$IMAGES/docker.tar

# printed OPTIONS...: the plan in ranger/bundle, on a tree of its own: crun and runc make mount points in it
printed() {
	chmod -R u+rwX ranger/bundle
	as_user rm -rf ranger/bundle/rootfs
	as_user sandbox unpack "$image" ranger/bundle/rootfs || return 1
	as_user sandbox run --dry-run "$@" >plan.json || return 1
	sed 's|"path": "/.*/rootfs[^/"]*"|"path": "rootfs"|' plan.json | as_user tee ranger/bundle/config.json >/dev/null
}

# runs NAME STATUS OUTPUT [TOOL...]
runs() {
	name=$1 status=$2 output=$3
	shift 3
	for tool in ${*:-crun runc}; do
		flag=
		[ $tool = runc ] || flag=--cgroup-manager=disabled
		rc=0
		# shellcheck disable=SC2086 # a flag or nothing
		out=$(timeout 60 ./alone $tool $flag --root "$WORK/ranger/state" run --bundle "$WORK/ranger/bundle" "t$$" 2>err </dev/null) || rc=$?
		is "$rc:$out" "$status:$output" "$tool: $name" || tell "$(cat err)"
	done
}

# 1
printed "$image" sh -c 'id -u; echo $HOME; hostname; grep -E "^(CapEff|CapBnd|NoNewPrivs|Seccomp):" /proc/self/status; cat /proc/kcore | wc -c; echo x >/new && cat /new; umask; ls -d /dev/pts/ptmx /dev/shm /proc/self/fd/0; exit 7'
runs 'a command' 7 "0
/root
$(hostname)
CapEff:	00000000a80425fb
CapBnd:	00000000a80425fb
NoNewPrivs:	1
Seccomp:	2
0
x
0022
/dev/pts/ptmx
/dev/shm
/proc/self/fd/0"
like "$(cat plan.json)" '"ociVersion": "1.0.2"' 'the document is of the lowest version that has its fields'
is "$(as_user sandbox run --dry-run -v "$WORK/ranger/volume:/v:ro" "$image" true | sed -n 's/.*"ociVersion": "\(.*\)".*/\1/p')" 1.1.0 \
	'a volume that is read-only with all that is mounted below needs the next'

# 2: one mapped id is enough for crun; runc wants root's, too
printed -u 1000 -e A=b -w /work "$image" sh -c 'id -u; echo $A; pwd; cat /proc/self/uid_map; touch /etc/x 2>&1; exit 3'
runs 'a user, a variable, a directory' 3 "1000
b
/work
$(printf '%10s %10s %10s' 1000 "$(as_user id -u)" 1)" crun
if [ "$MODE" = root ]; then
	printed --subuid -u 1000 -e A=b -w /work "$image" sh -c 'id -u; echo $A; pwd; wc -l </proc/self/uid_map; touch /etc/x 2>/dev/null || echo no'
	runs 'a user of a range, a variable, a directory' 0 '1000
b
/work
2
no'
else
	skip 'a user of a range, a variable, a directory' 'no subordinate ids'
fi

# 3
printed --read-only -v "$WORK/ranger/volume:/data" --tmpfs /scratch:size=1m "$image" \
	sh -c 'touch /new 2>/dev/null || echo root no; echo word >>/data/file && echo data; touch /scratch/x && echo scratch; grep -c "^tmpfs /scratch tmpfs .*nosuid,nodev,noexec,relatime,size=1024k" /proc/mounts'
runs 'a read-only root, a volume and a tmpfs' 0 'root no
data
scratch
1'
is "$(cat ranger/volume/file)" "word
word" 'what both wrote is on the host'

# 4
cat >profile.json <<'END'
{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}
END
printed --cap-drop ALL --security-opt seccomp="$WORK/profile.json" "$image" \
	sh -c 'grep -E "^Cap(Eff|Prm|Bnd|Amb|Inh):" /proc/self/status | cut -f 2 | sort -u; mkdir /tmp/x 2>&1'
runs 'no capabilities, and a filter of a file' 1 "0000000000000000
mkdir: can't create directory '/tmp/x': No space left on device"

# 5
printed --network none --ulimit nofile=77:99 --ulimit core=-1 --device /dev/null:/dev/nothing --tmpfs /t "$image" \
	sh -c 'ulimit -Sn; ulimit -Hn; grep -c "Max core file size *unlimited *unlimited" /proc/self/limits; echo x >/dev/nothing && wc -c </dev/nothing; ls /sys/class/net; touch /t/x'
runs 'no network, limits and a device' 0 '77
99
1
0
lo'

# What exec reads of a live run is that document, whatever bytes it has
as_user sandbox run -d --name live -e "RAW=$(printf '\377')" "$image" sleep 1000 >/dev/null
entry=$(find ranger/.local "$HOME" -path '*/runs/live@*' 2>/dev/null | head -n 1)
sed -n 2p "$entry" >entry.json
is "$(python3 -c 'import json; d = json.load(open("entry.json")); print(d["process"]["args"], d["annotations"]["sandbox.bytes"])')" "['sleep', '1000'] escaped" \
	'an entry has a config.json in its second line'
is "$(as_user sandbox exec live sh -c 'printf %s "$RAW"' | od -An -tx1 | tr -d ' ')" ff 'whose bytes come back'
as_user sandbox stop -t 0 live >/dev/null
done_testing
