#!/bin/sh
# One node of the bed: its own root, with the daemons in it.  Usage: node.sh BED NAME FREEZER; cluster.sh starts it in the node's namespaces.
set -eu
bed=$1 name=$2 freezer=$3
hostname "$name"
mount --make-rprivate /

root=$bed/root-$name
mkdir -p "$root" "$bed/upper-$name" "$bed/work-$name"
mount -t overlay -o "lowerdir=$HPC_CACHE/node,upperdir=$bed/upper-$name,workdir=$bed/work-$name" overlay "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
if [ -n "$freezer" ]; then
	mount -t tmpfs tmpfs "$root/sys/fs/cgroup"
	mkdir "$root/sys/fs/cgroup/freezer"
	mount -t cgroup -o freezer cgroup "$root/sys/fs/cgroup/freezer"
fi
mount --rbind /dev "$root/dev"
mount -t devpts -o newinstance,mode=620,ptmxmode=666,gid=5 devpts "$root/dev/pts"
mount --bind "$root/dev/pts/ptmx" "$root/dev/ptmx"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mkdir -p "$root/run/munge" "$root/bed" "$root/src" "$root/images" "$root/etc/slurm" "$root/var/spool/slurm" "$root/old"
: >>"$root/etc/hosts"
mount --bind "$bed/munge" "$root/run/munge"
mount --bind "$bed" "$root/bed"
mount --bind "$bed/home" "$root/home"
mount --rbind -o ro "$TOP" "$root/src"
mount --bind -o ro "$HPC_CACHE" "$root/images"
mount --bind "$bed/etc" "$root/etc/slurm"
mount --bind "$bed/etc/hosts" "$root/etc/hosts"
ln -sf /src/build/sandbox "$root/usr/local/bin/sandbox"
cd "$root"
pivot_root . old
umount -l /old
cd /

ip link set lo up
until ip link show eth0 >/dev/null 2>&1; do sleep 0.02; done
ip addr add "$(awk -v name="$name" '$2 == name { print $1 }' /etc/hosts)/24" dev eth0
ip link set eth0 up

# One munged serves all: its socket is in a folder that they share.
case $name in
login)
	chown -R munge: /bed/munge /bed/etc/munge.key
	chown slurm: /bed/state
	setpriv --reuid=munge --regid=munge --clear-groups munged --key-file=/bed/etc/munge.key --pid-file=/bed/munge/pid \
		--log-file=/bed/munge/log --seed-file=/bed/munge/seed
	exec slurmctld -D
	;;
*)
	until [ -S /run/munge/munge.socket.2 ]; do sleep 0.02; done
	exec slurmd -D -N "$name"
	;;
esac
