#!/bin/sh
# How fast ranks on a node talk and start: natively, in sandboxes, and by other tools, in turns.  Prints a table in Markdown.
# Usage: bench.sh [ROUNDS], as alice on the login node of the bed; `make bench-hpc` writes RESULTS.md with it.
# Of latency and bandwidth the best of the rounds counts, since noise only adds; of starts, a third as many, the median.
# NOTE is a sentence about the machine, for the table.
# Touches a folder below /home/alice.
set -u
rounds=${1:-7}
: "${IMAGE:=/images/deb12.tar}"
PATH=$PATH:/images/peers/usr/bin
WORK=$(mktemp -d -p "$HOME")
cd "$WORK" || exit
sandbox run -q "$IMAGE" true
load() { cut -d ' ' -f 1-3 /proc/loadavg; }
began=$(load)

ways='native sandbox no-join'
if command -v ch-run >/dev/null; then
	ways="$ways charliecloud"
	export LD_LIBRARY_PATH=/images/peers/usr/lib/x86_64-linux-gnu:/images/peers/lib/x86_64-linux-gnu # of ch-run alone: see way_charliecloud
	sandbox unpack "$IMAGE" "$WORK/tree" >/dev/null 2>&1
fi
way_native() { echo "env -u LD_LIBRARY_PATH"; }
way_sandbox() { echo "env -u LD_LIBRARY_PATH sandbox run -q $IMAGE"; }
way_no_join() { echo "env -u LD_LIBRARY_PATH sandbox run -q --no-join $IMAGE"; }
way_charliecloud() { echo "ch-run --join --unset-env=LD_LIBRARY_PATH $WORK/tree --"; }
# way NAME: the words before a command
way() { "way_$(echo "$1" | tr - _)"; }

# step OPTION... -- COMMAND...: one that hangs is ended
step() { timeout -k 5 60 srun -Q -w node1 "$@" 2>>errors </dev/null; }

# seconds COMMAND...; failed runs have no time
seconds() {
	from=$(date +%s%N)
	"$@" >/dev/null || return
	echo $((($(date +%s%N) - from) / 1000000)) | awk '{ printf "%.2f\n", $1 / 1000 }'
}

# shellcheck disable=SC2046 # words of a command
round() {
	for mpi in mpich openmpi; do
		[ $mpi = mpich ] && pmi=pmi2 || pmi=pmix
		for way in $ways; do
			step --mpi=$pmi -n2 $(way "$way") "mpitest.$mpi" speed >>"$mpi.$way"
		done
	done
}
# shellcheck disable=SC2046
starts() {
	for way in native sandbox charliecloud; do
		case " $ways " in *" $way "*) seconds step --mpi=pmi2 -n64 $(way $way) mpitest.mpich sum >>"start.$way" ;; esac
	done
	SANDBOX_STORE=$(mktemp -d -p "$WORK")
	export SANDBOX_STORE
	seconds step --mpi=none -n64 $(way sandbox) true >>cold.sandbox
	unset SANDBOX_STORE
	seconds step --mpi=none -n64 $(way native) true >>cold.native
}
for _ in $(seq "$rounds"); do round; done
for _ in $(seq $(((rounds + 2) / 3))); do starts; done

# best FILE COLUMN min|max
best() { awk -v n="$2" -v how="$3" 'NF == 3 && (best == "" || (how == "min" ? $n < best : $n > best)) { best = $n } END { print best }' "$1"; }
median() { sort -n "$1" 2>/dev/null | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)] }'; }
# cells NAME VALUE...: the first is native's; the others with their ratio to it
cells() {
	printf '| %s | %s |' "$1" "$2"
	native=$2
	shift 2
	for value; do
		if [ -z "$value" ] || [ "$value" = - ]; then
			printf ' |'
		else
			printf ' %s (%s) |' "$value" "$(awk -v a="$value" -v b="$native" 'BEGIN { print (b > 0 ? sprintf("%.2f", a / b) : "-") }')"
		fi
	done
	echo
}
# row NAME MPI COLUMN min|max
row() {
	values=
	for way in native sandbox no-join charliecloud; do
		value=$([ -s "$2.$way" ] && best "$2.$way" "$3" "$4")
		values="$values ${value:--}"
	done
	# shellcheck disable=SC2086 # values
	cells "$1" $values
}

cat <<END
# Ranks on a node: speed

Written by \`make bench-hpc\` on $(date +%F): $rounds rounds, all ways in turns, on $(nproc) processors
($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)), Linux $(uname -r | cut -d - -f 1).
Load before and after: $began; $(load). In brackets the ratio to the native run.
Charliecloud is Debian 12's (0.31). Apptainer is in Debian's unstable only, and was left out.${NOTE:+
$NOTE}

| | native | sandbox | sandbox --no-join | ch-run --join |
|---|---:|---:|---:|---:|
END
for mpi in mpich openmpi; do
	[ $mpi = mpich ] && name='MPICH 4.0' || name='Open MPI 4.1'
	row "$name, 8 bytes, us" $mpi 1 min
	row "$name, 256 KiB, MB/s" $mpi 2 max
	row "$name, 4 MiB, MB/s" $mpi 3 max
done
cells '64 tasks, warm, MPI_Init to the end of a sum, s' "$(median start.native)" "$(median start.sandbox)" '' "$(median start.charliecloud)"
cells '64 tasks of /bin/true from a tarball of '"$(du -m "$IMAGE" | cut -f 1)"' MB that is new, s' "$(median cold.native)" "$(median cold.sandbox)" '' ''
[ ! -s errors ] || { echo 'on standard error:' && sort errors | uniq -c | sort -rn | head -n 20; } >&2
