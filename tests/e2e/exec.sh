#!/bin/sh
# exec: one more command in a sandbox that runs, confined as the first.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

image=$IMAGES/docker.tar
mkdir -p mnt
id=$(sandbox run -d --name box -e COLOUR=blue -e "BYTES=$(printf 'caf\351')" -w /tmp -v "$WORK/mnt:/mnt" --hostname inside "$image" \
	sh -c 'ulimit -n 77; exec sleep 1000')
like "$id" '^[0-9a-f]{12}$' 'a sandbox runs'

# The same world
gives 'by name' 0 x sandbox exec box echo x
gives 'by id' 0 x sandbox exec "$id" echo x
gives 'by the start of its id' 0 x sandbox exec "$(echo "$id" | cut -c 1-6)" echo x
gives 'its status' 7 '' sandbox exec box sh -c 'exit 7'
gives 'ended by a signal' 137 '' sandbox exec box sh -c 'kill -9 $$'
gives 'not found' 127 '' sh -c 'sandbox exec box nosuchcommand 2>/dev/null'
gives 'cannot be executed' 126 '' sh -c 'sandbox exec box /etc/passwd 2>/dev/null'
gives 'an own directory' 0 / sandbox exec -w / box pwd
gives 'the directory of the run' 0 /tmp sandbox exec box pwd
fails 'a directory that is not there' 125 'working directory /no/such' sandbox exec -w /no/such box true
gives 'variables of its own' 0 'blue red' sandbox exec -e OTHER=red box sh -c 'echo $COLOUR $OTHER'
gives 'standard input' 0 word sh -c 'echo word | sandbox exec -i box cat'
gives 'a -- before the command' 0 x sandbox exec box -- echo x
fails 'no command' 125 'no command' sandbox exec box
fails 'no such sandbox' 125 'nosuch: no such run' sandbox exec nosuch true
# inode numbers of namespaces: no readlink in this image tells them
for kind in user mnt pid ipc uts net cgroup; do
	printf 'stat -L -c %%i /proc/$1/ns/%s; ' $kind
done >stats
is "$(sandbox exec box sh -c "$(cat stats)" x self)" "$(sandbox exec box sh -c "$(cat stats)" x 2)" 'all namespaces are those of the command'
[ "$(sandbox exec box sh -c "$(cat stats)" x 2 | wc -l)" = 7 ]
ok $? 'all seven'
# a shell adds some of its own
environ() {
	sandbox exec box cat "/proc/$1/environ" | tr '\0' '\n' | grep -av '^PWD=\|^SHLVL=' | sort
}
is "$(environ self)" "$(environ 2)" 'the same variables, whatever bytes they have'
fields='^(Uid|Gid|Groups|Cap...|NoNewPrivs|Seccomp|Seccomp_filters|Umask|NSpid):'
confinement() {
	sandbox exec "$@" | grep -E "$fields" | grep -v NSpid
}
is "$(confinement box cat /proc/self/status)" "$(confinement box cat /proc/2/status)" 'the same ids, capabilities, filter and umask'
fails_inside() {
	sandbox exec box sh -c "$1" >out 2>&1
	[ $? != 0 ]
	ok $? "$2" || tell "$(cat out)"
}
fails_inside 'mount -t tmpfs x /mnt' 'no mount'
fails_inside 'unshare -U true' 'no namespace'
fails_inside 'cat /proc/kcore' 'masked paths are masked'
fails_inside 'echo 1 >/proc/sys/kernel/domainname' 'read-only paths are read-only'
gives 'a file of the run' 0 here sh -c 'sandbox exec box sh -c "echo here >/tmp/file"; sandbox exec box cat /tmp/file'
is "$(sandbox exec box cat /proc/1/cmdline | tr -d '\0')" sandbox 'process 1 does not tell how it was started'
gives 'no descriptor of the host' 0 4 sh -c 'sandbox exec box sh -c "ls /proc/self/fd | wc -l" 5</ 6</'
run sh -c 'cd /; sandbox exec -w /proc/self/fd/5 box ls 5</'
[ "$RC" = 125 ] && [ -z "$OUT" ]
ok $? 'a descriptor is no way out' || tell "$RC $OUT"
run sh -c 'sandbox exec -w /proc/self/fd/0 box ls </'
[ "$RC" = 125 ] && [ -z "$OUT" ]
ok $? 'nor is standard input' || tell "$RC $OUT"
gives 'the user it is' 0 0 sandbox exec -u root box id -u
fails 'another user' 125 'only 0:0 is mapped' sandbox exec -u 5 box true
fails 'a user that is not there' 125 'nosuchuser' sandbox exec -u nosuchuser box true

# The end
sandbox exec box sleep 300 &
pid=$!
wait_for 10 sh -c 'sandbox exec box sh -c "pgrep -f \"^sleep 300\" || ps | grep \"[s]leep 300\""'
kill -TERM $pid
wait $pid 2>/dev/null
is $? 143 'signals are passed on'
sandbox exec box sh -c 'exec sleep 301' &
pid=$!
in_sight() {
	sandbox exec box ps | grep -q "sleep $1"
}
wait_for 10 in_sight 301
ok $? 'it is seen inside'
kill -KILL $pid
wait $pid 2>/dev/null
out_of_sight() {
	! in_sight "$1"
}
wait_for 10 out_of_sight 301
ok $? 'SIGKILL of exec ends its command'
sandbox exec box sleep 302 2>/dev/null &
pid=$!
wait_for 10 in_sight 302
sandbox kill box >/dev/null
wait $pid
is $? 137 'the end of the sandbox is its end'
sandbox wait box >/dev/null
fails 'then nobody gets in' 125 'box: no such run' sandbox exec box true

# Other kinds of sandboxes
sandbox run -d --name direct --no-init "$image" sleep 1000 >/dev/null
gives 'into one without init' 0 '1 sleep' sh -c 'sandbox exec direct ps | sed -n "s/^ *\\(1\\) .* \\(sleep\\) 1000\$/\\1 \\2/p"'
sandbox run -d --name user -u 33:33 "$image" sleep 1000 >/dev/null
gives 'into one with another user' 0 '33:33' sandbox exec user sh -c 'echo $(id -u):$(id -g)'
is "$(sandbox exec user sh -c "$(cat stats)" x self)" "$(sandbox exec user sh -c "$(cat stats)" x 2)" 'in its user namespace, too'
is "$(confinement user cat /proc/self/status)" "$(confinement user cat /proc/2/status)" 'with its confinement'
fails 'not as root there' 125 'only 33:33 is mapped' sandbox exec -u 0 user true
sandbox run -d --name net --network none "$image" sleep 1000 >/dev/null
gives 'into one without a network' 0 'lo' sandbox exec net sh -c 'tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d " "'
sandbox run -d --name open --cap-drop ALL --security-opt seccomp=unconfined --umask 077 "$image" sleep 1000 >/dev/null
is "$(confinement open cat /proc/self/status)" "$(confinement open cat /proc/2/status)" 'into one that is confined otherwise'
sandbox run -d --name limit --ulimit nofile=99:100 "$image" sleep 1000 >/dev/null
gives 'into one with limits' 0 '99 100' sandbox exec limit sh -c 'echo $(ulimit -Sn) $(ulimit -Hn)'

# A terminal
if command -v python3 >/dev/null; then
	run python3 "$TESTS/terminal.py" --size 33x44 want:ready 'type:word\r' end -- \
		sandbox exec -it direct sh -c 'tty; stty size; echo ready; read x; echo "got $x"; exit 6'
	like "$OUT" '^/dev/pts/0$' 'exec -t: a terminal of the sandbox'
	like "$OUT" '^33 44$' 'with the window size'
	like "$OUT" '^got word$' 'input arrives'
	like "$OUT" '^status 6$' 'and the status comes back'
else
	skip 'exec -t' 'python3 is needed'
fi
sandbox kill direct user net open limit >/dev/null
sandbox wait direct user net open limit >/dev/null
store_is_clean
ok $? 'nothing is left in the store' || tell "$(ls -A "$STORE/runs")"
done_testing
