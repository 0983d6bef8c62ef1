#!/bin/sh
# modes: user root
# Every block of commands in README.md and docs/ runs as it stands: tests/papers.py says which kinds of block there are.
# Each paper has a directory and an empty store of its own, with the image that README.md makes.
# As root only what is for root is run, and what is for the owner of the checkout.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

top=${TOP:-$TESTS/..}
# For docs/hpc.md, where there is no Slurm: the tasks of one step, one after the other.
if ! command -v srun >/dev/null; then
	mkdir bin
	cat >bin/srun <<-'END'
		#!/bin/sh
		[ "$1" = -n ] || exit 2
		export SLURM_JOB_ID=1 SLURM_NTASKS="$2" SLURM_PROCID=0
		shift 2
		while [ "$SLURM_PROCID" -lt "$SLURM_NTASKS" ]; do
			"$@" || exit
			SLURM_PROCID=$((SLURM_PROCID + 1))
		done
	END
	chmod +x bin/srun
	PATH=$WORK/bin:$PATH
fi
# run_paper PAPER DIRECTORY KIND...
run_paper() {
	paper=$1 directory=$2
	shift 2
	(cd "$directory" && python3 -B "$TESTS/papers.py" "$paper" $((tests + 1)) "$@") >"$WORK/.results" 2>&1 || echo "not ok $((tests + 1)) - $paper"
	cat "$WORK/.results"
	tests=$((tests + $(grep -Ec '^(not )?ok' "$WORK/.results")))
	failures=$((failures + $(grep -c '^not ok' "$WORK/.results")))
}

for paper in "$TESTS/../README.md" "$TESTS"/../docs/*.md "$TESTS/../docs/doctor/README.md" "$TESTS/../rootfs-examples/README.md"; do
	directory=$WORK/$(basename "$(dirname "$paper")").$(basename "$paper" .md)
	export HOME="$directory/home"
	mkdir -p "$HOME"
	ln -s "$TESTS/../rootfs-examples" "$directory/"
	cp "$IMAGES/busybox.tar" "$directory/"
	if [ "$MODE" = user ]; then
		run_paper "$paper" "$directory" sh console
	else
		run_paper "$paper" "$directory" 'sh root'
	fi
	if [ -O "$top/build.sh" ]; then
		run_paper "$paper" "$top" 'sh checkout' 'sh ci'
	fi
done
[ $tests -gt 0 ]
ok $? 'there are blocks of commands'
done_testing
