#!/bin/sh
# modes: root
# A cluster: Slurm with two nodes, MPICH and Open MPI, natively and in sandboxes; tests/hpc/checks.sh has the checks.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"
: "${TOP:=$TESTS/..}"

"$TOP/tests/hpc/bed.sh" run sh /src/tests/hpc/checks.sh >tap 2>log
if grep -q '^1\.\.' tap; then
	cat tap
	tell "$(cat log)"
	! grep -q '^not ok' tap
	exit
fi
ok 1 'the cluster starts' || tell "$(tail -n 30 log)"
done_testing
