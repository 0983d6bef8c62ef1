#!/bin/sh
# join: the ranks of a job step on a node share one sandbox, and none of them matters more than the others
# modes: user
. "${TESTS:-$(dirname "$0")/..}/lib.sh"
# The steps are imitated; tests/hpc has a real Slurm.
unset SLURM_JOB_ID PMI_RANK PMIX_RANK TMPDIR
image=$IMAGES/busybox.tar
sandbox load -q "$image" >/dev/null
sandbox run "$image" true

mkdir bin go
cat >bin/step <<'END'
#!/bin/sh
exec env SLURM_JOB_ID=7 SLURM_STEP_ID=${STEP:-0} SLURM_STEP_TASKS_PER_NODE=2 SLURM_NODEID=0 SLURM_PROCID="$@"
END
# The status as a launcher sees it
cat >bin/ended <<'END'
#!/usr/bin/env python3
import subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print(f"{-code} by signal" if code < 0 else code)
END
chmod 755 bin/*
PATH=$WORK/bin:$PATH

# In a rank: says where it is, and stays until go/NAME is there
cat >stay <<'END'
for kind in user pid ipc mnt uts cgroup net; do stat -Lc %i /proc/self/ns/$kind; done >at.$1.new
mv at.$1.new at.$1
until [ -e go/$1 ]; do sleep 0.05; done
echo "$1 $$"
END
# rank N NAME OPTION...: in the background, until `let NAME`; sets $PID
rank() {
	n=$1 word=$2
	shift 2
	step "$n" sandbox run "$@" "$image" sh stay "$word" >out."$word" 2>&1 &
	PID=$!
	wait_for 20 test -e at."$word" || tell "$word did not start: $(cat out."$word")"
}
# let NAME...: these go on
let() { for word; do : >go/"$word"; done; }
# done_with PID NAME WANT: it has ended, and so
done_with() {
	wait "$1"
	is "$? $(sed 's/ [0-9]*$//' out."$2")" "$3" "$4"
}
# clean: for the next check
clean() {
	rm -f at.* go/* out.*
	wait_for 20 store_is_clean
	ok $? "nothing is left${1:+ $1}" || tell "$(ls -A "$STORE/runs" "$STORE/staging"; sandbox ps)"
}

echo '# one sandbox for all'
rank 0 a
a=$PID
rank 1 b
b=$PID
is "$(cat at.b)" "$(cat at.a)" 'two ranks of a step have all namespaces in common'
is "$(sandbox ps | grep -c step-7.0-)" 1 'ps lists their sandbox, with the step in its name'
run=$(sandbox ps | awk 'NR == 2 { print $1 }')
gives 'exec joins it' 0 "$(cat at.a)" sandbox exec -w "$WORK" "$run" sh -c 'for kind in user pid ipc mnt uts cgroup net; do stat -Lc %i /proc/self/ns/$kind; done'
is "$(sandbox top "$run" | grep -c 'sh stay')" 2 'top lists the ranks'
gives 'cp takes from it' 0 "$(cat stay)" sh -c 'sandbox cp "$0:$1/stay" - | tar -xO' "$run" "$WORK"
fails 'rename does not hide it from later ranks' 125 'rename: .* its ranks find it by its name' sandbox rename "$run" other
let a b
done_with $a a '0 a' 'the first ends with its own status'
done_with $b b '0 b' 'and so does the second'
unlike "$(cat out.a)" "^a $(sed 's/.* //' out.b)\$" 'their process numbers differ'
clean

rank 0 a
a=$PID
mine='grep -E "^(NoNewPrivs|Seccomp|Cap...):" /proc/self/status; mount; ls /proc/sys >/dev/null; cat /proc/keys /proc/timer_list; ls -a /; id; ulimit -a'
run step 1 sandbox run --no-join "$image" sh -c "$mine"
alone=$OUT
gives 'a rank is confined as without --join' 0 "$alone" step 1 sandbox run "$image" sh -c "$mine"
gives 'each has its own environment, directory, umask, limits, input and output' 0 '1 go 77 99 in' sh -c \
	'echo in >in; mkdir -p "$PWD/go"; umask 077; ulimit -n 99; cd go && step 1 sandbox run "$0" sh -c "echo \$SLURM_PROCID \${PWD##*/} \$(umask | tail -c 3) \$(ulimit -n) \$(cat)" <../in' "$image"
rm -f go/*
gives 'each has its own directory, which is made' 0 /made step 1 sandbox run -w /made "$image" pwd
gives 'each has its own descriptor of its launcher' 0 "$(printf '0: 0 of 2: 0\n1: 1 of 2: 0')" \
	step 0 python3 "$TESTS/launcher.py" 2 sandbox run "$image" sh -c 'echo $PMI_RANK of $PMI_SIZE >&$PMI_FD'
for signal in 9 11 15; do
	is "$(step 1 ended sandbox run "$image" sh -c "kill -$signal \$\$")" "$signal by signal" "a rank that signal $signal ends"
done
fails 'one whose command is missing' 127 'nosuch: not found' step 1 sandbox run "$image" nosuch
fails 'one whose command cannot be executed' 126 '/etc/passwd' step 1 sandbox run "$image" /etc/passwd
gives 'Open MPI may share memory' 0 none step 1 sandbox run "$image" sh -c 'echo ${OMPI_MCA_btl-none}'
gives 'process 1 lets nobody look at it' 1 '' step 1 sandbox run "$image" sh -c 'ls /proc/1/fd/ 2>/dev/null; stat -L /proc/1/ns/mnt 2>/dev/null || cat /proc/1/environ 2>/dev/null'
let a
done_with $a a '0 a' 'none of these touched the first'
clean

echo '# who shares'
rank 0 a
a=$PID
# where COMMAND...: in the sandbox of the step, or not
where() { [ "$("$@" sh -c 'stat -Lc %i /proc/self/ns/pid')" = "$(sed -n 2p at.a)" ] && echo joined || echo apart; }
is "$(where step 1 sandbox run "$image")" joined 'another task of the step'
is "$(where sandbox run "$image")" apart 'what is in no step'
is "$(STEP=1 where step 1 sandbox run "$image")" apart 'another step'
is "$(where step 1 env SLURM_JOB_ID=8 sandbox run "$image")" apart 'another job'
is "$(where step 1 env SLURMD_NODENAME=other sandbox run "$image")" apart 'another node of that machine'
is "$(where step 1 sandbox run --no-join "$image")" apart '--no-join'
is "$(where step 1 sandbox run --no-hpc "$image")" apart '--no-hpc'
is "$(where step 1 env SLURM_STEP_TASKS_PER_NODE=1 sandbox run "$image")" apart 'the only task on its node'
is "$(where env SLURM_JOB_ID=7 SLURM_TASKS_PER_NODE=2 SLURM_NODEID=0 sandbox run "$image")" apart 'the batch script itself'
is "$(where step 1 sandbox run --name own "$image")" apart 'a run with --name'
is "$(where step 1 sandbox run --pidfile own "$image")" apart 'a run with --pidfile'
cp "$image" copy.tar
is "$(where step 1 sandbox run copy.tar)" joined 'the same image of another file'
run step 1 sandbox run --read-only "$image" sh -c 'stat -Lc %i /proc/self/ns/pid; echo $OMPI_MCA_btl'
unlike "$OUT" "$(sed -n 2p at.a)" 'other options are another sandbox'
like "$OUT" '\^vader,sm' 'whose ranks talk with the others by TCP'
like "$ERR" '^sandbox: other ranks of this step on this node have another image or other options' 'and which says so'
let a
wait $a
clean
for group in 'PMIX_NAMESPACE=a/b.3 PMIX_RANK=0' 'PMIX_RANK=0 OMPI_MCA_orte_jobfam_session_dir=/tmp/x/y' 'PALS_APID=x PALS_RANKID=0' 'FLUX_JOB_ID=f FLUX_TASK_RANK=0'; do
	# shellcheck disable=SC2086 # assignments
	env $group sandbox run "$image" sh stay a >out.a 2>&1 &
	a=$!
	wait_for 20 test -e at.a
	is "$(where env $group sandbox run "$image")" joined "by $group"
	let a
	wait $a
	clean
done
both='stat -Lc %i /proc/self/ns/pid >>hydra; until [ "$(wc -l <hydra)" = 2 ]; do sleep 0.05; done'
python3 "$TESTS/launcher.py" 2 sh -c 'sandbox run "$@"; true' sh "$image" sh -c "$both" >/dev/null
is "$(uniq hydra | wc -l)" 1 "by MPICH's process manager, also through a script"

echo '# by hand'
sandbox run --join work -v "$WORK:/w" -w /w "$image" sh stay a >out.a 2>&1 &
a=$!
wait_for 20 test -e at.a
is "$(where sandbox run --join work -v "$WORK:/w" "$image")" joined '--join outside of a step'
is "$(where sandbox run --join other -v "$WORK:/w" "$image")" apart 'another group'
let a
wait $a
for option in --detach '--name x' '--pidfile x' '--cidfile x' '--status-fd 3' --no-init '--memory 1g' '--cpus 1' '--pids-limit 99'; do
	# shellcheck disable=SC2086 # an option and its value
	fails "--join refuses $option" 125 "join: ${option%% *} is for a sandbox of its own" sandbox run --join work $option "$image" true 3>/dev/null
done
fails 'a group that is no name' 125 'join: a/b: must begin' sandbox run --join a/b "$image" true
for option in --writable=kept "--scratch=$WORK" --network=none; do
	rm out.a
	sandbox run --join work "$option" "$image" sh -c 'echo made >/made; ls /sys/class/net; until [ -e /end ]; do sleep 0.05; done' >out.a 2>&1 &
	a=$!
	wait_for 20 test -s out.a
	gives "$option is that of all" 0 "$(printf 'made\n%s' "$(cat out.a)")" sandbox run --join work "$option" "$image" sh -c 'cat /made; ls /sys/class/net; touch /end'
	wait $a
	is "$?" 0 'and the first ends well'
done
clean

echo '# ranks that end early, come late, or are killed'
rank 0 a
a=$PID
rank 1 b
b=$PID
let a
done_with $a a '0 a' 'the first ends first'
rank 1 c
c=$PID
is "$(cat at.c)" "$(cat at.b)" 'a late one joins the second'
kill -KILL $b
wait $b 2>/dev/null
rank 1 d
d=$PID
is "$(cat at.d)" "$(cat at.c)" 'another one after the second was killed'
let c d
done_with $c c '0 c' 'the third is not touched'
done_with $d d '0 d' 'nor is the fourth'
clean

rank 0 a
a=$PID
rank 1 b
b=$PID
kill -KILL $a
wait $a 2>/dev/null
rank 1 c
c=$PID
is "$(cat at.c)" "$(cat at.b)" 'when the first was killed, a late one joins'
wait_for 20 sh -c '[ "$(sandbox top "$(sandbox ps | awk "NR == 2 { print \$1 }")" | grep -c "sh stay")" = 2 ]'
ok $? 'and the command of the first has ended'
is "$(step 1 sandbox run "$image" sh -c 'trap "" TERM; kill -TERM -1; kill -KILL -1; echo lives')" lives 'a rank that kills all that it sees'
wait $b $c 2>/dev/null
gives 'does not keep later ones from joining' 0 x step 1 sandbox run "$image" echo x
clean

for victim in runner init; do
	rank 0 a
	a=$PID
	rank 1 b
	b=$PID
	pid=$(sandbox ps --json | sed -n "s/.*\"$([ $victim = init ] && echo pid || echo runner)\": *\\([0-9]*\\).*/\\1/p")
	kill -KILL "$pid"
	wait $a 2>/dev/null
	first=$?
	wait $b 2>/dev/null
	is "$first $?" '137 137' "without the keeper ($victim) all ranks end"
	gives 'and the next makes a new sandbox' 0 x step 1 sandbox run "$image" echo x
	clean
done

rank 0 a
a=$PID
rank 1 b
b=$PID
sandbox stop "$(sandbox ps | awk 'NR == 2 { print $1 }')" >/dev/null
wait $a 2>/dev/null
first=$?
wait $b 2>/dev/null
is "$first $?" '143 143' 'stop asks all ranks to end'
clean

# Each process of the first rank is killed at each stage of its start.  -f: also the keeper and process 1.
if command -v strace >/dev/null; then
	for stage in flock:1 bind:1 listen:1 connect:2 'fork,vfork,clone,clone3:1' recvmsg:1 setns:1 setns:3 wait4:1 \
		-f:unshare:1 -f:pivot_root:1 -f:accept4:1 -f:sendmsg:1 -f:execve:2; do
		call=${stage#-f:}
		follow=${stage%"$call"}
		rm -f trace
		# shellcheck disable=SC2086 # -f or nothing
		step 0 strace ${follow:+-f} -qq -o trace -e inject="${call%:*}:signal=KILL:when=${call#*:}" \
			sandbox run "$image" true >out.a 2>&1 &
		first=$!
		# What makes another one goes on then without strace.
		wait_for 60 grep -qs 'killed by SIGKILL' trace
		killed=$?
		kill -KILL $first 2>/dev/null
		wait $first 2>/dev/null
		run timeout -k 5 60 step 1 sandbox run "$image" echo next
		is "$killed $RC $OUT" '0 0 next' "KILL at $stage: the next one runs" || tell "$ERR"
	done
	clean 'after all that'
	# What all ranks share is looked for once: the others ask little of the store.
	rank 0 a
	a=$PID
	step 1 strace -f -y -qq -o trace sandbox run "$image" true
	calls=$(grep -c "$STORE" trace)
	let a
	wait $a
	[ "$calls" -le 50 ]
	ok $? "a rank makes at most 50 calls on the store: $calls" || tell "$(grep "$STORE" trace)"
	clean
else
	skip 'ranks that are killed at each stage' 'strace is not installed'
fi

echo '# many at once'
for i in $(seq 64); do
	step "$i" sandbox run "$image" sh -c 'stat -Lc %i /proc/self/ns/mnt >>all; until [ "$(wc -l <all)" = 64 ]; do sleep 0.1; done' >>out.all 2>&1 &
done
wait
is "$(sort all | uniq -c | wc -l) $(wc -l <all) $(cat out.all)" '1 64 ' '64 ranks, one sandbox, and not a word'
clean
for step in 0 1; do
	for i in 1 2 3 4; do
		STEP=$step step "$i" sandbox run "$image" sh -c 'stat -Lc %i /proc/self/ns/mnt >>two; until [ "$(wc -l <two)" = 8 ]; do sleep 0.1; done' >>out.two 2>&1 &
	done
done
wait
is "$(sort two | uniq -c | awk '{ print $1 }' | tr '\n' ' ')$(cat out.two)" '4 4 ' 'two steps at once'
clean
export SANDBOX_STORE="$WORK/fresh"
for i in $(seq 8); do
	step "$i" sandbox run "$image" sh -c 'stat -Lc %i /proc/self/ns/mnt >>cold; until [ "$(wc -l <cold)" = 8 ]; do sleep 0.1; done' 2>/dev/null &
done
wait
is "$(sort cold | uniq -c | wc -l)" 1 'the image is unpacked once, too'
unset SANDBOX_STORE

echo '# where no sandbox can be shared'
fails 'what cannot be made is said to each' 125 'scratch: /no/such' step 0 sandbox run --scratch /no/such "$image" true
clean
run step 1 "$HELPERS/deny" setns=EPERM -- sandbox run "$image" sh -c 'echo "$SLURM_PROCID $OMPI_MCA_btl"'
is "$RC $OUT" '0 1 ^vader,sm' 'a rank that may not join runs alone, and talks by TCP'
like "$ERR" 'ranks of this step do not share a sandbox, and talk by TCP: join the sandbox: Operation not permitted' 'and says so'
fails 'not if --join asks for more' 125 'join: join the sandbox: Operation not permitted' \
	"$HELPERS/deny" setns=EPERM -- sandbox run --join work "$image" true
mkdir locked
cp -r "$STORE" locked/store
chmod 500 locked/store/runs
run step 1 sandbox --store "$WORK/locked/store" run "$image" sh -c 'echo "$SLURM_PROCID $OMPI_MCA_btl"'
is "$RC $OUT" '0 1 ^vader,sm' 'nor with a store that cannot be written to'
like "$ERR" 'share a sandbox, and talk by TCP: store .*/locked/store: lock runs/step-7.0.*: Permission denied' 'and says so'
chmod 700 locked/store/runs
cat >pose.py <<'END'
import os, socket, sys
store, door = sys.argv[1:]
path = f"{store}/runs/{door}"
os.path.exists(path) and os.unlink(path)
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind(path)
s.listen(9)
open("posing", "w").close()
while True:
    connection = s.accept()[0]
    try:
        connection.send(b"\0" * 1292)
    except BrokenPipeError:
        pass
END
rank 0 a
a=$PID
door=$(basename "$STORE"/runs/*.door)
sandbox run -v "$STORE:$STORE" -v "$WORK:$WORK" -w "$WORK" / python3 pose.py "$STORE" "$door" &
poser=$!
wait_for 20 test -e posing
run step 1 sandbox run "$image" sh -c 'echo apart; stat -Lc %i /proc/self/ns/pid'
is "$RC ${OUT%%
*}" '0 apart' 'a process in a sandbox that poses as the keeper is not believed'
like "$ERR" 'do not share a sandbox, and talk by TCP: store .*: runs/.*: a process in a sandbox listens there' 'and that is said'
kill $poser
wait $poser 2>/dev/null
let a
wait $a
done_testing
