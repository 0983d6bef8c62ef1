#!/bin/sh
# Runs that others look at: the background, names, ps, stop, kill, wait, limits of time, what a run tells.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

image=$IMAGES/docker.tar
sandbox run "$image" true
runs=$STORE/runs

# start NAME SCRIPT [OPTION...]: in the background, until it said `ready`
start() {
	start_name=$1 script=$2
	shift 2
	rm -f "$WORK/log"
	run sandbox run -d --name "$start_name" --log "$WORK/log" "$@" "$image" sh -c "$script"
	[ "$RC" = 0 ] && wait_for 20 grep -q ready "$WORK/log" || tell "not started: $RC $OUT $ERR $(cat "$WORK/log")"
	id=$OUT
}
listed() {
	sandbox ps | grep -q " $1 "
}
unlisted() {
	! listed "$1"
}

# In the background
start one 'echo ready; echo err >&2; trap "exit 5" TERM; while :; do sleep 0.1; done'
like "$id" '^[0-9a-f]{12}$' '-d prints an id'
like "$(sandbox ps)" "^$id +one +.*docker.tar +[0-9]+ +[0-9TZ:-]+ +sh -c" 'ps shows it'
is "$(sandbox ps --json | tr -d ' \n' | grep -o '"name":"one"')" '"name":"one"' 'ps --json, too'
is "$(sort "$WORK/log")" "$(printf 'err\nready')" '--log has both outputs'
fails 'its name is taken' 125 'another run has this name' sandbox run --name one "$image" true
gives 'stop sends TERM, and says whom' 0 one sandbox stop one
unlisted one
ok $? 'then it is gone'
gives 'wait tells the status of one that has ended' 0 5 sandbox wait "$id"
fails 'once' 125 'no such run' sandbox wait "$id"
gives 'the name is free again' 0 x sandbox run --name one "$image" echo x
fails 'the background says why it failed' 127 nosuch sandbox run -d "$image" nosuch
fails 'a log in a folder that is not there' 125 'log' sandbox run -d --log no/such/log "$image" true
fails '--log without -d' 125 'detach' sandbox run --log x "$image" true
start two 'echo ready; read x; echo "end of input"; sleep 100'
wait_for 10 grep -q 'end of input' "$WORK/log"
ok $? 'its standard input is empty'
sandbox wait two >waited &
waiter=$!
wait_for 10 sh -c "grep -q '^Name:.sandbox' /proc/$waiter/status && grep -q '^State:.S' /proc/$waiter/status"
gives 'kill -s' 0 two sandbox kill -s USR1 two
wait $waiter
is "$?:$(cat waited)" 0:138 'wait sees the end'
id=$(sandbox run -d "$image" sh -c 'exit 3')
wait_for 10 test "$(sandbox wait "$id")" = 3
ok $? 'a short one has its status, too'
start twins1 'echo ready; sleep 100'
start twins2 'echo ready; sleep 100'
gives 'stop takes several' 0 "$(printf 'twins1\ntwins2')" sandbox stop twins1 twins2
fails 'no such run' 125 'nosuch: no such run' sandbox stop nosuch
# The others are stopped all the same, and each that is missing has its line.
for verb in stop kill wait; do
	end=77
	[ $verb = wait ] && end=0
	sandbox run -d --name one "$image" sleep $end >/dev/null
	sandbox run -d --name two "$image" sleep $end >/dev/null
	run timeout 30 sandbox $verb none one nosuch two
	is "$RC:$(printf '%s\n' "$OUT" | wc -l):$(printf '%s\n' "$ERR" | sed 's/ (.*//' | tr '\n' ' ')" \
		'125:2:sandbox: none: no such run sandbox: nosuch: no such run ' "$verb goes on after a name that there is not"
	wait_for 10 sh -c '! sandbox ps | grep -E "one|two"'
	ok $? '... and both have ended'
	[ $verb = wait ] || sandbox wait one two >/dev/null # else they stay by their ids
done
sandbox wait twins1 twins2 >/dev/null

# It keeps nothing that its caller has open
exec 9>lock
flock 9
sandbox run -d --name holder "$image" sleep 100 >/dev/null
exec 9>&-
flock -n lock true
ok $? 'it does not keep a lock of its caller'
timeout 20 sh -c '{ sandbox run -d --name piper "$1" sleep 100 9>&1 >/dev/null; } | cat' x "$image"
is $? 0 'nor the end of a pipe'
is "$(sandbox run -d --name handed --preserve-fds 1 "$image" sh -c 'echo handed >&3' 3>handed 9>lock >/dev/null; wait_for 10 test -s handed; cat handed)" handed 'but what --preserve-fds hands on'
sandbox stop -t 0 holder piper >/dev/null
sandbox wait holder piper handed >/dev/null

# How it is ended
start stubborn 'trap "" TERM; echo ready; while :; do sleep 0.1; done'
gives 'stop -t: then KILL' 0 stubborn sandbox stop -t 1 stubborn
is "$(sandbox wait stubborn)" 137 'and that is its status'
start own 'trap "exit 9" USR2; echo ready; while :; do sleep 0.1; done' --stop-signal SIGUSR2
sandbox stop own >/dev/null
is "$(sandbox wait own)" 9 '--stop-signal'
fails '--stop-signal that is none' 125 'unknown signal' sandbox run --stop-signal NONE "$image" true
fails 'kill with a signal that is none' 125 'no such signal' sandbox kill -s NONE x
start real 'trap "echo got it" RTMIN+3 2>/dev/null || trap "echo got it" 37; echo ready; while :; do sleep 0.1; done'
sandbox kill -s SIGRTMIN+3 real >/dev/null
wait_for 10 grep -q 'got it' "$WORK/log"
ok $? 'SIGRTMIN+3 is what Docker and glibc call so'
state() {
	grep -q "^State:.$1" "/proc/$(cat "/proc/$(sandbox ps --json | sed -n 's/.*"pid": \([0-9]*\).*/\1/p')/task/"*/children | cut -d' ' -f1)/status"
}
sandbox kill -s STOP real >/dev/null
wait_for 10 state T
ok $? 'STOP stops the command'
sandbox kill -s CONT real >/dev/null
wait_for 10 state S
ok $? 'CONT continues it'
gives 'kill is KILL' 0 real sandbox kill real
is "$(sandbox wait real)" 137 'and ends it'
start direct 'echo ready; sleep 100' --no-init
sandbox stop -t 0 direct >/dev/null
is "$(sandbox wait direct)" 137 'stop works with --no-init'

# A limit of time
run sandbox run --timeout 1 "$image" sleep 100
is "$RC" 143 '--timeout asks it to end'
like "$ERR" 'time limit' 'and says so'
gives '--timeout that is not reached' 4 '' sandbox run --timeout 100 "$image" sh -c 'exit 4'

# What it tells
tells() {
	: >told
	sandbox run --status-fd 9 "$@" 9>>told >/dev/null 2>&1
	cat told
}
like "$(tells --name told "$image" sh -c 'exit 6')" '^\{"event": ?"started", ?"id": ?"[0-9a-f]{12}", ?"name": ?"told", ?"pid": ?[0-9]+\}$' '--status-fd: started'
like "$(tells "$image" sh -c 'exit 6')" '"event": ?"exited".*"status": ?6\}$' '--status-fd: exited'
like "$(tells "$image" sh -c 'kill -9 $$')" '"status": ?137, ?"signal": ?9\}$' '--status-fd: a signal is told from a status'
unlike "$(tells "$image" sh -c 'exit 137')" '"signal"' '--status-fd: and the other way round'
like "$(tells --timeout 1 "$image" sleep 9)" '"timeout": ?true' '--status-fd: the time limit'
like "$(tells "$image" nosuch)" '^\{"event": ?"failed", ?"status": ?127, ?"message": ?"run nosuch' '--status-fd: failed, and why'
like "$(tells no/such/image)" '^\{"event": ?"failed", ?"status": ?125' '--status-fd: no image'
gives '--status-fd does not leak' 1 '' sh -c 'sandbox run --status-fd 3 "$0" test -e /proc/self/fd/3 3>/dev/null' "$image"
fails '--status-fd that is not open' 125 'status-fd' sandbox run --status-fd 77 "$image" true
is "$(sandbox run --status-fd 1 "$image" true | wc -l)" 2 '--status-fd 1'
gives '--status-fd: a reader that goes away' 0 '' sh -c '{ sandbox run --status-fd 9 "$0" sleep 0.3 9>&1 >&2; echo $? >rc; } | true; exit $(cat rc)' "$image"
start told 'echo ready; sleep 100' --pidfile "$WORK/pid" --cidfile "$WORK/cid"
is "$(cat cid)" "$id" '--cidfile has the id'
like "$(sandbox ps)" "^$id.* $(cat pid) " '--pidfile has the process'
[ "$(readlink "/proc/$(cat pid)/ns/pid" 2>/dev/null)" != "$(readlink /proc/self/ns/pid)" ]
ok $? 'which is there'
fails '--cidfile that is there' 125 'cidfile.*exists' sandbox run --cidfile "$WORK/cid" "$image" true
sandbox stop -t 0 told >/dev/null
sandbox wait told >/dev/null
[ ! -e pid ]
ok $? '--pidfile ends with the process'

# Descriptors
is "$(sandbox run --preserve-fds 2 "$image" sh -c 'cat <&3; echo out >&4; ls /proc/self/fd | wc -l' 3<<END 4>&1
in
END
)" "$(printf 'in\nout\n6')" '--preserve-fds hands on'
fails '--preserve-fds that are not there' 125 'preserve-fds' sh -c 'exec 3>&- 4>&-; exec sandbox run --preserve-fds 2 "$0" true' "$image"
is "$(sandbox run "$image" sh -c 'echo no >&3' 3>&1 2>/dev/null)" '' 'others are not handed on'
mkfifo pipe
sandbox run --preserve-fds 1 -v "$WORK:/w" "$image" sh -c 'exec 3>&-; until [ -e /w/seen ]; do sleep 0.05; done' 3>pipe >/dev/null 2>&1 &
timeout 20 cat pipe
ok $? 'a pipe that is handed on ends when the command closes it'
touch seen
wait $!
is $? 0 'which lives on'

# After a crash
start crash 'echo ready; exec sleep 1000 # crash-'$$
kill -KILL "$(sandbox ps --json | sed -n 's/.*"runner": \([0-9]*\).*/\1/p')"
wait_for 10 gone "crash-$$"
ok $? 'SIGKILL of the runner ends the command'
wait_for 10 unlisted crash # its words are gone before its locks are
ok $? 'and ps does not show it'
[ -z "$(ls "$runs")" ]
ok $? 'nor is its entry left' || tell "$(ls "$runs")"
fails 'nobody can wait for it' 125 'no such run' sandbox wait crash

# As an interpreter
cat >script <<END
#!/usr/bin/env -S sandbox run -v $WORK:$WORK $image sh
echo "script \$1 \$container"
exit 8
END
chmod +x script
gives '#!: a script is run in an image' 8 'script word sandbox' "$WORK/script" word

# Many at once
for i in 1 2 3 4 5 6 7 8; do sandbox run -d --name "many$i" "$image" sleep 100 >/dev/null & done
wait
is "$(sandbox ps | grep -c ' many')" 8 'eight at once'
gives 'stopped at once, where the soft limit of open files has no room for them' 0 "$(printf 'many%s\n' 1 2 3 4)" \
	sh -c 'ulimit -S -n 14 && exec sandbox stop -t 0 many1 many2 many3 many4'
sandbox wait many1 many2 many3 many4 >/dev/null
sandbox kill many5 many6 many7 many8 >/dev/null
is "$(sandbox wait many5 many6 many7 many8 | sort -u)" 137 'stopped at once'
store_is_clean
ok $? 'nothing is left in the store' || tell "$(ls -A "$STORE/runs" "$STORE/staging")"
done_testing
