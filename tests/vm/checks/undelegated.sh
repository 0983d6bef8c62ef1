#!/bin/sh
# Limits where no cgroup is the caller's: an error, never a run without the limit.
. "$TESTS/lib.sh"

for option in '--memory 16m' '--cpus 0.5' '--pids-limit 10'; do
	# shellcheck disable=SC2086 # two words
	fails "$option where nothing is delegated" 125 'cgroup' sandbox run $option "$IMAGES/docker.tar" echo ran
done
run sandbox run "$IMAGES/docker.tar" echo ran
is "$RC:$OUT" 0:ran 'a run without limits'
done_testing
