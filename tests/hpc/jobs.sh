#!/bin/sh
# Sections of checks.sh, which reads this file: jobs that are ended, put back or cut short, ranks that are killed, and launchers
# inside of sandboxes.
# shellcheck disable=SC2086,SC2154 # $sandbox and the launchers are command lines of checks.sh

# job NAME COMMAND...: a batch job on node1 that runs the command and writes to $WORK/NAME.out; prints its number
job() {
	name=$1
	shift
	printf '#!/bin/sh\nexec %s\n' "$*" >"$WORK/$name.job"
	rm -f "$WORK/$name.out"
	sbatch --parsable -N1 -w node1 --requeue --open-mode=append --output="$WORK/$name.out" -J "$name" "$WORK/$name.job"
}

# ended_jobs NAME...: no job of these names is left
ended_jobs() { [ -z "$(squeue --noheader --name="$(echo "$*" | tr ' ' ,)")" ]; }

# slurmctld looks at the limits every 30 seconds: the jobs run on while other sections do.
limited='trap "echo got TERM; exit" TERM; echo started; while :; do sleep 1 & wait; done'
stubborn='trap "" TERM; echo started; while :; do sleep 4714 & wait; done'
section limit && {
	for runs in native inside; do
		[ $runs = inside ] && with=$sandbox || with=
		for what in limited stubborn; do
			eval "script=\$$what"
			id=$(job "$runs-$what" "$with sh -c '$script'")
			wait_for 20 grep -qs started "$WORK/$runs-$what.out"
			# A limit of less than a minute.  Slurm refuses an end that is not after its beginning.
			wait_for 5 scontrol update JobId="$id" EndTime=now+1 2>/dev/null
		done
	done
}

section requeue && {
	id=$(job requeue "$sandbox sh -c 'echo run \${SLURM_RESTART_COUNT:-0}; [ \"\$SLURM_RESTART_COUNT\" = 1 ] || sleep 4715'")
	wait_for 20 grep -qs 'run 0' "$WORK/requeue.out"
	scontrol requeue "$id"
	# Slurm would wait two minutes.
	wait_for 120 sh -c "scontrol update JobId=$id StartTime=now; sleep 0.5; grep -q 'run 1' '$WORK/requeue.out'"
	wait_for 20 ended_jobs requeue
	is "$(sed '/^slurmstepd/d' "$WORK/requeue.out")" 'run 0
run 1' 'a job that is put back runs once more'
	is "$(srun -w node1 sh -c 'sandbox ps | grep -c "[s]leep 4715" || :')" 0 'and nothing is left of its first run'
}

# A rank that is killed, at any time: srun tells the same as of the native program, and ends the others.
# fate: $RC, and how the task that was killed ended; srun says of others what it got to know first
fate() { printf '%s\n' "$RC $(printf '%s\n' "$ERR" | grep -o "task $1: .*")"; }
section kill && {
	for mpi in mpich openmpi; do
		[ $mpi = mpich ] && on_node=$mpich_node victim=0 || on_node=$openmpi_node victim=1
		for when in 'before MPI_Init' 'while the others wait' 'after MPI_Finalize'; do
			case $when in
			before*) do='kill -KILL $$' ;;
			while*) do="mpitest.$mpi sum 9 & sleep 1; kill -KILL \$! \$\$" ;;
			after*) do="mpitest.$mpi sum; kill -KILL \$\$" ;;
			esac
			[ "$when" = 'after MPI_Finalize' ] && rest=0 || rest=9
			script="[ \$SLURM_PROCID != $victim ] || { $do; }; exec mpitest.$mpi sum $rest"
			step $on_node -w node1 --kill-on-bad-exit=1 sh -c "$script"
			native=$(fate $victim)
			step $on_node -w node1 --kill-on-bad-exit=1 $sandbox sh -c "$script"
			is "$(fate $victim)" "$native" "$mpi: KILL of rank $victim $when" || tell "$ERR"
		done
	done
	is "$(srun -w node1 sh -c 'pgrep -c mpitest || :')" 0 'no rank is left'
}

# The image's own mpirun, which starts a sandbox on each node by srun.
section agent && {
	cat >"$WORK/agent" <<-END
		#!/bin/sh
		[ "\$1" != -x ] || shift # of hydra
		node=\$1
		shift
		exec srun --overlap -N1 -n1 -w "\$node" $sandbox sh -c "\$*" </dev/null
	END
	chmod 755 "$WORK/agent"
	tries=3
	prints "the image's own mpirun on two nodes, MPICH" "$hello_of_4" salloc -Q -N2 --ntasks-per-node=2 \
		sandbox run -q --slurm "$IMAGE" mpirun.mpich -launcher ssh -launcher-exec "$WORK/agent" -hosts node1:2,node2:2 -n 4 mpitest.mpich
	tries=1
	prints "the image's own mpirun on two nodes, Open MPI" "$hello_of_4" salloc -Q -N2 --ntasks-per-node=2 \
		sandbox run -q --slurm "$IMAGE" mpirun.openmpi --mca plm rsh --mca plm_rsh_agent "$WORK/agent" -n 4 mpitest.openmpi
}

section slurm && {
	inside="sandbox run -q --slurm $IMAGE"
	both_ways() {
		thing=$1 output=$2
		shift 2
		prints "$thing, natively" "$output" srun -n1 -c2 -w node1 "$@"
		prints "$thing" "$output" srun -n1 -c2 -w node1 $inside "$@"
	}
	both_ways 'srun inside' 'nested 0
nested 1' srun --overlap --mpi=none -n2 -c1 sh -c 'echo nested $SLURM_PROCID'
	both_ways 'sbatch inside' 'from alice' sh -c "sbatch --quiet --wait --output='$WORK/nested' --wrap='echo from \$(id -un)' && cat '$WORK/nested'"
	both_ways 'squeue inside' "$(id -un) RUNNING" sh -c 'squeue --noheader --job=$SLURM_JOB_ID --format="%u %T"'
	both_ways 'scancel inside' 'CANCELLED' sh -c 'id=$(sbatch --parsable --hold --wrap=true) && scancel $id && scontrol --oneliner show job $id | grep -o CANCELLED'
}

# What became of the jobs of `limit`.
section limit && {
	wait_for 90 ended_jobs native-limited native-stubborn inside-limited inside-stubborn
	for what in limited stubborn; do
		for runs in native inside; do
			sed 's/JOB [0-9]*/JOB N/; s/AT [^ ]*/AT T/' "$WORK/$runs-$what.out" >"$WORK/$runs-$what.seen"
		done
		is "$(cat "$WORK/inside-$what.seen")" "$(cat "$WORK/native-$what.seen")" "a time limit: $what"
		like "$(cat "$WORK/inside-$what.seen")" 'DUE TO TIME LIMIT' 'and it was one'
	done
	like "$(cat "$WORK/inside-limited.seen")" 'got TERM' 'the command gets TERM first'
	is "$(srun -w node1 sh -c 'pgrep -cf "[s]leep 471[45]" || :')" 0 'and KILL in the end: nothing is left'
}
