#!/bin/sh
# job steps: what a launcher gives its ranks reaches the command: variables, descriptors, files, ids, signals
# modes: user
. "${TESTS:-$(dirname "$0")/..}/lib.sh"
# The steps are imitated; tests/hpc has a real Slurm.
unset SLURM_JOB_ID PMI_RANK PMIX_RANK TMPDIR
image=$IMAGES/busybox.tar
launcher=$TESTS/launcher.py

echo '# variables'
gives 'a rank gets the variables of its step' 0 '3 of 8 2 /t' env SLURM_JOB_ID=7 SLURM_PROCID=3 SLURM_NTASKS=8 OMP_NUM_THREADS=2 TMPDIR=/t \
	sandbox run "$image" sh -c 'echo "$SLURM_PROCID of $SLURM_NTASKS $OMP_NUM_THREADS $TMPDIR"'
gives 'but no PATH and no LD_* of the host, and nothing that is not of the step' 0 'no no' env SLURM_JOB_ID=7 LD_X=1 OTHER=1 \
	sandbox run "$image" sh -c 'echo "${LD_X:-no} ${OTHER:-no}"'
gives 'what -e says wins' 0 '1 none' env SLURM_JOB_ID=7 SLURM_NTASKS=8 SLURM_GONE=1 \
	sandbox run -e SLURM_NTASKS=1 -e SLURM_GONE= "$image" sh -c 'echo "$SLURM_NTASKS ${SLURM_GONE:-none}"'
for variable in PMI_RANK PMIX_RANK OMPI_COMM_WORLD_RANK FLUX_JOB_ID PBS_JOBID LSB_JOBID PALS_RANKID; do
	gives "$variable makes a step" 0 "$variable" env "$variable=4" sandbox run "$image" sh -c "env | grep -o ^$variable"
done
gives 'outside of a step they are not passed on' 0 'none' env SLURM_NTASKS=8 OMP_NUM_THREADS=2 \
	sandbox run "$image" sh -c 'echo "${SLURM_NTASKS-none}${OMP_NUM_THREADS-}"'
gives '--hpc asks for them' 0 '8' env SLURM_NTASKS=8 sandbox run --hpc "$image" sh -c 'echo "$SLURM_NTASKS"'
run env SLURM_JOB_ID=7 sandbox --verbose run "$image" true
like "$ERR" '^sandbox: job step \(Slurm\)' '--verbose says that there is a step'

echo '# what is not passed on'
for variable in PMI_RANK PMI_FD PMIX_RANK OMPI_COMM_WORLD_RANK; do
	run env "$variable=40" sandbox run --no-hpc "$image" sh -c "echo \"\${$variable-none}\""
	is "$RC $OUT $(printf '%s\n' "$ERR" | grep -c "^sandbox: .*$variable is not passed on")" '0 none 1' "--no-hpc leaves $variable out, and says so"
done
gives '--no-hpc in a batch script says nothing' 0 'none' env SLURM_JOB_ID=7 sandbox run --no-hpc "$image" sh -c 'echo "${SLURM_JOB_ID-none}"'
gives '--no-hpc with the variable passed on by hand says nothing' 0 '5' env PMI_RANK=5 \
	sandbox run --no-hpc -e PMI_RANK "$image" sh -c 'echo "$PMI_RANK"'
run env PMI_RANK=0 PMI_FD=40 sandbox run "$image" true
like "$RC $ERR" '^0 sandbox: .*descriptor 40: Bad file descriptor' 'a descriptor that was closed on the way is named'

echo '# descriptors'
say='echo "rank $PMI_RANK of $PMI_SIZE" >&$PMI_FD; ls /proc/self/fd | wc -l >&$PMI_FD'
gives 'each rank talks with the launcher over its own descriptor' 0 "$(printf '0: rank 0 of 2\n5: 0\n1: rank 1 of 2\n5: 0')" \
	python3 "$launcher" 2 sandbox run "$image" sh -c "$say"
# Only the command holds it: the launcher sees the end of its socket, though the sandbox lives on.
gives 'only the command holds the descriptor' 0 '0: : 0' timeout 20 python3 "$launcher" 1 sandbox run -v "$WORK:/w" "$image" \
	sh -c 'eval "exec $PMI_FD>&-"; touch /w/closed; sleep 1'
sandbox run -d --name ranks "$image" sleep 60 >/dev/null
gives 'exec hands on variables and descriptor' 0 "$(printf '0: rank 0 of 2\n5: 0\n1: rank 1 of 2\n5: 0')" \
	python3 "$launcher" 2 sandbox exec ranks sh -c "$say"
gives 'exec --no-hpc does not' 0 "$(printf 'none\n0: : 0')" \
	python3 "$launcher" 1 sh -c 'sandbox exec --no-hpc ranks sh -c "echo \${PMI_FD-none}" 2>/dev/null'
sandbox stop ranks >/dev/null
gives 'run -d hands it on' 0 '0: rank 0 of 1: 0' \
	python3 "$launcher" 1 sh -c 'sandbox run -d "$0" sh -c "echo rank \$PMI_RANK of \$PMI_SIZE >&\$PMI_FD" >/dev/null' "$image"
gives '--preserve-fd passes on descriptors by their numbers, outside of a step' 0 'one two' \
	bash -c 'sandbox run --preserve-fd 30,31 "$0" sh -c "echo \$(cat <&30) \$(cat <&31)" 30<<<one 31<<<two' "$image"
fails '--preserve-fd that is not there' 125 '--preserve-fd: descriptor 1023: Bad file' sandbox run --preserve-fd 5,1023 "$image" true 5</dev/null
fails '--preserve-fd of a standard stream' 125 '--preserve-fd: descriptor 2: not a number from 3 on' sandbox run --preserve-fd 2 "$image" true

done_testing
