#!/bin/sh
# A shared store on NFS and 50 nodes (nodes.before), with a cache each: 200 first runs at once, and what the server is asked for.
. "$TESTS/lib.sh"

is "$(grep -c ' /nfs/[0-9]* nfs4 ro' /proc/mounts)" 50 'fifty mounts'
mkdir -p /nfs/a/site
gives 'load --shared' 0 'Loaded image: test:1' sandbox --store /nfs/a/site load --shared "$IMAGES/docker.tar"
export WORK

# run_on NODE NAME: a run on that node, with its output in out.NODE.NAME
run_on() {
	SANDBOX_STORE=$WORK/own.$1 sandbox --shared-store "/nfs/$1/site" run --cache "$WORK/cache.$1" --verbose test:1 cat /etc/marker \
		>"out.$1.$2" 2>"err.$1.$2"
}

# kinds NODE: what its mount has asked of the server, a line of name and number for each kind of call
kinds() {
	awk -v at="/nfs/$1" '$1 == "device" { here = $5 == at; ops = 0 } here && /per-op/ { ops = 1; next }
		here && ops && $2 > 0 { sub(":", "", $1); print $1, $2 }' /proc/self/mountstats
}
# calls NODE: the reads of the archive, and all others
calls() {
	kinds "$1" | awk '{ if ($1 == "READ") reads = $2; else n += $2 } END { print n + 0, reads + 0 }'
}

# Alone, one after the other: the first and the last are alike.
for node in 1 50; do
	for run in mount first again; do
		[ $run = mount ] || run_on $node $run
		calls $node
	done | paste -sd' ' >calls.$node
	echo "# node $node: calls and reads with the mount, after the first run, after a second: $(cat calls.$node): $(kinds $node | paste -sd' ')"
done
is "$(cat out.* | sort | uniq -c | tr -s ' ')" ' 4 second layer' 'two nodes, two runs each'
# Whether it also opens, locks and closes a file depends on what the server delegates.
is "$(cat calls.1 calls.50 | awk 'NR == 1 { n = $5; reads = $6 } END { print ($6 == reads && $5 <= n + 12 && n <= $5 + 12) }')" 1 'the last node asks as often as the first'

for node in $(seq 2 49); do
	calls "$node" >before.$node
	for run in 1 2 3 4; do
		run_on "$node" $run &
	done
done
wait
is "$(cat out.*.[1-4] | sort | uniq -c | tr -s ' ')" ' 192 second layer' '192 first runs at once on 48 nodes'
is "$(cat err.*.[1-4] | grep -c '^sandbox: unpacked')" 48 '... with one copy on each node'
for node in $(seq 2 49); do
	echo "$(calls "$node") $(cat before.$node) $node"
done | awk '{ print $1 - $3, $2 - $4, $5 }' | sort -n >nodes
most=$(tail -n 1 nodes | cut -d' ' -f3)
echo "# calls and reads of the node that asked least, and most: $(head -n 1 nodes), $(tail -n 1 nodes): $(kinds "$most" | paste -sd' ')"
is "$(cut -d' ' -f2 nodes | sort -u | wc -l)" 1 '... each reads the archive once'
is "$(awk '$1 > 80' nodes)" '' '... with at most 80 other calls for four runs'
is "$(for node in $(seq 2 49); do kinds "$node"; done | awk '$1 == "LOCK" && $2 > 1')" '' '... and one lock, of the run that makes the copy'
done_testing
