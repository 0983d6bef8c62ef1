#!/bin/sh
# --memory, --cpus and --pids-limit in a delegated part of the cgroups, which limits.before made.
. "$TESTS/lib.sh"

image=$IMAGES/docker.tar
no_overlay='^sandbox: no overlay file system here' # before Linux 5.11; basics.sh counts that line
own=/sys/fs/cgroup/$MODE.delegated

# limited OPTION... COMMAND: in the cgroup of the session, whose parent is delegated
limited() {
	run sandbox run "$@"
	ERR=$(printf '%s\n' "$ERR" | grep -v "$no_overlay")
}

# alone COMMAND...: in a cgroup that holds this one process
alone() {
	run sh -c 'echo $$ >"$0/alone/cgroup.procs" && exec "$@"' "$own" "$@"
	ERR=$(printf '%s\n' "$ERR" | grep -v "$no_overlay")
}

# nothing_left NAME
nothing_left() {
	left=$(find "$own" -name 'sandbox*')
	is "$left:$(cat "$own/alone/cgroup.procs")" ':' "$1: nothing is left in the cgroups"
}

# killed NAME: 137, with one line that says why
killed() {
	is "$RC" 137 "$1: ends with 137"
	like "$ERR" '^sandbox: out of memory.*--memory' "$1: says out of memory"
	is "$(printf '%s\n' "$ERR" | grep -c '^sandbox: ')" 1 "$1: once"
	nothing_left "$1"
}

limited "$image" echo one
is "$RC:$OUT:$ERR" 0:one: 'the first run'

limited --memory 16m "$image" dd if=/dev/zero of=/dev/null bs=64M count=1
killed 'memory of a process'
limited --memory 16m --tmpfs /t "$image" dd if=/dev/zero of=/t/file bs=1M count=64
killed 'files that are in memory'
limited --memory 16m "$image" sh -c 'dd if=/dev/zero of=/dev/null bs=64M count=1 2>/dev/null; echo "child $?"'
is "$RC:$OUT" '0:child 137' 'a child is killed, and the command goes on'
like "$ERR" '^sandbox: out of memory' '... which is said, too'
limited --status-fd 1 --memory 16m "$image" dd if=/dev/zero of=/dev/null bs=64M count=1
like "$OUT" '"status": ?137,.*"out_of_memory": ?true' 'as --status-fd tells it'
limited --memory 64m "$image" dd if=/dev/zero of=/dev/null bs=16M count=1
is "$RC" 0 'memory that is enough'
unlike "$ERR" 'out of memory' '... and nothing is said'
limited --memory 64m "$image" sh -c 'kill -KILL $$'
is "$RC:$ERR" 137: 'a kill that is none of the memory'

bomb='b() { b | b & b; }; b'
limited --pids-limit 30 --timeout 3 "$image" sh -c "$bomb"
unlike "$RC" '^0$' 'a fork bomb comes to an end'
nothing_left 'a fork bomb'
limited --pids-limit 8 "$image" sh -c 'for i in 1 2 3 4 5 6 7 8 9; do sleep 9 & done; echo all'
unlike "$OUT" all 'one process too many'
like "$ERR" 'fork' '... is told to the command'
limited --pids-limit 30 "$image" sh -c 'for i in 1 2 3 4 5 6 7 8 9; do sleep 0 & done; wait; echo all'
is "$RC:$OUT:$ERR" 0:all: 'as many as are allowed'

alone sandbox run --memory 16m "$image" dd if=/dev/zero of=/dev/null bs=64M count=1
killed 'alone in the delegated cgroup'
is "$(cat "$own/alone/cgroup.subtree_control")" '' 'the controllers are off again'
alone sandbox run --cpus 0.5 --pids-limit 30 "$image" true
is "$RC:$OUT:$ERR" 0:: 'alone, with other limits'
nothing_left 'alone, with other limits'

# From outside, while it runs
cid=$(sandbox run -d --name slow --cpus 0.5 --memory 32m --pids-limit 30 "$image" sleep 100)
like "$cid" '^[0-9a-f]+$' 'limits in the background'
leaf=$(echo "$own"/sandbox-*)
is "$(cat "$leaf/cpu.max")" '50000 100000' '--cpus is in cpu.max'
is "$(cat "$leaf/memory.max")" 33554432 '--memory is in memory.max'
is "$(cat "$leaf/pids.max")" 30 '--pids-limit is in pids.max'
run sandbox exec slow dd if=/dev/zero of=/dev/null bs=64M count=1
is "$RC" 137 'exec is limited, too'
run sandbox exec slow cat /proc/self/cgroup
is "$RC:$OUT" 0:0::/ 'exec and its cgroup namespace'
run sandbox stop -t 1 slow
is "$RC" 0 'stop'
wait_for 10 sh -c "! ls -d '$own'/sandbox-*"
nothing_left 'limits in the background'

# The runner is killed: what it made is swept by the next one.
sandbox run -d --name slow --memory 32m "$image" sleep 100 >/dev/null
leaf=$(echo "$own"/sandbox-*)
kill -KILL "${leaf##*-}"
wait_for 10 sh -c "! grep -q . '$leaf/cgroup.procs'"
ok $? 'a runner that is killed takes all with it'
limited --memory 32m "$image" true
nothing_left 'after a runner was killed'

# A controller that was not delegated
echo -cpu >"$own/cgroup.subtree_control"
alone sandbox run --cpus 0.5 "$image" echo ran
is "$RC:$OUT" 0:ran 'a controller that the parent can switch on'
done_testing
