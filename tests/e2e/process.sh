#!/bin/sh
# How a run ends: exit statuses, signals, nothing left.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

image=$IMAGES/docker.tar
sandbox run "$image" true

# Statuses
for status in 0 1 3 42 124 125 126 127 128 255; do
	gives "status $status" $status '' sandbox run "$image" sh -c "exit $status"
done
for pair in HUP:129 INT:130 ABRT:134 SEGV:139 KILL:137 TERM:143 USR1:138; do
	gives "ended by SIG${pair%:*}" "${pair#*:}" '' sandbox run "$image" sh -c "kill -${pair%:*} \$\$; sleep 5"
done
fails 'a command that is not there' 127 'nosuchcommand' sandbox run "$image" nosuchcommand
fails 'a path that is not there' 127 '/no/such' sandbox run "$image" /no/such
fails 'a directory as command' 126 '/etc' sandbox run "$image" /etc
fails 'a file that is no program' 126 '/etc/passwd' sandbox run "$image" /etc/passwd
# Why a file cannot be executed.  A dynamic program of this host finds no loader in the image.
mkdir why
: >why/empty
echo 'just text' >why/text
printf '#! \n' >why/nameless
printf '#!/bin/nothing\n' >why/lost
printf '#!/bin/sh\r\necho x\n' >why/dos
cp "$(command -v perl)" why/dynamic
printf '#!/why/dynamic\n' >why/by-dynamic
chmod 755 why/*
echo x >why/plain
why() {
	fails "$1: why" "$2" "run /why/$1: $3" sandbox run -v "$WORK/why:/why" "$image" "/why/$1"
}
why plain 126 'the file is not marked as executable'
why empty 126 'it is an empty file'
why text 126 'it is no program, nor a script with a #! line'
why nameless 126 'it is a script whose first line names no interpreter'
why lost 127 'it is a script whose interpreter /bin/nothing is not in the image'
why dos 127 'it is a script whose first line ends in a carriage return'
why dynamic 127 'it needs the loader /lib.*/ld-.* which is not in the image'
why by-dynamic 127 'its interpreter /why/dynamic needs the loader /lib.*/ld-.* which is not in the image'
gives 'a relative command starts at the working directory' 0 x sandbox run -w /bin "$image" ./echo x

# Signals reach the command.  $tag is in its command line, and so finds it from outside.
tag=sandbox-test-$$-$MODE
started() {
	[ -e "$WORK/mnt/started" ]
}
start() {
	rm -rf mnt
	mkdir mnt
	# a shell starts what is in its background with INT and QUIT ignored
	env --default-signal=INT,QUIT sandbox run -v "$WORK/mnt:/mnt" "$image" sh -c "$1 # $tag" >out 2>err &
	pid=$!
	wait_for 20 started || tell "it did not start: $(cat err)"
}
ended() {
	! kill -0 $pid 2>/dev/null || grep -q '^State:.Z' "/proc/$pid/status"
}
finish() {
	wait_for 20 ended || {
		tell "it did not end: $(processes "$tag")"
		kill -KILL $pid
	}
	RC=0
	wait $pid 2>/dev/null || RC=$?
}
for signal in TERM HUP USR1 USR2 INT QUIT CONT WINCH; do
	start "trap 'echo got $signal; exit 9' $signal; touch /mnt/started; while :; do sleep 0.1; done"
	kill -$signal $pid
	finish
	is "$RC:$(cat out)" "9:got $signal" "SIG$signal is passed on"
done
start 'touch /mnt/started; exec sleep 1000'
kill -TERM $pid
finish
is $RC 143 'a command without a handler is ended by it'

# Nothing is left, however it ends.
start 'touch /mnt/started; sleep 1000 & setsid sh -c "trap \"\" TERM HUP INT; sleep 1000; : '"$tag"'" & sleep 1000'
[ -n "$(processes "$tag")" ]
ok $? 'processes can be found from outside'
kill -KILL $pid
finish
wait_for 10 gone "$tag"
ok $? 'SIGKILL of the runner ends everything inside' || tell "left: $(processes "$tag")"
store_is_clean || sandbox run "$image" true
store_is_clean
ok $? 'and nothing is left in the store'

start 'touch /mnt/started; (trap "" TERM; sleep 1000; : '"$tag"') & exit 4'
finish
is $RC 4 'the end of the command is the end of all'
wait_for 10 gone "$tag"
ok $? 'its children do not live on'
gives 'orphans are reaped' 0 0 sandbox run "$image" sh -c \
	'for i in 1 2 3 4 5; do (sh -c "sleep 0.1 &" ); done
	while [ $i -lt 500 ] && grep -qs "^Name:.sleep" /proc/[0-9]*/status; do usleep 20000; i=$((i + 1)); done
	grep -ls "^State:.Z" /proc/[0-9]*/status | wc -l'
is "$(grep -c "$WORK" /proc/self/mounts)" 0 'no mount is left'

# Pipelines
is "$(sandbox run "$image" sh -c 'yes' 2>err | head -n 2)" 'y
y' 'a reader that goes away ends it'
is "$(printf 'b\na\n' | sandbox run "$image" sort | tr '\n' ' ')" 'a b ' 'between two pipes'

# A terminal: Ctrl-C, its size, and job control of the caller's shell
cat >terminal.py <<'END'
import os, pty, select, signal, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execvp('sandbox', ['sandbox', 'run', sys.argv[1], 'sh', '-c', sys.argv[2]])
seen, sent, end = b'', False, time.monotonic() + 30
while time.monotonic() < end:
    if not select.select([fd], [], [], 0.2)[0]:
        continue
    try:
        data = os.read(fd, 4096)
    except OSError:
        break
    if not data:
        break
    seen += data
    if b'ready' in seen and not sent:
        os.write(fd, sys.argv[3].encode().decode('unicode_escape').encode())
        sent = True
else:
    os.kill(pid, signal.SIGKILL)
status = os.waitpid(pid, 0)[1]
print(os.waitstatus_to_exitcode(status), seen.replace(b'\r', b'').decode())
END
terminal() {
	python3 terminal.py "$image" "$@"
}
like "$(terminal 'echo ready; sleep 100' '\x03' | tr '\n' ' ')" '^130 ready' 'Ctrl-C ends the command'
like "$(terminal 'trap "echo caught; exit 5" INT; echo ready; while :; do sleep 0.1; done' '\x03' | tr '\n' ' ')" '^5 ready.*caught' \
	'Ctrl-C can be caught'
like "$(terminal 'test -t 0 && test -t 1 && echo ready; read line; echo "read $line"' 'typed\n' | tr '\n' ' ')" '^0 ready.*read typed' 'a terminal stays one'

# What a command needs and says badly itself
run sandbox run "$image" /sbin/init
like "$ERR" '^sandbox: /sbin/init expects to be process 1, which --no-init makes it; systemd does not work' 'an init is told to need --no-init'
run sandbox run --no-init --timeout 1 "$image" /sbin/init
unlike "$ERR" 'process 1' '... and with it, nothing is said'
printf '#!/bin/sh\necho ran\n' >postgres
chmod 755 postgres
for command in postgres '/bin/sh /bin/postgres'; do
	# shellcheck disable=SC2086 # words
	run sandbox run -v "$PWD/postgres:/bin/postgres" "$image" $command
	is "$OUT" ran "$command as root runs"
	like "$ERR" '^sandbox: PostgreSQL refuses to run as root: use -u postgres' '... with a note'
done
gives '... but not as a user' 0 ran sandbox run -u 1000 -v "$PWD/postgres:/bin/postgres" "$image" postgres
done_testing
