#!/bin/sh
# A store on NFS: two mounts of one server (nfs.before), as two nodes of a cluster have it.
. "$TESTS/lib.sh"

image=$IMAGES/docker.tar
is "$(awk '$2 == "/nfs/a" || $2 == "/nfs/b" { print $3 }' /proc/mounts | tr '\n' ' ')" 'nfs4 nfs4 ' 'two mounts'
mkdir /nfs/a/store tmp
TMPDIR=$WORK/tmp # a local disk for what is written
export TMPDIR

# on MOUNT COMMAND...: sandbox with the store as that mount has it
mkdir bin
cat >bin/on <<'END'
#!/bin/sh
node=$1
shift
exec sandbox --store "/nfs/$node/store" "$@"
END
chmod 755 bin/on
PATH=$WORK/bin:$PATH

# clean NAME: nothing half-made is left; looked for where the server has it
clean() {
	left=$(ls -A /disk/export/store/staging | grep -v '\.lock$')
	is "$left" '' "$1: nothing half-made is left"
}

run on a run "$image" echo hello
is "$RC:$OUT" 0:hello 'the first run'
run on a run "$image" cat /etc/marker
is "$RC:$OUT:$ERR" '0:second layer:' 'the second run'
run on b run test:1 cat /etc/marker
is "$RC:$OUT:$ERR" '0:second layer:' 'from the other mount, by name'
unlike "$(cat /disk/export/store/images/*/record.json)" '"boot"' 'its data is on the disk of the server, whichever machine crashes'
run on a run "$image" sh -c 'echo x >/etc/marker; rm -r /home; mkdir /home; cat /etc/marker'
is "$RC:$OUT" 0:x 'what is written lies above it'
run on b images
like "$OUT" '^test:1 ' 'images'
fails '--writable on NFS, which no overlay takes' 125 'writes cannot go to' on b run --writable kept "$image" true
on b writable rm kept >/dev/null 2>&1
gives 'rm' 0 '' on b rm test:1
is "$(ls /disk/export/store/images)" '' 'rm: it is gone'
clean 'rm'

# Eight at once, four from each mount: unpacked once, all succeed.
for i in 1 2 3 4 5 6 7 8; do
	node=a
	[ $((i % 2)) = 0 ] || node=b
	(
		on $node run "$image" sh -c "echo run $i" >out.$i 2>err.$i
		echo $? >status.$i
	) &
done
wait
is "$(cat status.* | tr '\n' ' ')" '0 0 0 0 0 0 0 0 ' 'eight first runs at once: all succeed'
is "$(cat out.* | sort | tr '\n' ' ')" 'run 1 run 2 run 3 run 4 run 5 run 6 run 7 run 8 ' '... with their output'
is "$(ls /disk/export/store/images | wc -l)" 1 '... of one image'
clean 'eight at once'

# The unpacker is killed half-way, at one mount; the runs that wait for it, at both, do without.
for round in 1 2 3; do
	on a rm test:1
	sandbox --store /nfs/a/store run "$image" true 2>/dev/null &
	victim=$!
	wait_for 60 sh -c 'ls -d /disk/export/store/staging/*/*/bin'
	ok $? 'an unpacker is at work'
	for node in a b; do
		on $node run "$image" echo "$node did" >out.$node 2>err.$node &
		eval "waits_$node=\$!"
	done
	kill -KILL $victim
	wait $victim 2>/dev/null
	for node in a b; do
		eval "wait \$waits_$node"
		is "$?:$(cat out.$node):$(grep -v 'unpacking' err.$node)" "0:$node did:" "the unpacker is killed: a run at mount $node goes on"
	done
	is "$(ls /disk/export/store/images | wc -l)" 1 '... with one image'
done
on a run $IMAGES/config.tar 2>/dev/null
clean 'after the kills'

# An entry of what runs, and what ends it
on a run -d --name live test:1 sleep 1000 >/dev/null
run on a exec live echo inside
is "$RC:$OUT" 0:inside 'exec'
fails 'rm of an image in use' 125 'in use|is using' on a rm test:1
run on a stop -t 2 live
is "$RC" 0 'stop'
gives 'rm after that' 0 '' on a rm test:1

# Many at once, from both mounts
seconds=10
[ "${long:-}" != yes ] || seconds=60
run sh "$TESTS/fault/hammer.sh" $seconds 20 "$image" /nfs/a/store /nfs/b/store
is "$RC:$OUT:$ERR" 0:: "20 processes at two mounts, for $seconds seconds"
clean '20 processes'
done_testing
