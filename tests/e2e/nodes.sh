#!/bin/sh
# modes: user
# 50 nodes with a cache each over one store, 200 first runs at once: what they ask of the store is the same for each node.
# A node is a mount, UTS and network namespace with a disk of its own; the store is mounted read-only there, as from a file server.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

command -v strace >/dev/null || skip_all 'needs strace'
unshare -Urmun true 2>/dev/null || skip_all 'needs namespaces'
site=$WORK/site
sandbox --store "$site" load --shared "$IMAGES/docker.tar" >/dev/null
find "$site" -printf '%p %i %m %s %T@ %C@\n' | sort >before
mkdir local disks
export WORK

# on NODE COMMAND...
cat >on <<'END'
#!/bin/sh
mkdir -p "$WORK/disks/$1"
exec unshare -Urmun sh -c '
	hostname "node$1"
	mount --bind "$WORK/site" "$WORK/site"
	mount -o remount,bind,ro "$WORK/site"
	mount --bind "$WORK/disks/$1" "$WORK/local"
	shift
	exec "$@"' sh "$@"
END
# first RUN: a run, and in local/ what it said and every call that it made on the store
cat >first <<'END'
#!/bin/sh
cd "$WORK/local" || exit 1
SANDBOX_STORE=$WORK/local/own SANDBOX_STORES=$WORK/site \
	strace -f --seccomp-bpf -qq -y -e trace=/open,/access,/read,/stat,/lock,/write,/getdents,/utime -o "trace.$1" sandbox run --cache "$WORK/local/cache" --verbose test:1 cat /etc/marker >"out.$1" 2>"err.$1"
grep -F "$WORK/site" "trace.$1" | grep -v execve >"asked.$1"
END
cat >four <<'END'
#!/bin/sh
for run in 1 2 3 4; do
	"$WORK/first" $run &
done
wait
END
chmod 755 on first four

# asked NODE [RUN]: the number of calls; reads NODE: those that read the archive
asked() {
	cat "disks/$1/asked."${2:-*} | grep -vc 'pread.*image.tar'
}
reads() {
	cat "disks/$1/asked."* | grep -c 'pread.*image.tar'
}

# Alone, one after the other: the first and the last are alike.
for node in first last; do
	./on $node ./first 1
	./on $node ./first 2
done
is "$(cat disks/*/out.* | sort | uniq -c | tr -s ' ')" ' 4 second layer' 'two nodes, two runs each'
first=$(asked first 1) again=$(asked first 2) pieces=$(reads first)
is "$(asked last 1) $(asked last 2) $(reads last)" "$first $again $pieces" 'the last node asks as often as the first'
is "$(grep -Ec 'flock|O_(WRONLY|RDWR|CREAT)|rootfs/' disks/first/asked.2)" 0 'a later run takes no lock, writes nothing, and looks at no file of the image' || tell "$(cat disks/first/asked.2)"
[ "$again" -le 16 ] && [ "$first" -le 50 ]
ok $? "... $first calls and $pieces reads of the archive for the first run, $again for a later one"
rm -rf disks/*

for node in $(seq 50); do
	./on "$node" ./four &
done
wait
is "$(cat disks/*/out.* | sort | uniq -c | tr -s ' ')" ' 200 second layer' '200 first runs at once on 50 nodes'
is "$(grep -l '^sandbox: unpacked' disks/*/err.* | cut -d/ -f2 | sort | uniq -c | awk '$1 == 1' | wc -l)" 50 '... one of each node made the copy'
is "$(grep -h waiting disks/*/err.* | sort | uniq -c | awk '$1 > 50')" '' '... and one at most said that it waits'
for node in $(seq 50); do
	echo "$(reads "$node") $(asked "$node")"
done | sort -n >nodes
is "$(cut -d' ' -f1 nodes | sort -u)" "$pieces" 'each node reads the archive once'
# One that finds no copy looks once more than one that does.
is "$(awk -v least=$((first + 3 * again)) '$2 < least || $2 > least + 3' nodes)" '' "... and asks besides what one first run and three later ones ask: $((first + 3 * again)) calls"
is "$(grep -h flock disks/*/asked.* | wc -l)" 50 '... and one of its runs, the one that makes the copy, keeps the image from being removed'
find "$site" -printf '%p %i %m %s %T@ %C@\n' | sort >after
is "$(diff before after)" '' 'nothing of the store has changed'
done_testing
