#!/bin/sh
# The first process of the bed: makes its network and its nodes, says `ready`, and waits.  bed.sh starts it in namespaces of its own.
# Touches a tmpfs on $HPC_CACHE/mnt, in this mount namespace, and a cgroup of its own where freezer is a hierarchy of version 1.
set -eu
here=$TOP/tests/hpc
bed=$HPC_CACHE/mnt
freezer=/sys/fs/cgroup/freezer
export HPC_CACHE TOP

mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs -o mode=755 tmpfs "$bed"
mkdir "$bed/etc" "$bed/log" "$bed/pids" "$bed/state" "$bed/munge" "$bed/home" "$bed/home/alice"
chown 1001:1001 "$bed/home/alice"
cp "$here/slurm.conf" "$here/hosts" "$bed/etc/"
dd if=/dev/urandom of="$bed/etc/munge.key" bs=1k count=1 2>/dev/null
chmod 400 "$bed/etc/munge.key"

# Slurm freezes and finds a step's processes by the freezer of version 1; with version 2 it would need systemd.
group=
if grep -qs "^[^ ]* $freezer cgroup " /proc/mounts; then
	group=$freezer/hpc-bed-$$-$(cut -c 1-8 /proc/sys/kernel/random/uuid)
	mkdir "$group"
	echo 'ProctrackType=proctrack/cgroup' >>"$bed/etc/slurm.conf"
	printf 'CgroupPlugin=cgroup/v1\nCgroupMountpoint=/sys/fs/cgroup\n' >"$bed/etc/cgroup.conf"
else
	echo 'ProctrackType=proctrack/linuxproc' >>"$bed/etc/slurm.conf"
fi

ip link set lo up
ip link add br0 type bridge
ip link set br0 up
for node in login node1 node2; do
	(
		[ -z "$group" ] || {
			mkdir "$group/$node"
			exec sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' sh "$group/$node" \
				unshare --mount --net --uts --ipc --cgroup sh "$here/node.sh" "$bed" $node "$freezer"
		}
		exec unshare --mount --net --uts --ipc --cgroup sh "$here/node.sh" "$bed" $node ''
	) >"$bed/log/$node" 2>&1 &
	echo $! >"$bed/pids/$node"
done

# What the nodes said, where it does not come to `ready`.
trap 'tail -n 20 "$bed"/log/*' EXIT

# A node waits for its end of the cable.
for node in login node1 node2; do
	pid=$(cat "$bed/pids/$node")
	until [ "$(readlink "/proc/$pid/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.02; done
	ip link add "to-$node" type veth peer name eth0 netns "$pid"
	ip link set "to-$node" master br0 up
done

tries=200
until [ "$(nsenter --target "$(cat "$bed/pids/login")" --mount --net --uts sinfo --noheader --format '%D %T' 2>/dev/null)" = '2 idle' ]; do
	tries=$((tries - 1))
	[ $tries -gt 0 ] || exit 1
	sleep 0.1
done
echo ready
# Waits for whoever loses its parent, too.
tail -f /dev/null &
wait
