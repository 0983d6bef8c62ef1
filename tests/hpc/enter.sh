#!/bin/sh
# Run a command on a node of the bed, as one of its users.  Usage: enter.sh BED NODE USER COMMAND...
# bed.sh starts it inside the bed's namespaces.
bed=$1 node=$2 user=$3
shift 3
[ -e "$bed/pids/$node" ] || { echo "bed.sh: no such node: $node" >&2; exit 1; }
home=$(getent -s files passwd "$user" | cut -d: -f6)
[ "$user" = root ] || home=/home/$user
exec nsenter --target "$(cat "$bed/pids/$node")" --mount --net --uts --ipc --cgroup \
	env -i --chdir="$home" HOME="$home" USER="$user" LOGNAME="$user" TERM="${TERM:-dumb}" LANG=C.UTF-8 \
	PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin \
	setpriv --reuid="$user" --regid="$user" --init-groups "$@"
