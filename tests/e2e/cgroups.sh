#!/bin/sh
# What programs see of the limits that hold where a run is started, with either version of cgroups: tests/limits.c looks for them as
# OpenJDK, Node and Go do.  As root, which may make cgroups, for the unprivileged user.  tests/vm runs this with each way to mount cgroups.
# modes: root
. "${TESTS:-$(dirname "$0")/..}/lib.sh"
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside

image=$IMAGES/docker.tar
top=/sys/fs/cgroup
base=sandbox-test-$$
if [ "$(stat -f -c %t $top)" = 63677270 ]; then # CGROUP2_SUPER_MAGIC
	hierarchies=$top memory=memory.max quota=cpu.max
else
	hierarchies="$top/memory $top/cpu" memory=memory.limit_in_bytes quota=cpu.cfs_quota_us
fi

# make NAME [MEMORY [QUOTA]]: a cgroup, which may lie in another; - is no limit
make() {
	for dir in $hierarchies; do
		mkdir "$dir/$base$1" || return
		# Version 2 has a controller where the cgroup above switches it on.
		[ "$hierarchies" != $top ] || echo '+memory +cpu' >"$(dirname "$dir/$base$1")/cgroup.subtree_control"
		[ "${2:--}" = - ] || [ ! -e "$dir/$base$1/$memory" ] || echo "$2" >"$dir/$base$1/$memory" || return
		[ "${3:--}" = - ] || [ ! -e "$dir/$base$1/$quota" ] || echo "$3" >"$dir/$base$1/$quota" || return
	done
}

# unmake: all of them, once the last process has left
unmake() {
	for dir in $hierarchies; do
		find "$dir/$base" -depth -type d -exec rmdir {} + 2>/dev/null
		[ ! -e "$dir/$base" ] || return
	done
}
trap 'wait_for 10 unmake; rm -rf "$WORK"' EXIT
chmod 755 "$WORK"
mkdir home.them
chown "$TEST_USER:" home.them
cat >them <<EOF
#!/bin/sh
exec "$HELPERS/user" "$(id -u "$TEST_USER"):$(id -g "$TEST_USER")" env HOME="$WORK/home.them" "\$@"
EOF
cat >inside <<EOF
#!/bin/sh
for dir in $hierarchies; do
	echo \$\$ >"\$dir/$base\$1/cgroup.procs" || exit
done
shift
exec ./them "\$@"
EOF
chmod 755 them inside

# ./inside NAME COMMAND...: as the user, from that cgroup

# sees NAME MEMORY CPUS: both ways to look find that, on every network
sees() {
	for network in host none; do
		run ./inside "$1" sandbox run --network $network -v "$HELPERS/limits:/limits" "$image" /limits
		# before Linux 5.11 there is a note
		is "$RC:$OUT:$(printf '%s' "$ERR" | grep -v '^sandbox: no overlay')" "0:openjdk $2 $3
leaf $2 $3
top $2 $3:" "$1, --network $network"
	done
}

make '' 2>/dev/null && make /none 2>/dev/null || skip_all 'no cgroups can be made here'
sees /none - -
make /own 300M 50000
sees /own 314572800 50000/100000
make /job 300M 50000
make /job/step
make /job/step/task
sees /job/step/task 314572800 50000/100000
make /job/wider 400M
sees /job/wider 314572800 50000/100000
make /job/tighter 200M
case $hierarchies in
# one directory, which has the limit of memory
$top) run ./inside /job/tighter sandbox run -v "$HELPERS/limits:/limits" "$image" /limits && like "$OUT" '^leaf 209715200 ' 'the nearest limit is the tightest' ;;
*) sees /job/tighter 209715200 50000/100000 ;;
esac
make /quota - 150000
make /quota/step
sees /quota/step - 150000/100000

# In all kinds of runs
for options in '-u 1000' --read-only --keep-id '--cap-add ALL' --no-init; do
	# shellcheck disable=SC2086 # a list of words
	run ./inside /job/step/task sandbox run $options -v "$HELPERS/limits:/limits" "$image" /limits
	is "$RC:$OUT" "0:openjdk 314572800 50000/100000
leaf 314572800 50000/100000
top 314572800 50000/100000" "$options"
done
./inside /job/step/task sandbox run -d --name "limited-$$" -v "$HELPERS/limits:/limits" "$image" sleep 100 >/dev/null
run ./inside /job/step/task sandbox exec "limited-$$" /limits
is "$RC:$OUT" '0:openjdk 314572800 50000/100000
leaf 314572800 50000/100000
top 314572800 50000/100000' 'exec'
./them sandbox stop -t 0 "limited-$$" >/dev/null

# The runtimes themselves, of an image that has them: RUNTIMES=FILE sh tests/e2e/cgroups.sh, and `RUNTIMES=FILE python3 tests/vm/run.py`
runtimes=${RUNTIMES:-/disk/runtimes.tar}
[ ! -e "$runtimes" ] || for name in /own /job/step/task /job/wider; do
	for network in host none; do
		where="$name, --network $network"
		run ./inside $name sandbox run -q --network $network "$runtimes" java -XshowSettings:system -version
		is "$(printf '%s\n' "$ERR" | grep -E 'Effective CPU Count|Memory Limit' | tr -s ' ' | paste -sd,)" \
			' Effective CPU Count: 1, Memory Limit: 300.00M' "Java: $where" || tell "$ERR"
		run ./inside $name sandbox run -q --network $network "$runtimes" node -p 'process.constrainedMemory()'
		# libuv before 1.45, in Node 18, does not know version 2.
		like "$OUT" "^(314572800|$([ "$hierarchies" != $top ] || echo undefined))\$" "Node: $where" || tell "$ERR"
	done
done

# Only to look at: as root inside, with every capability
run ./inside /own sandbox run --cap-add ALL "$image" sh -c 'find /sys/fs/cgroup/ -name cgroup.procs -o -name "memory.*max" -o -name "*limit_in_bytes" |
	while read -r file; do (echo 1 >"$file") 2>/dev/null && echo "$file"; done; mkdir /sys/fs/cgroup/x /sys/fs/cgroup/memory/x 2>/dev/null && echo made; true'
is "$RC:$OUT" 0: 'nothing there can be written'
done_testing
