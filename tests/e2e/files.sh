#!/bin/sh
# What lies outside and is shown inside, what is written and where it goes, and the files of /etc and /dev.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

image=$IMAGES/docker.tar
mkdir -p src/sub
echo a >src/a
echo b >src/sub/b

# Binds: -v
gives '-v: a directory' 0 a:b sandbox run -v "$PWD/src:/m" "$image" sh -c 'echo $(cat /m/a):$(cat /m/sub/b)'
gives '-v: a relative source' 0 a sandbox run -v src:/m "$image" cat /m/a
gives '-v: a relative source with dots' 0 a sandbox run -v ./src/../src:/m "$image" cat /m/a
gives '-v: a target that is not there' 0 a sandbox run -v src:/new/deep/m "$image" cat /new/deep/m/a
gives '-v: file on file' 0 a sandbox run -v src/a:/etc/passwd "$image" cat /etc/passwd
gives '-v: file where nothing is' 0 a sandbox run -v src/a:/new/a "$image" cat /new/a
mkdir links
for link in /etc/zone=/usr/share/zoneinfo/Etc/UTC /etc/relative=../srv/none/rel /etc/chain=zone /etc/out=../../../../no/where; do
	ln -s "${link#*=}" "links/$(basename "${link%=*}")"
done
tar -cf linked.tar --transform 's,^links,etc,' links/zone links/relative links/chain links/out
cp "$IMAGES/rootfs.tar" onto.tar && tar -Af onto.tar linked.tar
for link in zone relative chain out; do
	gives "-v: file on a link to nothing: $link" 0 a sandbox run -v "src/a:/etc/$link:ro" onto.tar cat "/etc/$link"
	gives "--mount: the same: $link" 0 a sandbox run --mount "type=bind,src=src/a,dst=/etc/$link" onto.tar cat "/etc/$link"
	gives "--device: the same: $link" 0 1:5 sandbox run --device "/dev/zero:/etc/$link" onto.tar stat -Lc %t:%T "/etc/$link"
	gives "-v: a folder: $link" 0 a sandbox run -v "src:/etc/$link" onto.tar cat "/etc/$link/a"
done
gives '... the link leads out of the image to nothing' 0 a sandbox run -v src/a:/etc/out onto.tar cat /no/where
fails '-v: file on a directory' 125 'cannot cover the directory' sandbox run -v src/a:/etc "$image" true
fails '-v: directory on a file' 125 '/etc/passwd: a directory cannot cover the file there' sandbox run -v src:/etc/passwd "$image" true
fails '-v: no source' 125 'the source .*src/none of the mount on /m: No such file.*nothing is made on the host' sandbox run -v src/none:/m "$image" true
mkdir removed
for option in '-v .:/m' '-v ..:/m' '--mount type=bind,src=.,dst=/m' '--scratch .' '--scratch sub'; do
	fails "$option, in a folder that was removed" 125 'relative to a directory that is gone' \
		sh -c 'cd removed && rmdir ../removed && exec "$@"' - sandbox run $option "$image" true
	mkdir removed
done
# Where nothing can be mounted: one line says where, once, and why.
while read -r options; do
	[ -n "$options" ] || continue
	# shellcheck disable=SC2086 # words
	fails "no place: $options" 125 '[a-z]' sandbox run $options "$image" true
	words=$(printf '%s\n' "$ERR" | sed 's/ (.*//; s/[=,:]/ /g' | tr ' ' '\n' | grep '^/' | sort | uniq -d)
	is "$words" '' '... no path is said twice' || tell "$ERR"
done <<'EOF'
-v ./src:/etc/passwd
-v ./src:/etc/passwd/x
-v ./src:/bin/sh/x/y
-v ./src/a:/etc
-v ./src/a:/etc/passwd/x
-v ./src:/dev/null
-v ./src:/sys/x
-v ./src:/
-v ./src:/..
-v ./src:/proc
-v ./src:relative
-v ./src:/m:what
-v ./none:/m
--tmpfs /
--tmpfs /proc
--tmpfs /etc/passwd
--tmpfs relative
--mount type=tmpfs,dst=/etc/passwd/x
--mount type=bind,src=./none,dst=/m
--device /etc/passwd
--device /dev/none
--device /dev/null:/etc
-w /etc/passwd
-w /sys/x
EOF
gives '-v: a target above the root is in the root' 0 a sandbox run -v src:/../../m "$image" cat /m/a
fails '-v: the root' 125 'root of the sandbox' sandbox run -v src:/ "$image" true
gives '-v: writes arrive outside' 0 '' sandbox run -v src:/m "$image" sh -c 'echo new >/m/new'
is "$(cat src/new)" new 'as they were made'
is "$(stat -c %u src/new)" "$(id -u)" 'and belong to the caller'
run sandbox run -v src:/m:ro "$image" sh -c 'echo x >/m/a'
like "$RC:$ERR" '^1:.*Read-only' '-v ...:ro'
run sandbox run -v src:/m:noexec "$image" sh -c 'cp /bin/busybox /m/box && /m/box true'
like "$RC:$ERR" '^126:.*Permission denied' '-v ...:noexec'
gives '-v: several options' 0 'ro,nosuid,nodev,noexec' sandbox run -v src:/m:ro,noexec,nosuid,nodev "$image" \
	sh -c "awk '\$2 == \"/m\" { print \$4 }' /proc/mounts | cut -d, -f1-4"
fails '-v: an unknown option' 125 'unknown option "bogus"' sandbox run -v src:/m:bogus "$image" true
fails '-v: ro,rw' 125 'contradicts' sandbox run -v src:/m:ro,rw "$image" true
run sandbox run -v src:/m:z "$image" cat /m/a
like "$RC:$OUT:$ERR" '^0:a:sandbox: .*has no effect' '-v ...:z is accepted, with a note'

# A target whose links the image made
mkdir linked
ln -s / linked/up
ln -s ../../../../.. linked/dots
ln -s /nowhere/at/all linked/dangling
cp "$IMAGES/rootfs.tar" linked.tar
mkdir -p tree
mv linked tree/links
tar -C tree -rf linked.tar links
gives '-v: a link of the image to the root' 0 a sandbox run -v src:/links/up/m linked.tar cat /m/a
gives '-v: and one of dots' 0 a sandbox run -v src:/links/dots/m linked.tar cat /m/a
gives '-v: and one to nowhere' 0 a sandbox run -v src:/links/dangling linked.tar cat /nowhere/at/all/a
[ ! -e /nowhere ] && [ ! -e /m ]
ok $? 'nothing of that was made outside'

# ro holds for what is mounted below
if [ "$MODE" = root ]; then
	mount -t tmpfs none src/sub 2>/dev/null
	ok $? 'a file system below the source'
	run sandbox run -v src:/m:ro "$image" sh -c 'echo x >/m/sub/x'
	like "$RC:$ERR" '^1:.*Read-only' 'ro holds for it, too'
	umount src/sub
fi

# Binds and more: --mount
gives '--mount: bind' 0 a sandbox run --mount type=bind,source=src,target=/m "$image" cat /m/a
gives '--mount: short keys, in another order' 0 a sandbox run --mount dst=/m,ro,src=src,type=bind "$image" cat /m/a
cp -R src 'with,comma'
gives '--mount: a comma in quotes' 0 a sandbox run --mount 'type=bind,"src=with,comma",dst=/m' "$image" cat /m/a
for ro in ro readonly readonly=true ro=1; do
	run sandbox run --mount "type=bind,src=src,dst=/m,$ro" "$image" touch /m/a
	like "$RC:$ERR" '^1:.*Read-only' "--mount: $ro"
done
gives '--mount: readonly=false' 0 '' sandbox run --mount type=bind,src=src,dst=/m,readonly=false "$image" touch /m/a
gives '--mount: tmpfs' 0 '1024:700' sandbox run --mount type=tmpfs,dst=/m,tmpfs-size=1m,tmpfs-mode=0700 "$image" \
	sh -c 'echo $(df -k /m | awk "NR == 2 { print \$2 }"):$(stat -c %a /m)'
gives '--mount: a volume without a name starts as the image has it' 0 'second layer' \
	sandbox run --mount type=volume,dst=/etc "$image" cat /etc/marker
fails '--mount: a volume with a name' 125 'named volumes are not supported' sandbox run --mount src=data,dst=/m "$image" true
fails '--mount: another type' 125 'type must be' sandbox run --mount type=nfs,src=a,dst=/m "$image" true
fails '--mount: no target' 125 'needs dst' sandbox run --mount type=bind,src=src "$image" true
fails '--mount: no source' 125 'needs src' sandbox run --mount type=bind,dst=/m "$image" true
fails '--mount: a source that is not there' 125 'the source .*none of the mount on /m: No such file' sandbox run --mount type=bind,src=none,dst=/m "$image" true
fails '--mount: an unknown key' 125 'unknown key "colour"' sandbox run --mount type=bind,src=src,dst=/m,colour=red "$image" true
fails '--mount: an open quote' 125 'quote' sandbox run --mount 'type=bind,"src=src' "$image" true
fails 'two things on one target' 125 'another mount on /m' sandbox run -v src:/m --mount type=tmpfs,dst=/m "$image" true

# --tmpfs
gives '--tmpfs' 0 1777:tmpfs sandbox run --tmpfs /m "$image" sh -c "echo \$(stat -c %a /m):\$(awk '\$2 == \"/m\" { print \$3 }' /proc/mounts)"
gives '--tmpfs with options' 0 750:512 sandbox run --tmpfs /m:size=512k,mode=750 "$image" \
	sh -c 'echo $(stat -c %a /m):$(df -k /m | awk "NR == 2 { print \$2 }")'

# --read-only, and volumes of the image
run sandbox run --read-only "$image" touch /x
like "$RC:$ERR" '^1:.*Read-only' '--read-only'
gives '--read-only: a volume is not' 0 '' sandbox run --read-only -v src:/new/m "$image" touch /new/m/ok
"$TESTS/../rootfs-examples/pack.py" --rootfs "$IMAGES/rootfs.tar" --layer "$IMAGES/layer2" --volume /etc --volume /new/data \
	--tag volumes:1 volumes.tar
gives '--read-only: volumes of the image are not, either' 0 'second layer' \
	sandbox run --read-only volumes.tar sh -c 'touch /etc/x /new/data/x && cat /etc/marker'

# What is written
gives 'what is written vanishes' 0 '' sandbox run "$image" sh -c 'echo x >/etc/marker'
gives 'and is not there the next time' 0 'second layer' sandbox run "$image" cat /etc/marker
run sandbox run --scratch-size 1m "$image" dd if=/dev/zero of=/x bs=64k count=32
[ "$RC" != 0 ]
ok $? '--scratch-size limits it'
gives '--scratch-size leaves room for less' 0 '' sandbox run --scratch-size 4m "$image" sh -c 'head -c 1000000 /dev/zero >/x'
fails '--scratch-size 0' 125 '--scratch-size 0: must be at least 1' sandbox run --scratch-size 0 "$image" true
# Inode numbers, by which programs know hard links: with the overlay's xino=on they are beyond what JavaScript and 32 bits can hold.
tree=$(sandbox run --dry-run "$image" true | sed -n 's/.*"path": "\(.*\)".*/\1/p')
number=$(stat -c %i "$tree/etc/marker")
gives 'inode numbers are those of the disk, before and after the first write' 0 "$number
$number" sandbox run "$image" sh -c 'stat -c %i /etc/marker && echo x >>/etc/marker && stat -c %i /etc/marker'
mkdir scratch
# shellcheck disable=SC2012 # names are known
on_disk() { ls -A scratch | grep -c '^\.sandbox-scratch'; }
run sandbox run --scratch scratch "$image" sh -c 'echo x >/new; rm /etc/marker; mkdir /d; chmod 0 /d; cat /new'
case $ERR in
*'writes cannot go to'*)
	ok 0 '--scratch: this file system cannot take it, and that is said'
	skip '--scratch and --writable' 'this kernel has no overlay on the file system of the tests'
	;;
*)
	is "$RC:$OUT:$ERR" 0:x: '--scratch'
	is "$(on_disk)" 0 '--scratch: nothing is left'
	fails '--scratch: when the command is not found' 127 'not found|no such' sandbox run --scratch scratch "$image" /none
	is "$(on_disk)" 0 '--scratch: nothing is left of that, either'
	: >out
	sandbox run --scratch scratch "$image" sh -c 'echo ready; while :; do echo x >/f$RANDOM; done' >out 2>err &
	pid=$!
	wait_for 20 test -s out
	is "$(on_disk)" 1 '--scratch: a folder while it runs'
	kill -KILL $pid
	wait $pid 2>/dev/null
	wait_for 20 sh -c '! ls -A scratch | grep -q .'
	ok $? '--scratch: it goes when the runner is killed'
	gives '--scratch on the disk of the store: the root is one file system' 0 1 \
		sandbox run --scratch scratch "$image" sh -c 'stat -c %d / /etc /etc/marker /bin/busybox | sort -u | wc -l'
	cp -R "$IMAGES/layer2" scratch/.sandbox-scratch-other
	gives '--scratch: what is no leftover stays' 0 '' sandbox run --scratch scratch "$image" true
	[ -d scratch/.sandbox-scratch-other ]
	ok $? 'as it was'

	# --writable
	gives '--writable' 0 '' sandbox run --writable w "$image" sh -c 'echo kept >/new; rm /etc/marker; chmod 700 /tmp'
	run tar -cf /dev/null -C "$STORE" writable
	is "$RC:$ERR" 0: '--writable: what is kept can be copied'
	gives '--writable: the next run sees it' 0 'kept:no:700' \
		sandbox run --writable w "$image" sh -c 'echo $(cat /new):$([ -e /etc/marker ] || echo no):$(stat -c %a /tmp)'
	gives '--writable: others do not' 0 'second layer' sandbox run "$image" cat /etc/marker
	gives '--writable: other names do not' 0 'second layer' sandbox run --writable other "$image" cat /etc/marker
	fails '--writable: another image' 125 'goes with the image' sandbox run --writable w "$IMAGES/busybox.tar" true
	fails '--writable and --scratch' 125 'exclude each other' sandbox run --writable w --scratch scratch "$image" true
	fails '--writable: a name that leads out' 125 'must begin with' sandbox run --writable ../w "$image" true
	mkfifo fifo
	: >out
	sandbox run --writable w "$image" sh -c 'echo ready; cat' <fifo >out &
	exec 9>fifo
	wait_for 20 test -s out
	fails '--writable: one live run at a time' 125 'another run is using it' sandbox run --writable w "$image" true
	fails '--writable: and no removing meanwhile' 125 'another run is using it' sandbox rm --writable w
	like "$(sandbox writable)" '^w +[0-9a-f]{12} +live ' 'writable lists it as live'
	exec 9>&-
	wait
	like "$(sandbox writable)" '^other +[0-9a-f]{12} +- +20' 'and others as not'
	like "$(sandbox writable --json)" '"name": "w"' 'as JSON, too'
	fails 'rm --writable: a word without the option is none of them' 125 'test:1: is it an image, or a name' sandbox rm --writable w test:1
	fails 'rm --writable: one of them is missing' 125 'none: No such file' sandbox rm --writable w --writable none
	is "$(sandbox writable | wc -l)" 3 '... and nothing is removed'
	gives 'rm --writable' 0 '' sandbox rm --writable w --writable other
	gives 'removes them' 0 'NAME                     IMAGE        STATE    USED' sandbox writable
	fails 'rm --writable: no such' 125 'none: No such file' sandbox rm --writable none
	;;
esac

# /dev
gives '--shm-size' 0 2048 sandbox run --shm-size 2m "$image" sh -c 'df -k /dev/shm | awk "NR == 2 { print \$2 }"'
gives '--shm-size as Docker spells it' 0 1536 sandbox run --shm-size 1.5MB "$image" sh -c 'df -k /dev/shm | awk "NR == 2 { print \$2 }"'
fails '--shm-size: no size' 125 'not a size' sandbox run --shm-size big "$image" true
gives '--device' 0 '1:5 3' sandbox run --device /dev/zero:/dev/other "$image" sh -c 'echo $(stat -c %t:%T /dev/other) $(head -c 3 /dev/other | wc -c)'
gives '--device with rights' 0 1:5 sandbox run --device /dev/zero:/dev/other:rwm "$image" stat -c %t:%T /dev/other
fails '--device: rights that cannot be taken' 125 'must be rw or rwm' sandbox run --device /dev/zero:r "$image" true
fails '--device: no device' 125 'is no device' sandbox run --device "$PWD/src/a:/dev/other" "$image" true
fails '--device: not there' 125 'the device /dev/none-of-that: No such file' sandbox run --device /dev/none-of-that "$image" true

# /etc: over links and where nothing is
mkdir -p etc/etc
for file in hosts hostname resolv.conf; do
	ln -s "/run/$file" etc/etc/$file
done
cp "$IMAGES/rootfs.tar" etc.tar
tar -C etc -rf etc.tar etc
like "$(sandbox run --dns 192.0.2.7 etc.tar cat /etc/resolv.conf)" '^nameserver 192\.0\.2\.7$' '/etc/resolv.conf over a link to nowhere'
like "$(sandbox run --add-host there:192.0.2.8 etc.tar cat /etc/hosts)" '^192\.0\.2\.8	there$' '/etc/hosts over a link to nowhere'
gives '/etc/hostname over a link to nowhere' 0 box sandbox run --hostname box etc.tar cat /etc/hostname
gives 'and nothing is made where the links lead' 0 no sandbox run etc.tar sh -c '[ -e /run/hosts ] || echo no'
like "$(sandbox run --add-host 'six:[2001:db8::1]' "$image" cat /etc/hosts)" '^2001:db8::1	six$' '--add-host: IPv6'
like "$(sandbox run --add-host here:host-gateway "$image" cat /etc/hosts)" '^127\.0\.0\.1	here$' '--add-host: host-gateway'
fails '--add-host: no address' 125 'not an IP address' sandbox run --add-host a:b "$image" true
fails '--add-host: no name' 125 'NAME:IP' sandbox run --add-host :192.0.2.1 "$image" true
fails '--dns: no address' 125 'not an IP address' sandbox run --dns name "$image" true
like "$(sandbox run --dns 192.0.2.7 --dns 2001:db8::7 "$image" grep -c nameserver /etc/resolv.conf)" '^2$' '--dns takes the place of the host'"'"'s'

# Time zone
if [ -e /usr/share/zoneinfo/Asia/Tokyo ]; then
	gives '--tz: a zone that the image lacks' 0 +0900 sandbox run --tz Asia/Tokyo "$image" date +%z
fi
[ ! -e /etc/localtime ] || gives '--tz host' 0 "$(env -u TZ date +%z)" sandbox run --tz host "$image" date +%z
fails '--tz: no such zone' 125 'neither the image nor the host' sandbox run --tz No/Where "$image" true
fails '--tz: a zone that leads elsewhere' 125 'neither the image nor the host' sandbox run --tz ../../../etc/passwd "$image" true

# Environment and umask
export OUTSIDE='from outside' LD_OUTSIDE=x TMPDIR=/nowhere
gives '--env-host' 0 'from outside' sandbox run --env-host "$image" sh -c 'echo "$OUTSIDE"'
gives '--env-host: but what would lead astray' 0 '/root||' sandbox run --env-host "$image" sh -c 'echo "$HOME|$LD_OUTSIDE|$TMPDIR"'
gives '--env-host: -e goes over it' 0 inside sandbox run --env-host -e OUTSIDE=inside "$image" sh -c 'echo "$OUTSIDE"'
gives '--env-host: so does the image' 0 image sandbox run --env-host --entrypoint sh "$IMAGES/config.tar" -c 'echo $OVER'
unset TMPDIR
gives 'the umask is 0022' 0 '0022
644' sandbox run "$image" sh -c 'umask; touch /x; stat -c %a /x'
gives '--umask' 0 '0077
600' sandbox run --umask 077 "$image" sh -c 'umask; touch /x; stat -c %a /x'
fails '--umask: no mode' 125 'not an octal' sandbox run --umask 0999 "$image" true
done_testing
