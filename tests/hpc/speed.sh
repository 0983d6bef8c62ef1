#!/bin/sh
# How fast ranks on a node talk, natively and in sandboxes, in turns.  Usage: speed.sh [ROUNDS], as alice on the login node of the bed
# Prints, for each MPI, latency of 8 bytes in us, bandwidth of 256 KiB and of 4 MiB in MB/s: the best of the rounds, and the ratio.
# Then the seconds of 4 tasks on a node from a warm store to the end of a sum over all: the median.
set -u
rounds=${1:-5}
: "${IMAGE:=/images/deb12.tar}"
cd "$(mktemp -d -p "$HOME")" || exit
sandbox run -q "$IMAGE" true

# seconds COMMAND...
seconds() {
	began=$(date +%s%N)
	timeout -k 5 30 "$@" >/dev/null 2>>errors </dev/null || echo "failed: $*" >&2
	echo $((($(date +%s%N) - began) / 1000000)) | awk '{ print $1 / 1000 }'
}

round=0
while [ $round -lt "$rounds" ]; do
	round=$((round + 1))
	for mpi in mpich openmpi; do
		[ $mpi = mpich ] && pmi=pmi2 || pmi=pmix
		timeout -k 5 30 srun --mpi=$pmi -w node1 -n2 mpitest.$mpi speed 2>>errors >>$mpi.native
		timeout -k 5 30 srun --mpi=$pmi -w node1 -n2 sandbox run -q "$IMAGE" mpitest.$mpi speed 2>>errors >>$mpi.sandbox
	done
done
for _ in 1 2 3; do
	seconds srun --mpi=pmi2 -w node1 -n4 mpitest.mpich sum >>many.native
	seconds srun --mpi=pmi2 -w node1 -n4 sandbox run -q "$IMAGE" mpitest.mpich sum >>many.sandbox
done

printf '%-28s %10s %10s %8s\n' '' native sandbox ratio
for mpi in mpich openmpi; do
	paste $mpi.native $mpi.sandbox | awk -v mpi=$mpi '
		function row(name, a, b) { printf "%-28s %10s %10s %8s\n", mpi ", " name, a, b, a ? sprintf("%.2f", b / a) : "-" }
		NF == 6 {
			if (!n++ || $1 < native) native = $1
			if (n == 1 || $4 < own) own = $4
			for (i = 2; i <= 3; i++) {
				if ($i > native_mb[i]) native_mb[i] = $i
				if ($(i + 3) > own_mb[i]) own_mb[i] = $(i + 3)
			}
		}
		END {
			row("8 bytes, us", native, own)
			row("256 KiB, MB/s", native_mb[2], own_mb[2])
			row("4 MiB, MB/s", native_mb[3], own_mb[3])
		}'
done
median() { sort -n "$1" | sed -n 2p; }
awk -v a="$(median many.native)" -v b="$(median many.sandbox)" 'BEGIN { printf "%-28s %10s %10s %8.2f\n", "mpich, 4 tasks, s", a, b, b / a }'
[ ! -s errors ] || { echo 'on standard error:' && sort errors | uniq -c | sort -rn | head -n 20; }
