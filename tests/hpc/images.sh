#!/bin/sh
# Make what the bed runs, once: the tree of a cluster's node, and the images.  Usage: images.sh [13], as root
#
#	node/		Debian 12 with Slurm 22.05, munge, MPICH 4.0, Open MPI 4.1, mpi4py: the root of every node
#	deb12.tar	an image of Debian 12 with the same MPIs, mpi4py and Slurm's commands
#	deb13.tar	an image of Debian 13 with MPICH 4.2 and Open MPI 5.0; only where `13` is asked for
#	deb13-mpi.tar	only Open MPI 5 of Debian 13, and a shell
#	busybox.tar	another image
#
# Each has /usr/local/bin/mpitest.mpich and mpitest.openmpi, which the node's own compilers made: mpitest.c changed, they are made anew.
# Touches $HPC_CACHE (build/hpc), where packages/ keeps what was fetched.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
: "${HPC_CACHE:=$top/build/hpc}"
mkdir -p "$HPC_CACHE/packages"
cache=$(cd "$HPC_CACHE" && pwd)
exec 9>"$cache/lock"
flock 9 # two at once would make everything twice

mpi=mpich,openmpi-bin,python3-mpi4py
slurm=slurmd,slurmctld,slurm-client,slurm-wlm-basic-plugins,slurm-wlm-plugins,munge
tools=libmpich-dev,libopenmpi-dev,gcc,libc6-dev,iproute2,procps,strace

# The Debian mirror that this machine's apt knows; it has other releases too.
mirror() {
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		awk -v suite="$(. /etc/os-release && echo "$VERSION_CODENAME")" '$2 == suite && $3 == "main" { print $1; exit }'
}

# bootstrap SUITE PACKAGES OUT [OPTION...]: a minimal Debian, without documentation.  No service is to be started by its packages.
bootstrap() {
	suite=$1 packages=$2 out=$3
	shift 3
	mkdir -p "$cache/packages/$suite"
	SOURCE_DATE_EPOCH=0 mmdebstrap --quiet --variant=minbase --mode=root --include="$packages" \
		--aptopt='APT::Install-Recommends "false"' --skip=download/empty --skip=essential/unlink \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--setup-hook='mkdir -p "$1"/var/cache/apt/archives/' \
		--setup-hook="sync-in '$cache/packages/$suite' /var/cache/apt/archives/" \
		--customize-hook="sync-out /var/cache/apt/archives '$cache/packages/$suite'" \
		--customize-hook='rm -rf "$1"/var/cache/apt/archives/*.deb "$1"/var/lib/apt/lists/* "$1"/etc/resolv.conf "$1"/etc/hostname' \
		"$@" "$suite" "$out" "deb $(mirror) $suite main"
}

make_node() {
	rm -rf --one-file-system "$cache/node.new"
	bootstrap bookworm "$mpi,$slurm,$tools" "$cache/node.new" --format=directory
	chroot "$cache/node.new" useradd --uid 1001 --user-group --no-create-home --shell /bin/bash alice
	mv "$cache/node.new" "$cache/node"
}

# The test programs, by the node's compilers: into the node, and as a layer of the images.
make_programs() {
	rm -rf "$cache/programs"
	mkdir -p "$cache/programs/usr/local/bin"
	cp "$here/mpitest.c" "$cache/node/usr/local/src/"
	for name in mpich openmpi; do
		chroot "$cache/node" mpicc.$name -O2 -Wno-stringop-overflow -o /usr/local/bin/mpitest.$name /usr/local/src/mpitest.c
		cp "$cache/node/usr/local/bin/mpitest.$name" "$cache/programs/usr/local/bin/"
	done
	cp "$here/mpitest.c" "$cache/programs.c"
}

# make_image NAME SUITE PACKAGES [OPTION...]: a Debian with them, and above it a layer with the test programs
make_image() {
	if [ "$(cat "$cache/$1.packages" 2>/dev/null)" != "$3" ]; then
		name=$1 suite=$2 list=$3
		shift 3
		bootstrap "$suite" "$list" "$cache/$name.new" --format=tar "$@"
		set -- "$name"
		mv "$cache/$1.new" "$cache/$1.rootfs.tar"
		rm -f "$cache/$1.tar"
		echo "$list" >"$cache/$1.packages"
	fi
	[ "$cache/$1.tar" -nt "$cache/programs.c" ] || {
		"$top/rootfs-examples/pack.py" --rootfs "$cache/$1.rootfs.tar" --layer "$cache/programs" --cmd '["bash"]' --tag "$1:latest" "$cache/$1.new"
		mv "$cache/$1.new" "$cache/$1.tar"
	}
}

[ -d "$cache/node" ] || make_node
cmp -s "$here/mpitest.c" "$cache/programs.c" || make_programs
make_image deb12 bookworm "$mpi,slurm-client"
# Without what Open MPI needs, 150 MB with LLVM: the host's is loaded.
make_image deb13-mpi trixie base-files,dash,coreutils,sed --variant=extract --extract-hook='cd "$1" &&
	APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get --quiet download libopenmpi40 && dpkg -x libopenmpi40_*.deb . && rm libopenmpi40_*.deb'
[ "${1:-}" != 13 ] || make_image deb13 trixie "$mpi"
[ -e "$cache/busybox.tar" ] || "$top/rootfs-examples/busybox/make.sh" "$cache/busybox.tar"
# For bench.sh: other tools, which are not the node's.
[ "${1:-}" != peers ] || [ -d "$cache/peers" ] || {
	bootstrap bookworm charliecloud-runtime "$cache/peers.new" --format=directory --variant=extract
	mv "$cache/peers.new" "$cache/peers"
}
