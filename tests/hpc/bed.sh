#!/bin/sh
# A Slurm cluster of two nodes on one machine, for tests and by hand; README.md tells more.  As root:
#
#	bed.sh run COMMAND...		start it, run the command as alice on the login node, take all down
#	bed.sh up			start it, and leave it
#	bed.sh on NODE COMMAND...	as alice on node1, node2 or login; `root@NODE` as root
#	bed.sh down			take it down
#
# All is in one process namespace, whose first process ends it, and on a tmpfs that only it has: nothing is left.
# Touches build/hpc (see images.sh), build/hpc-bed and, below /sys/fs/cgroup/freezer, hpc-bed-PID.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
TOP=$(cd "$here/../.." && pwd)
: "${HPC_CACHE:=$TOP/build/hpc}"
: "${HPC_BED:=$TOP/build/hpc-bed}"
freezer=/sys/fs/cgroup/freezer
export TOP HPC_CACHE

say() { printf 'bed.sh: %s\n' "$*" >&2; }
die() {
	say "$*"
	exit 1
}

# The first process of the namespace, child of the `unshare` whose number is kept; nothing where it does not run.
first_process() {
	outer=$(cat "$HPC_BED/pid" 2>/dev/null) || return 0
	children=$(cat "/proc/$outer/task/$outer/children" 2>/dev/null) || return 0
	printf '%s' "${children%% *}"
}

# up [MORTAL COMMAND...]: the cluster is started by that command
up() {
	mortal=$*
	[ -z "$(first_process)" ] || die 'it runs already: bed.sh down'
	down
	for tool in mmdebstrap ip; do
		command -v $tool >/dev/null || missing="${missing:-} $tool"
	done
	[ -z "${missing:-}" ] || apt-get install --yes --no-install-recommends mmdebstrap iproute2 >&2
	"$here/images.sh"
	mkdir -p "$HPC_BED" "$HPC_CACHE/mnt"
	HPC_CACHE=$(cd "$HPC_CACHE" && pwd)
	: >"$HPC_BED/log"
	# shellcheck disable=SC2086 # a command, or nothing
	setsid $mortal unshare --fork --pid --kill-child=KILL --mount --net --uts --ipc sh "$here/cluster.sh" >"$HPC_BED/log" 2>&1 </dev/null &
	echo $! >"$HPC_BED/pid"
	tries=300
	sleep 0.2
	until grep -q '^ready$' "$HPC_BED/log"; do
		tries=$((tries - 1))
		{ [ $tries -gt 0 ] && [ -n "$(first_process)" ]; } || {
			cat "$HPC_BED/log" >&2
			down
			die 'the cluster does not start'
		}
		sleep 0.1
	done
}

down() {
	first=$(first_process)
	if [ -n "$first" ]; then
		kill -KILL "$first"
		while [ -n "$(first_process)" ]; do sleep 0.05; done
	fi
	rm -rf "$HPC_BED"
	# Deepest first; what a killed bed left goes too, but not that of one that runs.
	for group in "$freezer"/hpc-bed-*; do
		[ ! -d "$group" ] || [ -n "$(find "$group" -name cgroup.procs -exec cat {} +)" ] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
	done
}

on() {
	first=$(first_process)
	[ -n "$first" ] || die 'it does not run: bed.sh up'
	node=${1#root@} user=alice
	[ "$node" = "$1" ] || user=root
	shift
	exec nsenter --target "$first" --pid --mount --net sh "$here/enter.sh" "$HPC_CACHE/mnt" "$node" "$user" "$@"
}

[ "$(id -u)" = 0 ] || die 'this needs root'
verb=${1:-}
[ $# = 0 ] || shift
case $verb in
up) up ;;
down) down ;;
on)
	[ $# -ge 2 ] || die 'usage: bed.sh on NODE COMMAND...'
	on "$@"
	;;
run)
	[ $# -ge 1 ] || die 'usage: bed.sh run COMMAND...'
	trap down EXIT
	trap 'exit 130' INT TERM HUP
	up setpriv --pdeathsig=KILL # even a killed bed.sh leaves no cluster
	(on login "$@")
	;;
*) die 'usage: bed.sh up | down | on NODE COMMAND... | run COMMAND...' ;;
esac
