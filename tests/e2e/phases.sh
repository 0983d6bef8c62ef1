#!/bin/sh
# The runtime in phases, as an engine needs it: create, the creator ends, somebody else starts; by the program tests/phases.c.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

phases=$HELPERS/phases
export phases
sandbox unpack "$IMAGES/busybox.tar" root
printf 'neither ELF nor a script' >root/odd
chmod 755 root/odd

# gone PID: soon; whether anybody reaps it is not ours
gone() {
	wait_for 20 sh -c "! grep -qs '^State:[[:space:]]*[A-WY]' /proc/$1/status"
}

# Between create and start, with the monitor as parent of all that loses its own.
cat >steps <<'EOF2'
rm -f gate
"$phases" create $1 root gate sh -c 'echo "process $$"; exit 42' </dev/null
echo "create: $?"
pid=$(cat gate.pid)
[ "$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status")" = "$PPID" ] && echo 'the monitor is its parent'
sleep 0.3
echo "waits as $(cat "/proc/$pid/comm"), process $(awk '/^NSpid/ { print $NF }' "/proc/$pid/status")"
"$phases" start gate
echo "started: $?"
EOF2
for init in '' -i; do
	run timeout 20 "$phases" monitor sh steps $init
	is "$(printf '%s\n' "$OUT" | LC_ALL=C sort)" "$(cat gate.pid) 42
create: 0
process $([ -z "$init" ] && echo 1 || echo 2)
started: 0
the monitor is its parent
waits as phases, process 1" "create $init, the creator ends, start by another process"
	fails "start again $init" 125 'was started before, or has ended' "$phases" start gate
done

# What create finds out.
for command in nothing-of-that /bin/nothing; do
	rm -f gate
	fails "create: $command is not there" 127 "run $command: (not found|there is no such file)" "$phases" create root gate $command
done
for command in /etc/passwd /etc; do
	rm -f gate
	fails "create: $command cannot be executed" 126 "run $command: (the file is not marked|it is a directory)" "$phases" create root gate $command
done
fails 'nobody is left behind a create that failed' 125 'was started before, or has ended' "$phases" start gate

# What only execve(2) finds out is said by the process itself.
rm -f gate
run timeout 20 "$phases" monitor sh -c '"$phases" create root gate /odd && "$phases" start gate'
like "$ERR" '^sandbox: run /odd: it is no program' 'the command cannot be executed after all: a line on its standard error'
is "$OUT" "$(cat gate.pid) 126" 'and its status'

# A gate that is never opened.
rm -f gate
run timeout 20 "$phases" monitor sh -c '"$phases" create -i root gate true && kill -9 $(cat gate.pid)'
is "$RC $OUT" "0 $(cat gate.pid) 137" 'killed in front of the gate: process 1 and what it has started are gone'
fails 'nobody waits there any more' 125 'was started before, or has ended' "$phases" start gate

# The death signal is the creator's choice: before create has returned it is on, then only where it is supervised.
rm -f gate
"$phases" create -s root gate sleep 60 </dev/null &
creator=$!
wait_for 20 sh -c '[ -s gate.pid ] && [ -e gate ]'
"$phases" create root other sleep 60 </dev/null
alive=$(cat other.pid)
sleep 0.3
kill -0 "$(cat gate.pid)"
ok $? 'supervised: it waits as long as its creator lives'
kill -9 $creator
wait $creator 2>/dev/null
gone "$(cat gate.pid)"
ok $? 'and dies with it'
kill -0 "$alive"
ok $? 'not supervised: it lives on'
kill -9 "$alive"
gone "$alive"
ok $? 'until it is killed'

# Supervised and started: the creator has the status.
rm -f gate gate.pid
"$phases" create -s root gate sh -c 'exit 7' </dev/null &
creator=$!
wait_for 20 test -s gate.pid
"$phases" start gate
wait $creator
is $? 7 'supervised: its status is the creator'"'"'s'

rm -f gate
gives 'a terminal goes to the socket that the creator has' 0 "$(printf '/dev/pts/0\r')" timeout 20 "$phases" create -t root gate tty

done_testing
