#!/bin/sh
# Run the fuzz targets that `make fuzz` built.  Usage: run.sh SECONDS [NAME...]     SECONDS for each, all by default
# One line for each target; a find is a line `NAME: found: WHY`, then where the input is and how to run it again.
# Ends with status 1 where there was one.  As root it runs them as an unprivileged user.
#
#	FUZZERS		where the targets are, else build/fuzz
#	FUZZ_CORPUS	a folder that keeps what was learnt, one folder for each target, for a longer run to go on with
#	FUZZ_FINDS	where the inputs of finds go, else build/fuzz/finds
#	JOBS		how many targets run at once, else one for each core
# Touches these, and a fresh directory on a tmpfs that it removes.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
top=$(dirname "$tests")
bin=${FUZZERS:-$top/build/fuzz}
finds=${FUZZ_FINDS:-$top/build/fuzz/finds}

# ---- one target, as the user that may do nothing: run.sh --one NAME, in the fresh directory ----

if [ "${1:-}" = --one ]; then
	name=$2
	options=
	[ ! -f "fuzz/dict/$name" ] || options="-dict=$PWD/fuzz/dict/$name"
	for dir in "seeds/$name" "fuzz/seeds/$name"; do
		[ ! -d "$dir" ] || options="$options $PWD/$dir"
	done
	# The quarantine of freed memory holds what one input frees; a larger one only costs time.
	# shellcheck disable=SC2086 # a list; no directory of ours has a space in its name
	exec env FUZZ_DIR="$PWD/trees" UBSAN_OPTIONS=print_stacktrace=1 ASAN_OPTIONS=quarantine_size_mb=16 \
		"bin/$name" -max_total_time="$SECONDS_EACH" -timeout=25 \
		-max_len="$(case $name in unpack | import | container) echo 16384 ;; image | config | seccomp | oci) echo 8192 ;; *) echo 4096 ;; esac)" \
		-rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$PWD/finds/$name." "$PWD/corpus/$name" $options
fi

[ $# -gt 0 ] || { sed -n '2,/^set/s/^#\{0,1\} \{0,1\}//p' "$0" | sed '$d' >&2; exit 2; }
seconds=$1
shift
[ $# -gt 0 ] || for file in "$bin"/*; do
	[ ! -f "$file" ] || set -- "$@" "$(basename "$file")"
done
[ $# -gt 0 ] || { echo "$0: no fuzz targets in $bin: run make fuzz first" >&2; exit 1; }
for name; do
	[ -x "$bin/$name" ] || { echo "$0: no such target: $name" >&2; exit 1; }
done

# ---- a place that the unprivileged user can reach ----

base=/dev/shm
[ -w "$base" ] || base=${TMPDIR:-/tmp}
scratch=$(mktemp -d "$base/sandbox-fuzz.XXXXXX")
clean_up() {
	chmod -R u+rwX "$scratch" 2>/dev/null || true
	rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
mkdir "$scratch/bin" "$scratch/seeds" "$scratch/corpus" "$scratch/finds" "$scratch/trees" "$scratch/log"
cp -R "$tests/fuzz" "$scratch/fuzz"
for name; do
	cp "$bin/$name" "$scratch/bin/"
	mkdir "$scratch/corpus/$name"
	[ ! -d "${FUZZ_CORPUS:-}/$name" ] || cp -R "$FUZZ_CORPUS/$name/." "$scratch/corpus/$name/"
done
python3 "$tests/fuzz/make_seeds.py" "$scratch/seeds"
chmod -R go+rX "$scratch"
as=
if [ "$(id -u)" = 0 ]; then
	user=${TEST_USER:-nobody}
	as="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups"
	chown -R "$user:" "$scratch/corpus" "$scratch/finds" "$scratch/trees"
fi

# ---- run, and tell ----

SECONDS_EACH=$seconds
export SECONDS_EACH
cd "$scratch"
# The log is opened here, since the user that runs the target cannot.
# shellcheck disable=SC2016 # for the inner shell
printf '%s\n' "$@" | xargs -P "${JOBS:-$(nproc)}" -I NAME sh -c '
	name=$1 && shift
	"$@" sh fuzz/run.sh --one "$name" >"log/$name" 2>&1 </dev/null || echo "$?" >"log/$name.failed"
' one NAME $as

status=0
for name; do
	log=log/$name
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
	reached=$(sed -n 's/^#[0-9]*[[:space:]].* cov: \([0-9]*\) ft: \([0-9]*\) .*/\1 edges, \2 features/p' "$log" | tail -n 1)
	if [ ! -e "$log.failed" ]; then
		echo "$name: nothing found: ${runs:-0} runs, ${reached:-no coverage}"
	else
		status=1
		why=$(grep -E 'does not hold|runtime error:|SUMMARY: |^tree: ' "$log" | head -n 1)
		echo "$name: found: ${why:-status $(cat "$log.failed")}: ${runs:-0} runs, ${reached:-no coverage}"
		mkdir -p "$finds"
		cp "$log" "$finds/$name.log"
		for input in finds/"$name".*; do
			[ -f "$input" ] || continue
			cp "$input" "$finds/"
			echo "	$bin/$name $finds/$(basename "$input")"
		done
	fi
	if [ -n "${FUZZ_CORPUS:-}" ]; then
		mkdir -p "$FUZZ_CORPUS/$name"
		cp -R "corpus/$name/." "$FUZZ_CORPUS/$name/"
	fi
done
exit $status
