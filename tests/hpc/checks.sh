#!/bin/sh
# The checks of a cluster, each natively and in a sandbox.  Usage: checks.sh [WORD...], as alice on the login node of the bed
# With WORDs only the sections with one of these names.  A check that `later` stands before is not kept yet: LATER=1 makes it too.
# IMAGE is the image of both MPIs: /images/deb12.tar where not set.
# Touches /home/alice.
: "${IMAGE:=/images/deb12.tar}"
: "${LATER:=}"
WORK=$HOME/checks
mkdir -p "$WORK"
HOME_OF_USER=$HOME
IMAGES=/images TESTS=/src/tests
. /src/tests/lib.sh
HOME=$HOME_OF_USER
sandbox="sandbox run -q $IMAGE"

only=$*
# section NAME: is it asked for
section() {
	case " ${only:-$1} " in *" $1 "*) echo "# $1" ;; *) return 1 ;; esac
}

# later CHECK...
later() { [ -z "$LATER" ] || "$@"; }

# step COMMAND...: sets $OUT sorted, $ERR and $RC; a step that hangs is ended
step() {
	RC=0
	timeout -k 5 40 "$@" >"$WORK/.out" 2>"$WORK/.err" </dev/null || RC=$?
	OUT=$(sort "$WORK/.out")
	ERR=$(cat "$WORK/.err")
}

# How often a command may be tried.  MPICH 4.0 hangs now and then in MPI_Finalize where it goes by TCP, natively too, as
# `UCX_TLS=tcp mpirun.mpich -n 4 -launcher fork mpitest.mpich ring` shows.
tries=1

# prints NAME OUTPUT COMMAND...: ends with 0 and prints these lines, in any order
prints() {
	name=$1 output=$2 try=1
	shift 2
	until step "$@" && [ "$RC" = 0 ] && [ "$OUT" = "$output" ] || [ $try = $tries ]; do
		try=$((try + 1))
	done
	[ "$RC" = 0 ] && [ "$OUT" = "$output" ]
	ok $? "$name" && return
	tell "command: $*
got:  status $RC, output: $OUT
want: $output
on standard error: $ERR"
	return 1
}

# natively NAME OUTPUT COMMAND...: the same of the host's own program.  What fails here is not sandbox's fault, so it is tried three
# times.
natively() {
	name=$1 output=$2
	shift 2
	for _ in 1 2 3; do
		OUT=$(timeout -k 5 20 "$@" 2>"$WORK/.err" </dev/null | sort)
		[ "$OUT" != "$output" ] || break
	done
	is "$OUT" "$output" "$name, natively" || tell "$(cat "$WORK/.err")"
}

# both NAME OUTPUT SRUN... -- PROGRAM...: natively, then in a sandbox
both() {
	name=$1 output=$2 launch=
	shift 2
	while [ "$1" != -- ]; do
		launch="$launch $1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # a command line
	natively "$name" "$output" $launch "$@"
	# shellcheck disable=SC2086 # two
	prints "$name" "$output" $launch $sandbox "$@"
}

# Four ranks on two nodes, two on one: PMI-2 for MPICH, PMIx for Open MPI.
mpich_over='srun --mpi=pmi2 -N2 --ntasks-per-node=2' mpich_node='srun --mpi=pmi2 -N1 -n2'
openmpi_over='srun --mpi=pmix -N2 --ntasks-per-node=2' openmpi_node='srun --mpi=pmix -N1 -n2'
hello_of_4='rank 0 of 4 on node1
rank 1 of 4 on node1
rank 2 of 4 on node2
rank 3 of 4 on node2'

# shellcheck disable=SC2086 # $launch and $sandbox are command lines everywhere below
section hello && {
	tries=3
	both 'MPICH, four ranks on two nodes' "$hello_of_4" $mpich_over -- mpitest.mpich
	tries=1
	both 'Open MPI, four ranks on two nodes' "$hello_of_4" $openmpi_over -- mpitest.openmpi
	both 'without PMI a rank is alone' 'rank 0 of 1 on node1
rank 0 of 1 on node1' srun --mpi=none -N1 -n2 -w node1 -- mpitest.mpich
	both 'mpi4py' '0 of 2
1 of 2' $openmpi_node -- python3 -c 'from mpi4py import MPI; c = MPI.COMM_WORLD; print(c.rank, "of", c.size)'
}
section shared && {
	for mpi in mpich openmpi; do
		[ $mpi = mpich ] && on_node=$mpich_node || on_node=$openmpi_node
		both "$mpi: ring on a node" 'ring of 2: ok' $on_node -- mpitest.$mpi ring
		both "$mpi: 32 messages of 256 KiB in flight" 'flight of 2: ok' $on_node -- mpitest.$mpi flight
		# Open MPI warns if it cannot read the memory of other ranks.
		is "$(printf '%s\n' "$ERR" | grep -v '^srun: job')" '' "$mpi says nothing"
		both "$mpi: MPI_Win_allocate_shared" 'window of 2: ok' $on_node -- mpitest.$mpi window
	done
	# The ways that UCX, below MPICH, takes to the other rank: System V's memory, and reads of the other's memory.
	ways() { UCX_LOG_LEVEL=info timeout -k 5 40 $mpich_node "$@" mpitest.mpich ring 2>&1 | grep -o 'tag(sysv[^)]*' | sort -u; }
	is "$(ways $sandbox)" "$(ways)" 'UCX chooses what it does natively'
	like "$(ways $sandbox)" 'sysv/memory cma/memory' 'which is shared memory'
	unlike "$(ways sandbox run -q --no-join "$IMAGE")" sysv 'and not with --no-join'
}
# Ranks that end early, come late or differ: no other rank is touched.
# ranks NAME OUTPUT SCRIPT: two tasks on a node, each with the script around `"$@"`, which is a sandbox
section ranks && {
	ranks() { prints "$1" "$2" srun --kill-on-bad-exit=0 --mpi=none -N1 -n2 sh -c "$3" sh $sandbox; }
	two=$(printf '0\n1') alive='sleep 1; echo alive $SLURM_PROCID'
	for first in 0 1; do
		second=$((1 - first))
		ranks "rank $first ends first" "alive $second" "exec \"\$@\" sh -c '[ \$SLURM_PROCID = $first ] && exit 0; $alive'"
		ranks "rank $first comes late" "$two" "[ \$SLURM_PROCID != $first ] || sleep 2; exec \"\$@\" sh -c 'echo \$SLURM_PROCID'"
		ranks "rank $first comes when the other has ended, and the last lives on" "$two" \
			"[ \$SLURM_PROCID != $first ] || sleep 2; exec \"\$@\" sh -c 'sleep 1; echo \$SLURM_PROCID'"
		# srun tells of a rank that was killed by its own status.
		for victim in 'the command' 'the sandbox'; do
			kill="exec \"\$@\" sh -c '[ \$SLURM_PROCID = $first ] && kill -KILL \$\$; $alive'"
			[ "$victim" = 'the command' ] ||
				kill="if [ \$SLURM_PROCID = $first ]; then \"\$@\" sleep 9 & sleep 0.5; kill -KILL \$!; wait; else exec \"\$@\" sh -c '$alive'; fi"
			step srun --kill-on-bad-exit=0 --mpi=none -N1 -n2 sh -c "$kill" sh $sandbox
			is "$OUT" "alive $second" "rank $first: KILL of $victim" || tell "$ERR"
		done
	done
	# A debugger comes by `exec`, from another step on the node.
	srun -Q --mpi=none -N1 -n2 -w node1 $sandbox sleep 4714 &
	srun_pid=$!
	debug='until run=$(sandbox ps | awk "/step-/ { print \$1 }") && [ -n "$run" ] &&
		[ "$(sandbox exec "$run" sh -c "grep -l ^sleep /proc/[0-9]*/comm | wc -l")" = 2 ]; do sleep 0.1; done; echo seen'
	prints 'exec sees all ranks' seen srun --overlap --mpi=none -n1 -w node1 sh -c "$debug"
	scancel --user=alice
	wait $srun_pid
	both 'the next step on that node' 'hello' srun -N1 -n1 -w node1 -- echo hello
	prints 'two images in one step' '0
1' srun --mpi=none -N1 -n2 sh -c '[ $SLURM_PROCID = 0 ] && image=/images/busybox.tar || image=$0; exec sandbox run -q $image sh -c "echo \$SLURM_PROCID"' "$IMAGE"
	cat >"$WORK/two" <<-END
		#!/bin/sh
		srun --overlap -n2 -N1 $sandbox sh -c 'sleep 1; echo first \$SLURM_PROCID' &
		srun --overlap -n2 -N1 $sandbox sh -c 'sleep 1; echo second \$SLURM_PROCID' &
		wait
	END
	prints 'two steps of a job at once' 'first 0
first 1
second 0
second 1' salloc -Q -N1 -n4 sh "$WORK/two"
	srun -Q --mpi=none -w node1 -n2 $sandbox sh -c 'sleep 1; echo other $SLURM_PROCID' >"$WORK/other" 2>&1 &
	prints 'two jobs on a node at once' 'one 0
one 1' srun --mpi=none -w node1 -n2 $sandbox sh -c 'sleep 1; echo one $SLURM_PROCID'
	wait
	is "$(sort "$WORK/other")" 'other 0
other 1' 'and the other'
}

section launchers && {
	tries=3
	both 'mpirun of MPICH on the host' 'ring of 2: ok' mpirun.mpich -n 2 -launcher fork -- mpitest.mpich ring
	tries=1
	both 'mpirun of Open MPI on the host' 'ring of 4: ok' mpirun.openmpi -n 4 --oversubscribe -- mpitest.openmpi ring
	both "the image's own mpirun, MPICH" 'ring of 4: ok' -- mpirun.mpich -n 4 -launcher fork mpitest.mpich ring
	prints "the image's own mpirun, Open MPI" 'ring of 4: ok' sandbox run -q --keep-id "$IMAGE" mpirun.openmpi -n 4 --oversubscribe mpitest.openmpi ring
}

# The exit status, and what srun says of it but for the name of its step
# ended NAME SHELL-COMMAND
ended() {
	step srun -n1 -w node1 sh -c "$2"
	native="$RC $(printf '%s\n' "$ERR" | grep -o 'task 0: .*')"
	step srun -n1 -w node1 $sandbox sh -c "$2"
	is "$RC $(printf '%s\n' "$ERR" | grep -o 'task 0: .*')" "$native" "$1"
}
section exit && {
	ended 'exit 7' 'exit 7'
	ended 'ended by KILL' 'kill -KILL $$'
	ended 'ended by SEGV' 'ulimit -c 0; kill -SEGV $$'
}
section input && {
	printf 'one\ntwo\n' >"$WORK/input"
	both 'srun -l' '0: hello
1: hello' srun -l -n2 -- echo hello
	both '--input=FILE goes to every task' 'one
one
two
two' srun -n2 --input="$WORK/input" -- cat
	both '--input=none is empty' '' srun -n2 --input=none -- cat
	prints 'the image on standard input, of two tasks' 'hello
hello' srun -n2 --input="$IMAGE" sandbox run -q - echo hello
}
section batch && {
	cat >"$WORK/job" <<-END
		#!/bin/sh
		#SBATCH --output=$WORK/%A.%a --signal=B:USR1@1
		exec $sandbox sh -c 'trap "echo got USR1; exit 0" USR1; echo task \$0; sleep 5 & wait' "\$SLURM_ARRAY_TASK_ID"
	END
	job=$(sbatch --parsable --array=1-2 "$WORK/job")
	wait_for 20 grep -qs task "$WORK/$job.2"
	wait_for 20 grep -qs task "$WORK/$job.1"
	scancel --batch --signal=USR1 "$job"
	wait_for 20 grep -qs got "$WORK/$job.1"
	wait_for 20 grep -qs got "$WORK/$job.2"
	is "$(sort -u "$WORK/$job.1" "$WORK/$job.2")" 'got USR1
task 1
task 2' 'an array, and scancel --signal, which arrives once'

	cat >"$WORK/script" <<-END
		#!/usr/bin/env -S $sandbox sh
		echo "in \$(grep -c . /etc/debian_version) \$1"
	END
	chmod 755 "$WORK/script"
	prints 'a script whose interpreter is a sandbox, by hand' 'in 1 x' "$WORK/script" x
	prints 'the same under sbatch' 'in 1 x' sh -c "cd '$WORK' && sbatch --quiet --wait --output=script.out script x && cat script.out"
}

# left NODE TEXT: processes there with this text in their command line
left() { srun -N1 -n1 -w "$1" sh -c 'pgrep -cf "$0" || :' "$2"; }
section cancel && {
	for what in 'sleep 4711' 'trap "" TERM; sleep 4711 & wait; wait'; do
		srun -Q -n4 -N2 $sandbox sh -c "$what" >"$WORK/log" 2>&1 &
		srun_pid=$!
		wait_for 20 sh -c "squeue --steps --noheader | grep -q ."
		sleep 2
		scancel --user=alice
		wait $srun_pid
		wait_for 20 sh -c '[ -z "$(squeue --noheader)" ]'
		is "$(left node1 '[s]leep 4711') $(left node2 '[s]leep 4711')" '0 0' "scancel leaves nothing of: $what"
	done
}
section cgroup && {
	# freezer SANDBOX...: the groups of the step's shell and of a command that it starts are one, or say both
	cat >"$WORK/freezer" <<-'END'
		"$@" sleep 4712 &
		until pid=$(pgrep -nx sleep) && grep -q 4712 /proc/$pid/cmdline; do sleep 0.1; done
		[ "$(grep freezer /proc/self/cgroup)" = "$(grep freezer /proc/$pid/cgroup)" ] && echo same
		sstat --noheader --format=JobID,NTasks $SLURM_JOB_ID.$SLURM_STEP_ID | tr -s ' '
		kill $pid
		wait
	END
	step srun -n1 -w node1 sh "$WORK/freezer"
	native=$(printf '%s\n' "$OUT" | sed 's/^[0-9][0-9]*/N/')
	step srun -n1 -w node1 sh "$WORK/freezer" $sandbox
	is "$(printf '%s\n' "$OUT" | sed 's/^[0-9][0-9]*/N/')" "$native" "the step's cgroup and sstat have the command" || tell "$ERR"
	like "$native" '^same$' 'which natively is so'
	prints 'run -d in a job' 'started' srun -n1 -w node1 sh -c 'sandbox run -d -q $0 sleep 4713 >/dev/null && echo started' "$IMAGE"
	wait_for 20 sh -c '[ "$(srun -w node1 sh -c "pgrep -cf [s]leep.4713 || :")" = 0 ]'
	ok $? 'ends with the job'
}
section terminal && {
	# An input that does not end: script(1) would type the end of it into srun's terminal, which echoes it as "^@" anywhere.
	mkfifo "$WORK/typed"
	exec 3<>"$WORK/typed"
	terminal() { script -qec "$1" /dev/null <&3 2>&1 | tr -d '\r' | sed '/^srun:/d'; }
	like "$(terminal "stty rows 33 cols 77; srun --pty sh -c 'tty; stty size'")" '^33 77$' 'srun --pty natively: its size'
	like "$(terminal "srun --pty $sandbox tty")" 'not a tty' 'srun --pty without -t'
	like "$(terminal "stty rows 33 cols 77; srun --pty sandbox run -q -t $IMAGE sh -c 'tty; stty size'")" '^33 77$' 'srun --pty with -t: its size'
	like "$(terminal "srun --pty sandbox run -q -t $IMAGE sh -c 'exit 7'; echo status \$?")" 'status 7' 'and its status'
}
section filter && {
	# set_mempolicy with MPOL_DEFAULT
	both 'set_mempolicy is allowed' 0 srun -n1 -- python3 -c 'import ctypes, platform
print(ctypes.CDLL(None).syscall({"x86_64": 238, "aarch64": 237}[platform.machine()], 0, None, 0))'
}
section inside && {
	for what in pwd 'id -un' 'id -u' umask 'echo $HOME'; do
		step srun -n1 sh -c "umask 027; $what"
		native=$OUT
		prints "the same inside: $what" "$native" srun -n1 sh -c 'umask 027; exec "$@"' sh $sandbox sh -c "$what"
	done
	prints 'squeue inside' "$(id -un)" srun -n1 -J inside sandbox run -q -v /etc/slurm:/etc/slurm -v /run/munge:/run/munge $IMAGE squeue --noheader --name=inside --format=%u
	prints 'without HOME the store is found by passwd' hello env -u HOME $sandbox echo hello
}
section many && {
	step srun -n64 -N1 --mpi=none $sandbox echo hello
	is "$RC $(printf '%s\n' "$OUT" | uniq -c | tr -s ' ')" '0  64 hello' '64 tasks at once on a node'
}
. /src/tests/hpc/mpi.sh
. /src/tests/hpc/jobs.sh
done_testing
