#!/bin/sh
# No overlay from the kernel: what takes its place, in the documented order.  It is hidden by a store that lies on two overlays
# already, since the kernel stacks no third; /dev/fuse is one of this test's own.  As root, for the unprivileged user.
# modes: root
[ -n "${OWN_MOUNTS:-}" ] || OWN_MOUNTS=yes exec unshare -m sh "$0"
. "${TESTS:-$(dirname "$0")/..}/lib.sh"
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside

image=$IMAGES/docker.tar
chmod 755 "$WORK"
mkdir stack
stack() { # stack OPTIONS-OF-MOUNT...
	mount "$@" stack && mkdir stack/l stack/u1 stack/w1 stack/1 stack/u2 stack/w2 stack/2 && chmod 755 stack &&
		mount -t overlay o -o lowerdir=stack/l,upperdir=stack/u1,workdir=stack/w1 stack/1 &&
		mount -t overlay o -o lowerdir=stack/1,upperdir=stack/u2,workdir=stack/w2 stack/2 && mkdir stack/2/home &&
		chown "$TEST_USER:" stack/2/home
}
mkdir dev
mount -t tmpfs -o mode=755 dev dev
mknod -m 666 dev/fuse c 10 229
[ -e /dev/fuse ] && mount --bind dev/fuse /dev/fuse
stack -t tmpfs t || skip_all 'overlays cannot be stacked here'
store=$WORK/stack/2/home/store
cat >as_them <<EOF
#!/bin/sh
exec setpriv --reuid=$TEST_USER --regid=$(id -g "$TEST_USER") --init-groups env HOME=$WORK/stack/2/home SANDBOX_STORE=$store "\$@"
EOF
chmod 755 as_them
cp -p as_them as_them.first
./as_them sandbox load "$image" >/dev/null

# says NAME STATUS STDOUT NOTE COMMAND...: as `gives`, but for one line on standard error, which matches NOTE
says() {
	name=$1 status=$2 output=$3 note=$4
	shift 4
	run ./as_them "$@"
	[ "$RC" = "$status" ] && [ "$OUT" = "$output" ] && [ "$(printf '%s\n' "$ERR" | wc -l)" = 1 ] &&
		printf '%s\n' "$ERR" | grep -Eq -- "$note"
	ok $? "$name" || tell "got:  status $RC, output: $OUT
want: status $status, output: $output, one line like $note
on standard error: $ERR"
}

# What a root that can be written to has to do
writes='echo new >/new && cat /new && echo more >>/etc/marker && wc -l </etc/marker && rm -r /home && mkdir /home && ls /home | wc -l &&
	mv /bin/busybox /bin/busybox.old && ln -s busybox.old /bin/busybox && echo moved && ln /new /linked && cat /linked'
written='new
2
0
moved
new'
scratch_gone() {
	[ -z "$(find "$store" -maxdepth 1 -name '*scratch*')" ]
}
unchanged() {
	run ./as_them sandbox verify test:1
	is "$RC:$ERR" 0: "... and the image is as it was"
}

# First: fuse-overlayfs
fuse='^sandbox: no overlay file system here \(.*\): fuse-overlayfs of the host takes its place$'
if command -v fuse-overlayfs >/dev/null && [ -e /dev/fuse ]; then
	says 'fuse-overlayfs: files are written, changed and removed' 0 "$written" "$fuse" sandbox run test:1 sh -c "$writes"
	unchanged
	says '... which the next run does not see' 0 unseen "$fuse" sandbox run test:1 sh -c '[ -e /new ] || [ -h /bin/busybox ] || echo unseen'
	says '... without an init' 0 'ok 1' "$fuse" sandbox run --no-init test:1 sh -c 'touch /x && echo ok $$'
	says '... for another user inside' 0 '1000 1000' "$fuse" sandbox run -u 1000:1000 test:1 sh -c 'touch /tmp/x && stat -c "%u %g" /tmp/x'
	mkdir -p shown
	echo text >shown/file
	says '... with volumes in folders that are made' 0 'text /made/here' "$fuse" \
		sandbox run -v "$WORK/shown:/a/b/c:ro" -w /made/here test:1 sh -c 'echo "$(cat /a/b/c/file) $(pwd)"'
	says '... with the status of the command' 143 '' "$fuse" sandbox run test:1 sh -c 'kill -TERM $$'
	says '... as many files as one likes' 0 2000 "$fuse" sandbox run test:1 sh -c \
		'mkdir /many && cd /many && seq 2000 | xargs touch && ls | wc -l'
	run ./as_them sandbox run --read-only test:1 sh -c 'touch /x /tmp/x; touch /etc/x; echo end'
	is "$RC:$OUT:$(printf '%s\n' "$ERR" | grep -c '^sandbox:')" 0:end:0 '--read-only needs none, and says nothing'
	run ./as_them sandbox run --read-only test:1 touch /tmp/x
	is "$RC" 1 '... nothing can be written then'
	# What it costs: a process inside, which must not be of use to anybody
	says 'its process: no way to trace it, look at its files or see the host' 0 'fuse-overlayfs none none none' "$fuse" \
		sandbox run test:1 sh -c 'echo "$(cat /proc/2/comm)" $(ls /proc/2/root 2>/dev/null || echo none) \
		$(cat /proc/2/environ 2>/dev/null | tr "\\0" . | grep . || echo none) $(ls -l /proc/2/fd 2>/dev/null | grep fuse || echo none)'
	says '... behind a filter, without privileges to gain' 0 '2 1' "$fuse" sandbox run test:1 sh -c \
		'echo $(sed -n "s/^Seccomp:.//p; s/^NoNewPrivs:.//p" /proc/2/status | sort -r)'
	./as_them sandbox run -d --name live test:1 sleep 1000 >/dev/null 2>&1
	server=$(processes workdir=/work,squash)
	is "$(cd "/proc/$server/root" && ls -d home tmp var etc/passwd root/home 2>/dev/null)" '' '... it has nothing of the host but programs and libraries'
	! touch "/proc/$server/root/usr/x" 2>/dev/null
	ok $? '... and cannot change them'
	run ./as_them sandbox exec live sh -c 'echo here >/in && cat /in && ps | grep -c "[s]leep 1000"; ls /proc/1/root >/dev/null 2>&1 || echo hidden'
	is "$RC:$OUT" '0:here
1
hidden' 'exec joins the command, not the server'
	run ./as_them sandbox stop -t 5 live
	is "$RC:$(processes workdir=/work,squash | wc -l)" 0:0 'after stop nothing is left'
	./as_them sandbox run -d --name "killed-$$" test:1 sleep "4711$$" >/dev/null 2>&1
	kill -KILL "$(processes "killed-$$" | sort -n | head -n 1)"
	wait_for 20 gone "killed-$$" && wait_for 20 gone "4711$$" && wait_for 20 gone workdir=/work,squash
	ok $? 'after SIGKILL of the runner nothing is left'
	is "$(grep -c fuse /proc/self/mountinfo)" "$(grep -c ' /dev/fuse ' /proc/self/mountinfo)" '... and nothing was mounted outside'
	mkdir -p stack/2/home/big && chown "$TEST_USER:" stack/2/home/big
	says '--scratch and --writable-copy: on disk' 0 "$written" "$fuse" \
		sandbox run --writable-copy --scratch "$WORK/stack/2/home/big" test:1 sh -c "$writes"
	is "$(ls -A stack/2/home/big)" '' '... and gone'
else
	skip 'fuse-overlayfs' 'no fuse-overlayfs or no /dev/fuse here'
fi

# Next: a copy
chmod 600 dev/fuse
copy='^sandbox: no overlay file system here \(.*; .*\): the root is a copy of the image, removed at the end$'
says 'a copy of the image' 0 "$written" "$copy" sandbox run --writable-copy test:1 sh -c "$writes"
like "$ERR" '/dev/fuse: Permission denied' '... why is said of both'
unchanged
is "$(ls -A "$store" | sort | paste -sd' ')" 'images refs runs sources staging' '... and the copy is gone'
mkdir -p tree/bin tree/d
cp "$IMAGES/rootfs/bin/busybox" tree/bin/busybox
for name in sh cat stat touch ls chmod; do ln -s busybox "tree/bin/$name"; done
echo one >tree/d/a
ln tree/d/a tree/d/b
chmod 4751 tree/d/a
touch -d 2001-02-03T04:05:06Z tree/d/a
mkfifo -m 620 tree/d/fifo
chmod 1770 tree/d
mv tree stack/2/home/tree
chown -R "$TEST_USER:" stack/2/home/tree
chmod 4751 stack/2/home/tree/d/a
says '... with modes, times, names of one file, fifos' 0 '4751 981173106
620 fifo
1770 directory
2' "$copy" sandbox run --writable-copy "$WORK/stack/2/home/tree" \
	sh -c 'stat -c "%a %Y" /d/a; stat -c "%a %F" /d/fifo /d; echo more >>/d/b; cat /d/a | grep -c .'
is "$(cat stack/2/home/tree/d/a)" one '... what is written goes to no name of the original'
./as_them sandbox run -d --name "copied-$$" --writable-copy test:1 sleep 1000 >/dev/null 2>&1
is "$(find "$store" -maxdepth 1 -name '*scratch*' | wc -l)" 1 'the copy lies in the store'
runner=$(processes "copied-$$" | sort -n | head -n 1)
kill -KILL "$runner"
wait_for 20 scratch_gone
ok $? '... and is removed after SIGKILL of the runner'
./as_them sandbox run -d --name "copied-$$" --writable-copy test:1 sleep 1000 >/dev/null 2>&1
# shellcheck disable=SC2046 # numbers
kill -KILL $(processes "copied-$$")
wait_for 20 gone "copied-$$"
./as_them sandbox run -q --writable-copy test:1 true 2>/dev/null
is "$(find "$store" -maxdepth 1 -name '*scratch*')" '' '... and by the next run, where all processes were killed'
fails '--writable beside it' 125 'exclude each other' ./as_them sandbox run --writable-copy --writable w test:1 true
fails '--writable alone' 125 'writes cannot go to' ./as_them sandbox run --writable w test:1 true

# Last: read-only, but where programs write
bare='^sandbox: no overlay file system here \(.*; .*\): the root is read-only, but /tmp, /var/tmp, /run and the like \(--writable-copy .*\)$'
says 'read-only' 0 'read-only' "$bare" sandbox run test:1 sh -c 'touch /x /etc/x /bin/x 2>/dev/null || echo read-only'
mkdir -p stack/2/home/tree/tmp stack/2/home/tree/var/log stack/2/home/tree/var/cache stack/2/home/tree/run stack/2/home/tree/root
ln -s ../run stack/2/home/tree/var/run
echo log >stack/2/home/tree/var/log/old
echo rc >stack/2/home/tree/root/.rc
head -c 20000000 /dev/zero >stack/2/home/tree/var/cache/large
chown -R "$TEST_USER:" stack/2/home/tree
mkdir -p linked/etc
ln -s /usr/share/zone/none linked/etc/zone
tar -C linked -cf linked.part etc && cp "$IMAGES/rootfs.tar" linked.tar && tar -Af linked.tar linked.part
says '... with a file on a link to nothing' 0 zone "$bare" sandbox run -v /etc/hostname:/etc/zone linked.tar sh -c '[ -s /usr/share/zone/none ] && echo zone'
says '... with what the image has where programs write' 0 'log
rc
/root/x
/run/x
/tmp/x
/var/log/x' "$bare" sandbox run "$WORK/stack/2/home/tree" sh -c \
	'cat /var/log/old /root/.rc; for f in /tmp/x /var/log/x /var/run/x /root/x; do touch $f; done; ls /tmp/x /var/log/x /run/x /root/x'
says '... but not a large folder' 0 '20000000 read-only' "$bare" sandbox run "$WORK/stack/2/home/tree" sh -c \
	'echo $(stat -c %s /var/cache/large) $(touch /var/cache/x 2>/dev/null || echo read-only)'

# With a range of ids all of these keep owners, and what belongs to them is removed, too
if command -v newuidmap >/dev/null; then
	make_ranger sandbox-overlay 1900000000
	mkdir stack/2/ranger
	chown sandbox-overlay: stack/2/ranger
	store=$WORK/stack/2/ranger/store
	sed "s,HOME=.* \"\$@\",HOME=$WORK/ranger SANDBOX_STORE=$store \"\$@\"," as_ranger >as_them
	chmod 755 as_them
	./as_them sandbox load "$image" >/dev/null
	./as_them sandbox run -q --subuid test:1 true
	owners='mkdir /new && touch /new/x && chown 5:6 /new /new/x /etc/marker && stat -c "%u %g" /new/x /etc/marker && rm -r /home && chmod 700 /new'
	says '--subuid: a copy' 0 '5 6
5 6' "$copy" sandbox run --subuid --writable-copy test:1 sh -c "$owners"
	scratch_gone
	ok $? '... which is gone' || tell "$(ls -la "$store")"
	if command -v fuse-overlayfs >/dev/null && [ -e /dev/fuse ]; then
		chmod 666 dev/fuse
		says '--subuid: fuse-overlayfs' 0 '5 6
5 6' "$fuse" sandbox run --subuid test:1 sh -c "$owners"
		says '... for a user inside' 0 '1000 1000 refused' "$fuse" sandbox run --subuid -u 1000:1000 test:1 sh -c \
			'touch /tmp/x; echo "$(stat -c "%u %g" /tmp/x) $(touch /etc/x 2>/dev/null || echo refused)"'
	fi
else
	skip '--subuid' 'no newuidmap here'
fi
umount -l stack/2 stack/1 stack

# On a file system that shares data between files a copy takes no room
if command -v mkfs.btrfs >/dev/null && grep -q btrfs /proc/filesystems; then
	truncate -s 256M disk.img
	mkfs.btrfs -q disk.img
	if stack -o loop disk.img; then
		mkdir -p stack/2/home/tree/bin
		cp "$IMAGES/rootfs/bin/busybox" stack/2/home/tree/bin/sleep
		head -c 60000000 /dev/urandom >stack/2/home/tree/large
		chown -R "$TEST_USER:" stack/2/home/tree
		store=$WORK/stack/2/home/store
		cp as_them.first as_them
		chmod 600 dev/fuse
		sync
		before=$(stat -f -c %f stack)
		./as_them sandbox run -d --name shared --writable-copy "$WORK/stack/2/home/tree" sleep 1000 >/dev/null 2>&1
		sync
		is "$(ls "$store"/.sandbox-scratch*/root/large | wc -l)" 1 'a copy by reflink is there'
		after=$(stat -f -c %f stack)
		[ $(((before - after) * $(stat -f -c %S stack))) -lt 30000000 ]
		ok $? '... and takes no room of its own' || tell "free before: $before, after: $after"
		./as_them sandbox stop -t 1 shared >/dev/null 2>&1
		wait_for 20 scratch_gone
		umount -l stack/2 stack/1 stack
	else
		skip 'reflinks' 'this kernel has no loop mounts of btrfs'
	fi
else
	skip 'reflinks' 'this kernel has no btrfs'
fi

done_testing
