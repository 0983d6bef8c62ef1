#!/bin/sh
# job steps: what a launcher gives its ranks reaches the command: variables, descriptors, files, ids, signals
# modes: user
. "${TESTS:-$(dirname "$0")/..}/lib.sh"
# The steps are imitated; tests/hpc has a real Slurm.
unset SLURM_JOB_ID PMI_RANK PMIX_RANK TMPDIR
image=$IMAGES/busybox.tar
launcher=$TESTS/launcher.py

mkdir bin
cat >bin/step <<'END'
#!/bin/sh
exec env SLURM_JOB_ID=7 SLURM_PROCID=0 "$@"
END
cat >bin/ended <<'END'
#!/usr/bin/env python3
import subprocess, sys
status = subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL).returncode
print(f"{-status} by signal" if status < 0 else status)
END
chmod 755 bin/step bin/ended
PATH=$PWD/bin:$PATH

echo '# variables'
gives 'a rank gets the variables of its step' 0 "3 of 8 2 $WORK" env SLURM_JOB_ID=7 SLURM_PROCID=3 SLURM_NTASKS=8 OMP_NUM_THREADS=2 TMPDIR="$WORK" \
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
sandbox run -d --name box "$image" sleep 60 >/dev/null
gives 'exec --preserve-fd' 0 one bash -c 'sandbox exec --preserve-fd 30 box sh -c "cat <&30" 30<<<one'
sandbox stop -t 0 box >/dev/null

echo '# who and where'
mkdir -p work server/spool tmp
echo here >work/here
echo served >server/spool/data
cd work || exit 1
me=$(id -u):$(id -g):$(id -un)
gives 'the number and name of the caller' 0 "$me" step sandbox run "$image" sh -c 'echo $(id -u):$(id -g):$(id -un)'
gives '-u wins' 0 0 step sandbox run -u 0 "$image" id -u
gives '--no-hpc keeps to Docker' 0 '0 / 22' step sandbox run --no-hpc "$image" sh -c 'echo $(id -u) $PWD $(umask | tail -c 3)'
gives 'the directory of the caller' 0 "$WORK/work here" step sandbox run "$image" sh -c 'echo $PWD $(cat here)'
gives '-w wins' 0 /etc step sandbox run -w /etc "$image" pwd
gives 'what is written there stays' 0 '' step sandbox run "$image" sh -c 'echo mine >mine'
is "$(cat mine)" mine 'for the caller to see'
gives 'the home of the caller' 0 "$HOME there" step sandbox run "$image" sh -c 'test -d "$HOME/.local/share/sandbox" && echo "$HOME there"'
gives 'the umask of the caller' 0 27 step sh -c 'umask 027; sandbox run "$0" sh -c "umask | tail -c 3"' "$image"
gives '--umask wins' 0 77 step sandbox run --umask 77 "$image" sh -c 'umask | tail -c 3'
shm=/dev/shm/step-test.$$
echo segment >"$shm"
gives 'the shared memory of the node' 0 segment step sandbox run "$image" cat "$shm"
fails 'not if --shm-size asks for another' 1 '' step sh -c 'sandbox run --shm-size 1m "$0" cat "$1" 2>&1 | sed "s/^/sandbox: /" >&2; exit 1' "$image" "$shm"
rm "$shm"
gives 'the directory of the PMIx server' 0 served env PMIX_RANK=0 PMIX_SERVER_TMPDIR="$WORK/server/spool/" \
	sandbox run "$image" cat "$WORK/server/spool/data"
gives '$TMPDIR' 0 "" env PMIX_RANK=0 TMPDIR="$WORK/tmp" sandbox run "$image" sh -c 'touch "$TMPDIR/made"'
ok "$([ -e ../tmp/made ]; echo $?)" 'is the one of the host'
gives 'what is missing is left out' 0 x env PMIX_RANK=0 PMIX_SERVER_TMPDIR=/no/such/ HOME=/no/home TMPDIR=/no sandbox --store "$STORE" run "$image" sh -c 'echo x$TMPDIR'
mkdir ../other
gives 'a volume of the user wins' 0 '' step sandbox run -v "$WORK/other:$WORK/work" "$image" ls "$WORK/work"
gives 'a volume above a directory of the step wins' 0 '' step sandbox run -v "$WORK/other:$WORK" "$image" ls "$WORK/work"
gives 'a system directory is not covered' 0 / sh -c 'cd /usr/lib; SLURM_JOB_ID=7 sandbox run "$0" pwd' "$image"
like "$(step sandbox run --dry-run "$image" true)" "\"destination\": \"$WORK/work\"|\"destination\": \"/tmp\"" '--dry-run shows the directories'
run step sandbox --verbose run "$image" true
like "$ERR" 'job step \(Slurm\): 2 variables; descriptors: none; directories: /dev/shm .*; user: you; --no-hpc' '--verbose names all'
cd "$WORK" || exit 1

echo '# the filter'
like "$(step sandbox run --dry-run "$image" true)" '"set_mempolicy"' 'a step may say where its memory lies'
unlike "$(sandbox run --dry-run "$image" true)" '"set_mempolicy"' 'others may not'
like "$(sandbox run --security-opt seccomp=hpc --dry-run "$image" true)" '"set_mempolicy"' 'unless they ask for that filter'
unlike "$(step sandbox run --security-opt seccomp=default --dry-run "$image" true)" '"set_mempolicy"' 'what the user asks for wins'

echo '# how a rank ends'
for signal in 9 11 15; do
	is "$(step ended sandbox run "$image" sh -c "kill -$signal \$\$")" "$signal by signal" "signal $signal ends the runner, too"
	is "$(ended sandbox run "$image" sh -c "kill -$signal \$\$")" $((128 + signal)) 'but not outside of a step'
done
is "$(step ended sandbox run "$image" sh -c 'exit 137')" 137 'a status of 137 is no signal'
is "$(step ended sandbox run --no-hpc "$image" sh -c 'kill -9 $$')" 137 'nor is one with --no-hpc'
sandbox run -d --name box "$image" sleep 60 >/dev/null
is "$(step ended sandbox exec box sh -c 'kill -9 $$')" '9 by signal' 'the same for exec'
sandbox stop -t 0 box >/dev/null
step sandbox run "$image" sh -c 'echo up >up; exec sleep 60' &
wait_for 20 test -e up
kill "$!"
wait "$!" 2>/dev/null
is $? 143 'TERM for the runner ends both'

echo '# Open MPI in sandboxes apart'
btl='echo "${OMPI_MCA_btl-none}"'
gives 'a rank of several does without its shared memory' 0 '^vader,sm' env PMIX_RANK=0 sandbox run "$image" sh -c "$btl"
gives 'a rank alone on its node does not' 0 none env PMIX_RANK=0 PMI_LOCAL_SIZE=1 sandbox run "$image" sh -c "$btl"
gives 'what is no rank does not' 0 none step sandbox run "$image" sh -c "$btl"
gives 'what the caller has set stays' 0 self,tcp env PMIX_RANK=0 OMPI_MCA_btl=self,tcp sandbox run "$image" sh -c "$btl"

echo '# launchers inside'
gives "the image's own mpirun does not ask Slurm" 0 'fork user ^slurm' step sandbox run "$image" \
	sh -c 'echo "$HYDRA_LAUNCHER $HYDRA_RMK $OMPI_MCA_plm"'
gives 'unless the caller says so' 0 'ssh user' step env HYDRA_LAUNCHER=ssh sandbox run "$image" sh -c 'echo "$HYDRA_LAUNCHER $HYDRA_RMK"'
gives 'other launchers are as they are' 0 none env PBS_JOBID=1 sandbox run "$image" sh -c 'echo "${HYDRA_LAUNCHER-none}"'
mkdir conf munge
printf 'ClusterName=c\nSlurmUser=games\nAuthInfo=ttl=9,socket=%s/munge/sock\n' "$WORK" >conf/slurm.conf
: >munge/sock
show='head -n 1 "$SLURM_CONF"; ls "$1"; grep -c ^games: /etc/passwd; id -u; echo "${HYDRA_LAUNCHER-none}"'
want=$(printf 'ClusterName=c\nsock\n1\n%s\nnone' "$(id -u)")
gives '--slurm shows the configuration, the socket and the user of Slurm' 0 "$want" env SLURM_CONF="$WORK/conf/slurm.conf" \
	sandbox run --slurm "$image" sh -c "$show" sh "$WORK/munge"
gives 'and lets launchers ask Slurm' 0 "$want" step env SLURM_CONF="$WORK/conf/slurm.conf" sandbox run --slurm "$image" sh -c "$show" sh "$WORK/munge"
gives '--slurm on a host without Slurm' 0 x env SLURM_CONF=/no/such sandbox run --slurm "$image" echo x

echo '# a script as an interpreter line'
mkdir scripts spool
chmod 700 spool
cat >scripts/batch <<END
#!/usr/bin/env -S sandbox run $image sh
echo "\$0 \$1"
echo >>"\$0"
END
chmod 755 scripts/batch
cp scripts/batch spool/slurm_script # as Slurm does
chmod 500 spool/slurm_script
run scripts/batch word
is "$RC $OUT" '1 scripts/batch word' 'by hand, outside of every folder that is bound'
like "$ERR" "scripts/batch: Read-only" 'read-only'
run "$WORK/scripts/batch" word
is "$OUT" "$WORK/scripts/batch word" 'by its whole path'
run sh -c 'cd scripts && ./batch word'
is "$OUT" './batch word' 'from its folder'
run step "$WORK/spool/slurm_script"
is "$OUT" "$WORK/spool/slurm_script " 'as a batch script, of which Slurm runs a copy'
gives 'a file that is no such script stays outside' 1 '' sh -c 'echo "#!/bin/sh" >plain; sandbox run "$0" sh -c "test -e $PWD/plain" "$PWD/plain"' "$image"
cat >own <<END
#!/usr/bin/env -S sandbox run -v $WORK/scripts:/s -w /s $image cat
END
chmod 755 own
mv own scripts/own
gives 'in a folder that a volume shows, it is that one' 0 "$(cat scripts/own)" sh -c 'cd scripts && ./own'

echo '# records of runs that were killed'
export SANDBOX_STORE="$WORK/fresh"
for verb in ps gc "run $image true"; do
	setsid sandbox run "$image" sleep 7654321 &
	wait_for 10 sh -c 'ls fresh/runs | grep -q @'
	/bin/kill -KILL -- "-$!"
	wait "$!" 2>/dev/null
	wait_for 10 gone 'sleep 7654321' # the last of its processes has the lock
	sandbox $verb >/dev/null
	is "$(ls fresh/runs)" '' "after KILL: sandbox $verb"
done
unset SANDBOX_STORE
for SANDBOX_STORE in '' "$WORK/chosen"; do
	export SANDBOX_STORE
	[ -n "$SANDBOX_STORE" ] || unset SANDBOX_STORE
	run sandbox run nosuch true
	like "$RC:$ERR" "^125:sandbox: nosuch: neither a file nor an image in the store: .* lists those in ${SANDBOX_STORE:-$STORE}\\)$" \
		"a name that is in no store: which was searched, ${SANDBOX_STORE:+the variable is not blamed}"
done
unset SANDBOX_STORE

echo '# without HOME'
mkdir home2
echo "root:x:0:0::$WORK/home2:/bin/sh" >passwd
gives 'the user database says where the store is' 0 sandbox unshare -rm sh -c \
	'mount --bind passwd /etc/passwd && env -u HOME sandbox run "$0" true && ls home2/.local/share' "$image"

done_testing
