#!/bin/sh
# modes: user root
# A cache on a disk of the node, over a store that is only read: what is copied there and when, what it costs the store, how it is kept
# small, who may share one, and what happens where it cannot be used.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

site=$WORK/site
chmod 755 "$WORK"
gives 'load --shared' 0 'Loaded image: test:1' sandbox --store "$site" load --shared "$IMAGES/docker.tar"
sandbox --store "$site" load --shared "$IMAGES/config.tar" >/dev/null
id=$(cut -c1-64 "$site/refs/test:1")
other=$(cut -c1-64 "$site/refs/config:1")
is "$(stat -c %a "$site/images/$id/image.tar")" 644 'one file for a copy, which all can read'
gives '... which is an archive of the image' 0 'second layer' sandbox --store elsewhere run "$site/images/$id/image.tar" cat /etc/marker
rm -rf elsewhere
find "$site" -printf '%p %i %m %s %T@ %C@\n' | sort >before

mkdir bin local
cat >bin/cached <<'END'
#!/bin/sh
# cached [OPTION...] IMAGE COMMAND...: a run with the cache that $cache names
exec sandbox --shared-store "$WORK/site" run ${cache:+--cache "$cache"} "$@"
END
chmod 755 bin/cached
PATH=$WORK/bin:$PATH
cache=$WORK/local/me
export PATH WORK cache

# ---- the first run, and later ones ----
gives 'none' 0 x cached --cache= test:1 echo x
is "$(ls -A local)" '' '... is made where none is asked for'
gives 'the first run' 0 'second layer' cached test:1 cat /etc/marker
is "$(ls "$cache/images")" "$id" 'made a copy'
is "$(ls -A "$cache/staging")" '' '... and left nothing else'
is "$(stat -c %a "$cache")" 700 '... for its user alone'
is "$(ls "$STORE/images")" '' '... and none in the own store'
run sandbox --store "$cache" verify "$id"
is "$RC" 0 'the copy is what was unpacked'
gives 'by the tarball' 0 'second layer' cached "$IMAGES/docker.tar" cat /etc/marker
gives 'by its id' 0 'second layer' cached "$id" cat /etc/marker
gives 'an image of the own store stays there' 0 '' env cache="$WORK/local/none" cached "$IMAGES/rootfs.tar" true
is "$(ls "$WORK/local/none/images")" '' '... and is not copied'
rm -rf "$WORK/local/none"
# ---- what a run of a copied image asks of the store ----
if command -v strace >/dev/null; then
	strace -f -qq -y -e trace=file,read,flock,fcntl,write,futex,utimensat -o trace sandbox --shared-store "$site" run --cache "$cache" test:1 true
	grep -F "$site" trace | grep -v execve >asked
	is "$(grep -Ec 'O_(WRONLY|RDWR|CREAT)|flock|LCK|LK|unlink|mkdir|rename|utimensat' asked)" 0 'a later run writes nothing there and takes no lock'
	is "$(grep -cE 'open(at2?)?\(' asked)" 5 'it opens the folder, its parts, and the name' || tell "$(cat asked)"
else
	skip 'what a later run asks of the store' 'needs strace'
fi
find "$site" -printf '%p %i %m %s %T@ %C@\n' | sort >after
is "$(diff before after)" '' 'no run has written there'

# ---- what the store says counts ----
chmod 700 "$site/images/$id"
mv "$site/images/$id" "$site/moved"
mkdir "$site/images/$id"
gives 'a later run needs nothing of the image in the store' 0 'second layer' cached test:1 cat /etc/marker
gives 'its files are the own ones: they can be changed in place' 0 x cached test:1 sh -c 'echo x >/etc/marker && cat /etc/marker'
rmdir "$site/images/$id"
fails 'what the store has no more is not run' 125 'test:1: neither a file nor an image' cached test:1 true
mv "$site/moved" "$site/images/$id"
chmod 755 "$site/images/$id"
sandbox --store "$site" tag config:1 test:1
gives 'a name that stands for another image by now' 0 'entry again' cached test:1 again
sandbox --store "$site" tag "$id" test:1
is "$(ls "$cache/images" | wc -l)" 2 'both are there'

# ---- many at once ----
rm -rf "$cache"
for i in $(seq 64); do
	cached --verbose test:1 echo ran >out.$i 2>err.$i &
done
wait
is "$(cat out.* | sort | uniq -c | tr -s ' ')" ' 64 ran' '64 first runs at once: all succeed'
is "$(cat err.* | grep -c 'unpacked')" 1 '... with one copy' || tell "$(cat err.* | sort | uniq -c)"
rm -rf "$cache" out.* err.*
cached config:1 true >/dev/null
flock "$cache/staging/$id-$(id -u).lock" sh -c "until [ -e '$WORK/go' ]; do sleep 0.05; done" &
wait_for 10 sh -c "! flock -n '$cache/staging/$id-$(id -u).lock' true"
cached test:1 echo ran >out.1 2>err.1 &
wait_for 20 grep -q waiting err.1
for i in 2 3 4 5 6 7 8; do
	timeout 2 "$WORK/bin/cached" test:1 echo ran >out.$i 2>err.$i &
	last="${last:-} $!"
done
# shellcheck disable=SC2086 # a list of numbers
wait $last
touch go
wait
is "$(cat out.1)" ran 'a run that waits'
is "$(cat err.*)" 'sandbox: waiting for another process that is unpacking this image' '... says so, and no other that waits beside it' || tell "$(cat err.*)"

rm -rf "$cache/images/$id" out.* err.*
for i in $(seq 0 7); do
	SLURM_JOB_ID=7 SLURM_STEP_ID=0 SLURM_STEP_TASKS_PER_NODE=8 SLURM_NODEID=0 SLURM_PROCID=$i \
		timeout 60 "$WORK/bin/cached" test:1 sh -c ': >up.'$i'; until [ -e up.0 ] && [ -e up.7 ] && [ $(ls up.* | wc -l) = 8 ]; do sleep 0.05; done; stat -Lc %i /proc/self/ns/mnt' >out.$i 2>err.$i &
done
wait
is "$(cat out.* | sort | uniq -c | awk '{ print $1 }')" 8 'the ranks of a step share one sandbox of the copy' || tell "$(cat out.* err.*)"

# ---- its size and age ----
big=$(stat -c %s "$IMAGES/rootfs/bin/busybox")
is "$(ls "$cache/images" | wc -l)" 2 'two copies'
sandbox --store "$site" load --shared --tag third:1 "$IMAGES/rootfs.tar" >/dev/null
third=$(cut -c1-64 "$site/refs/third:1")
touch -d 2001-01-01 "$cache/images/$other/lock"
sed -i 's/"unpacked":[0-9]*/"unpacked":1000000000/' "$cache/images/$other/record.json"
gives 'a third one, with room for two' 0 x cached --cache-max-size $((big * 5 / 2)) third:1 echo x
is "$(ls "$cache/images" | sort)" "$(printf '%s\n' "$id" "$third" | sort)" 'the one not used for the longest time has gone'
sed -i 's/"unpacked":[0-9]*/"unpacked":1000000000/' "$cache/images/$id/record.json"
touch -d 2001-01-01 "$cache/images/$id/lock"
gives 'by age' 0 'entry x' cached --cache-older-than 30d config:1 x
is "$(ls "$cache/images" | sort)" "$(printf '%s\n' "$other" "$third" | sort)" '... one has gone'
run cached --cache-max-size 1k test:1 echo ran
is "$RC:$OUT" 0:ran 'one that is larger than the cache runs from the store'
is "$(printf '%s\n' "$ERR" | grep -c .)" 1 '... with one line'
like "$ERR" "^sandbox: running without the cache: $cache: no room for .*: No space left" '... which says why'
is "$(ls "$cache/images" | wc -l)" 2 '... and nothing was removed for it'
mkfifo hold
cached third:1 cat <hold >held &
exec 9>hold
wait_for 20 sh -c "! flock -n '$cache/images/$third/lock' true"
run cached --cache-max-size $((big * 3 / 2)) test:1 echo ran
is "$RC:$OUT" 0:ran 'what is in use is not removed'
[ -d "$cache/images/$third" ]
ok $? '... the copy is still there'
exec 9>&-
wait
run sandbox --store "$cache" gc --max-size 0
is "$RC:$(ls "$cache/images")" 0: 'gc takes a cache as any store'
fails 'an age that is none' 125 'cache-older-than soon: not an age' cached --cache-older-than soon test:1 true

# ---- killed, damaged ----
cached test:1 true
sed -i 's/}$/,"boot":"of-another-time"}/; s/"boot":"[^"]*",\("boot"\)/\1/' "$cache/images/$id/record.json"
gives 'a copy that a crash may have damaged is made anew' 0 'second layer' cached test:1 cat /etc/marker
unlike "$(cat "$cache/images/$id/record.json")" of-another-time '... with a new record'
rm -rf "$cache"
cp "$site/images/$id/image.tar" good.tar
python3 - "$site/images/$id/image.tar" <<'END'
import sys
with open(sys.argv[1], 'r+b') as f:
    at = f.read().rindex(b'second layer')
    f.seek(at)
    f.write(b'SECOND')
END
run cached test:1 cat /etc/marker
is "$RC:$OUT" '0:second layer' 'an archive that was changed: the image runs from the store'
like "$ERR" '^sandbox: running without the cache: .*digest' '... and a line says why'
is "$(ls "$cache/images")" '' '... and nothing of it is kept'
rm "$site/images/$id/image.tar"
gives 'a store without archives, as before: no copy' 0 'second layer' cached test:1 cat /etc/marker
run cached --verbose test:1 true
like "$ERR" 'not copied to the cache: .*image.tar: No such file' '... which --verbose tells'
sandbox --store "$site" load --shared "$IMAGES/docker.tar" >/dev/null
cmp -s "$site/images/$id/image.tar" good.tar
ok $? 'loaded again, it has one'
mkdir -p "$cache/staging"
cached test:1 true
rm -rf "$cache/images/$id"
strace -f -qq -o /dev/null -e inject=renameat:signal=KILL:when=1 sandbox --shared-store "$site" run --cache "$cache" test:1 true 2>/dev/null
[ -n "$(ls "$cache/staging")" ]
ok $? 'killed before its end'
gives 'the next run makes it' 0 '' cached test:1 true
is "$(ls -A "$cache/staging")" '' '... and removes what was left'

# ---- what the image is made of ----
python3 - "$IMAGES/rootfs.tar" <<'END'
import io, sys, tarfile
with tarfile.open(sys.argv[1]) as old, tarfile.open('odd.tar', 'w', format=tarfile.PAX_FORMAT) as new:
    def add(name, kind=tarfile.REGTYPE, mode=0o644, **more):
        m = tarfile.TarInfo('odd/' + name)
        m.type, m.mode, m.size = kind, mode, 4 if kind == tarfile.REGTYPE else 0
        for key, value in more.items():
            setattr(m, key, value)
        new.addfile(m, io.BytesIO(b'data') if m.size else None)
    for m in old:
        new.addfile(m, old.extractfile(m) if m.isreg() else None)
    add('', tarfile.DIRTYPE, 0)
    add('hidden', mode=0, uid=1000, gid=1001, mtime=4102444800)
    add('hard', tarfile.LNKTYPE, linkname='odd/hidden')
    add('suid', mode=0o6755)
    add('null', tarfile.CHRTYPE, devmajor=1, devminor=3)
    add('fifo', tarfile.FIFOTYPE)
    add('link', tarfile.SYMTYPE, linkname='/' + 'n' * 200)
    add('l' * 200)
    add('\t"\\')
    add('before', mtime=-5)
    add('part', pax_headers={'mtime': '1000000000.123456789'})
    add('note', pax_headers={'SCHILY.xattr.user.note': 'kept'})
    add('all', tarfile.DIRTYPE, 0o1777, uid=33)
END
sandbox --store "$site" load --shared --tag odd:1 odd.tar >/dev/null
odd=$(cut -c1-64 "$site/refs/odd:1")
gives 'an image of all kinds of entries' 0 '' cached odd:1 true
listed() {
	(cd "$1/images/$odd" && find rootfs -printf '%p %y %m %n %s %T@ %l\n' | sort && cat contents owners config.json)
}
[ "$(listed "$site" | tr -d '\0')" = "$(listed "$cache" | tr -d '\0')" ]
ok $? 'names, modes, times, links, owners, contents are the same'
gives 'what --writable keeps' 0 '' cached --writable w odd:1 sh -c 'echo new >>/odd/before; rm /odd/suid; mv /odd/part /odd/moved'
sandbox --store "$cache" gc --max-size 0 >/dev/null
gives '... holds over another copy' 0 'datanew data' cached --writable w odd:1 sh -c 'test ! -e /odd/suid && echo $(cat /odd/before /odd/moved)'
run sh -c 'ulimit -f 600; exec cached test:1 cat /etc/marker'
is "$RC:$OUT" '0:second layer' 'a copy that fails in the middle: the image runs from the store'
like "$ERR" '^sandbox: running without the cache: .*File too large' '... and a line says why'
is "$(ls -A "$cache/staging"; ls "$cache/images")" "$odd" '... and nothing of it is left'
mkfifo asks
(exec flock "$cache/staging/$id-$(id -u).lock" cat asks) &
wait_for 10 sh -c "! flock -n '$cache/staging/$id-$(id -u).lock' true"
cached test:1 true 2>err.wait &
waits=$!
wait_for 20 grep -q waiting err.wait
kill -TERM $waits
wait $waits
is $? 143 'a run that waits for a copy ends by the signal'
: >asks
wait

# ---- no room, no place ----
if unshare -Urm true 2>/dev/null; then
	mkdir small
	run unshare -Urm sh -c 'mount -t tmpfs -o size=1m small small && cache=$WORK/small/me exec cached test:1 cat /etc/marker'
	is "$RC:$OUT" '0:second layer' 'a full disk: the image runs from the store'
	is "$(printf '%s\n' "$ERR" | grep -c '')" 1 '... with one line'
	like "$ERR" '^sandbox: running without the cache: .*No space left on device' '... which says why'
fi
not_used() {
	run env cache="$2" cached test:1 cat /etc/marker
	is "$RC:$OUT" '0:second layer' "$1: the image runs from the store"
	is "$(printf '%s\n' "$ERR" | grep -c '')" 1 '... with one line'
	like "$ERR" "^sandbox: running without the cache: .*$3" '... which says why' || tell "$ERR"
}
mkdir -p private/target
chmod 700 private private/target
ln -s "$WORK/private/target" local/link
not_used 'a link in its place' "$WORK/local/link" 'local/link: (Not a directory|Too many levels)'
not_used 'a link with a slash' "$WORK/local/link/" 'local/link: (Not a directory|Too many levels)'
is "$(ls private/target)" '' 'nothing was made where it leads'
mkfifo stays
cache=$WORK/local/link cached test:1 cat <stays >/dev/null 2>err.stays &
exec 9>stays
wait_for 20 grep -q 'without the cache' err.stays
gives 'beside it no other says so' 0 'second layer' env cache="$WORK/local/link" cached test:1 cat /etc/marker
run env cache="$WORK/local/link" cached --verbose test:1 true
like "$ERR" 'running without the cache' '... but --verbose does'
exec 9>&-
wait
not_used 'when it has ended' "$WORK/local/link" 'local/link: '
ln -s "$WORK/private" local/way
gives 'a link on the way is another name' 0 '' env cache="$WORK/local/way/cache" cached test:1 true
is "$(ls private/cache/images)" "$id" '... of the same folder'
mkdir open
chmod 777 open
not_used 'a folder that others may write in' "$WORK/open" 'open: other users may write or read here'
not_used 'one below it' "$WORK/open/me" 'other users may rename what is in .*/open: it must be sticky'
rm -rf open/me
chmod 1777 open
gives 'one below a sticky folder' 0 '' env cache="$WORK/open/me" cached test:1 true
: >open/file
not_used 'a file' "$WORK/open/file" 'open/file: Not a directory'
[ "$MODE" = root ] || not_used 'a place where nothing can be made' /proc/nowhere 'store: mkdir /proc/nowhere'

chmod 1777 open
run env cache="$WORK/open" cached --cache-shared test:1 echo x
like "$RC:$OUT:$ERR" '^0:x:sandbox: running without the cache: .*open: all users may write here' 'nor one for all, for several users'
mv "$site/images/$id/lock" lock.kept
mkfifo "$site/images/$id/lock"
gives 'a fifo in a store of others holds nobody up' 0 x timeout 60 env cache="$WORK/none-yet" cached test:1 echo x
rm "$site/images/$id/lock"
mv lock.kept "$site/images/$id/lock"

# ---- configured ----
mkdir -p "$HOME/.config/sandbox"
printf 'shared-store = %s\ncache = %s/local/%%u\ncache-max-size = 1g\n' "$site" "$WORK" >"$HOME/.config/sandbox/sandbox.conf"
gives 'by the configuration' 0 x sandbox run test:1 echo x
is "$(ls "local/$(id -un)/images")" "$id" '... at its place'
echo 'cache = local' >"$HOME/.config/sandbox/sandbox.conf"
fails 'a place in the working directory' 125 'sandbox.conf:1: cache: local: the path must begin with /' sandbox run test:1 true
rm "$HOME/.config/sandbox/sandbox.conf"

# ---- other users ----
if [ "$MODE" != root ]; then
	done_testing
fi
group=61999
# as NAME COMMAND...: as one of two members of a group, or as a stranger; with a home each
cat >bin/as <<'END'
#!/bin/sh
case $1 in
ada) ids='--reuid=61001 --regid=61001 --groups=61999' ;;
bob) ids='--reuid=61002 --regid=61002 --groups=61999' ;;
eve) ids='--reuid=61003 --regid=61003 --clear-groups' ;;
esac
export HOME="$WORK/home-$1"
shift
exec setpriv $ids "$@"
END
chmod 755 bin/as
uid=61001
for name in ada bob eve; do
	mkdir "home-$name"
	chown $uid:$uid "home-$name"
	uid=$((uid + 1))
done
mkdir ours
chgrp $group ours
chmod 3770 ours
cache=$WORK/ours
run as ada cached test:1 echo x
like "$RC:$OUT:$ERR" '^0:x:.*ours: (belongs to another user|other users may)' 'a folder of a group is not used unless somebody says so'
gives 'a first run of one of the group' 0 x as ada cached --cache-shared test:1 echo x
is "$(stat -c '%u %a' "$cache/images/$id")" '61001 755' '... made a copy'
is "$(find "$cache/images/$id" ! -type l ! -perm -044)$(find "$cache/images/$id" -perm /6000)" '' '... that all of them can read, without setuid'
run as bob cached --cache-shared --verbose test:1 cat /etc/marker
is "$RC:$OUT" '0:second layer' 'another one runs it'
unlike "$ERR" unpacked '... without another copy'
touch -d 2001-01-01 "$cache/images/$id/lock"
as bob cached --cache-shared test:1 true
[ "$(stat -c %Y "$cache/images/$id/lock")" -gt 1000000000 ]
ok $? '... and its use is noted'
run as bob sh -c "echo x >'$cache/images/$id/rootfs/etc/marker' || mv '$cache/images/$id' '$cache/images/x' || rm -r '$cache/images/$id'"
like "$RC" '^[1-9]' '... who cannot change it'
gives 'and adds one of their own' 0 'entry x' as bob cached --cache-shared config:1 x
run as ada cached --cache-shared --cache-max-size $((big * 3 / 2)) third:1 echo x
is "$RC:$OUT" 0:x 'room is made of what is the own'
[ -d "$cache/images/$other" ] && [ ! -d "$cache/images/$id" ]
ok $? '... and not of what is another one'"'"'s'
run as eve cached --cache-shared test:1 echo x
is "$RC:$OUT" 0:x 'a stranger runs the image from the store'
like "$ERR" '^sandbox: running without the cache: .*ours: Permission denied' '... with a line that says why'
run sandbox --store "$cache" gc --max-size 0
is "$RC:$(ls "$cache/images")" 0: 'gc of the owner of the folder removes all'

mkdir -m 755 filled
cache=$WORK/filled
gives 'a cache that only root fills' 0 '' cached --cache-shared test:1 true
as ada cached --cache-shared --verbose test:1 cat /etc/marker >out 2>err
is "$(cat out)" 'second layer' '... is for all'
unlike "$(cat err)" 'unpacked|without the cache' '... who run the copy'
run as ada cached --cache-shared config:1 x
is "$RC:$OUT" '0:entry x' '... and an image that it does not have'
like "$ERR" '^sandbox: running without the cache: .*Permission denied$' '... from the store, with a line'

mkdir -m 1777 scratch
as eve mkdir -m 755 scratch/ada
cache=$WORK/scratch/ada
run as ada cached test:1 echo x
like "$RC:$OUT:$ERR" '^0:x:sandbox: running without the cache: .*belongs to another user \(uid 61003\)' 'a folder that another user made there before'
as eve mkdir -m 3775 scratch/ours
cache=$WORK/scratch/ours
run as ada cached --cache-shared test:1 echo x
like "$RC:$OUT:$ERR" '^0:x:sandbox: running without the cache: .*belongs to another user \(uid 61003\), and to no group of yours' \
	'... also where several share it'
as eve mkdir -m 777 scratch/way
as ada mkdir -m 700 scratch/way/ada
cache=$WORK/scratch/way/ada
run as ada cached test:1 echo x
like "$RC:$OUT:$ERR" '^0:x:sandbox: running without the cache: .*scratch/way belongs to another user' '... and one below a folder of another user'
as eve ln -s "$WORK/home-ada" scratch/link
cache=$WORK/scratch/link/cache
run as ada cached test:1 echo x
is "$RC:$OUT:$ERR:$(ls home-ada/cache/images)" "0:x::$id" 'a link of another user on the way counts once: the real path is used'
done_testing
