#!/bin/sh
# cp: files into and out of a run, of what --writable keeps, and out of an image, as `docker cp` has it.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

sandbox load "$IMAGES/docker.tar" >/dev/null
mkdir -p src/sub vol
echo a >src/a
echo b >src/sub/b
ln -s a src/link
ln src/a src/hard
chmod 750 src/sub
touch -d '2020-02-03 04:05:06' src/a
chmod 4755 src/a
id=$(sandbox run -d --name box -v "$WORK/vol:/vol" test:1 sleep 1000)
in_box() {
	sandbox exec box sh -c "$1"
}

# Into a run: what exists decides, as in Docker
gives 'a directory to a free name' 0 '' sandbox cp src box:/new
is "$(in_box 'cd /new; ls; cat a sub/b; readlink link; stat -c "%a %h %u:%g %Y" a sub')" 'a
hard
link
sub
a
b
a
755 2 0:0 1580702706
750 2 0:0 '"$(stat -c %Y src/sub)" 'is the same tree, root has it, and nothing is setuid'
gives 'into a directory' 0 '' sandbox cp src box:/tmp
gives 'is below it' 0 "$(printf 'src')" sandbox exec box ls /tmp
gives 'its contents' 0 '' sandbox cp src/. box:/tmp
gives 'go beside' 0 "$(printf 'a\nhard\nlink\nsrc\nsub')" sandbox exec box ls /tmp
is "$(in_box 'stat -c %a /tmp')" "$(sandbox run test:1 stat -c %a /tmp)" 'and a directory that was there keeps its mode'
echo B >src/sub/b
gives 'again' 0 '' sandbox cp src box:/new/..
gives 'by its id' 0 '' sandbox cp src "$id:/new/../tmp"
gives 'merges' 0 B sandbox exec box cat /tmp/src/sub/b
gives 'a file to a name' 0 '' sandbox cp src/sub/b box:/tmp/file
gives 'a file over a file' 0 '' sandbox cp src/a box:/tmp/file
gives 'is replaced' 0 a sandbox exec box cat /tmp/file
gives 'a path inside without a slash' 0 '' sandbox cp src/a box:tmp/relative
gives 'begins at the root' 0 a sandbox exec box cat /tmp/relative
fails 'a directory over a file' 125 'no directory' sandbox cp src box:/etc/passwd
fails 'a file over a directory' 125 'a directory is in its place' sh -c 'mkdir -p d; cp src/a d/etc; sandbox cp d/etc box:/'
fails 'a directory that is not there' 125 'box:/none/: no such directory' sandbox cp src/a box:/none/
fails 'nor the one above' 125 'box:/none/x: No such file' sandbox cp src/a box:/none/x
fails 'a source that is not there' 125 'cp: nosuch: No such file' sandbox cp nosuch box:/
fails 'a file that is none' 125 'src/a/: Not a directory' sandbox cp src/a/ box:/tmp

# Out of it
gives 'out, to a free name' 0 '' sandbox cp box:/new out
is "$(cd out && find . -printf '%P %y %m %n %s %l\n' | sort)" "$(cd src && find . -printf '%P %y %m %n %s %l\n' | sed 's/ 4755 / 755 /' | sort)" 'gives the same tree'
is "$(find out ! -user "$(id -un)" | wc -l):$(stat -c %Y out/a)" 0:1580702706 'which is the caller'"'"'s'
gives 'out, into a directory' 0 '' sandbox cp box:/etc/passwd .
is "$(cat passwd)" "$(sandbox exec box cat /etc/passwd)" 'a file'
gives 'the contents of the root' 0 '' sandbox cp box:/new/. "$WORK/out/sub"
[ -f out/sub/sub/b ]
ok $? 'are copied'
fails 'what is not there' 125 'box:/nosuch: No such file' sandbox cp box:/nosuch x
fails 'to where nothing is' 125 'none/x: No such file' sandbox cp box:/etc none/x
gives 'to a path with a colon' 0 '' sandbox cp box:/etc/passwd ./with:colon
[ -f with:colon ]
ok $? 'that begins with a dot'
fails 'a copy of itself' 125 'its own copy' sh -c 'echo x >vol/x; sandbox cp vol/x box:/vol/x'
is "$(cat vol/x)" x 'is not lost'

run sandbox cp box:/. whole
is "$RC:$OUT:$ERR" '0::sandbox: cp: box:/.: devices that became empty files: 7' 'all of it, and what became of devices'
is "$(ls whole/proc whole/sys | tr -d '\n'):$(cmp whole/bin/busybox "$STORE"/images/*/rootfs/bin/busybox && cat whole/vol/x)" 'whole/proc:whole/sys::x' 'has the volumes, but not what the kernel makes up'
gives 'all of it as a tar' 0 'proc/' sh -c 'sandbox cp box:/ - | tar -t | grep "^\(\./\)*proc/" | sed "s|^\./||"'

# What is no file, folder or link: it is there, or a line says what became of it
fails 'a device' 125 'cp: box:/dev/null: is a device' sandbox cp box:/dev/null null
fails 'a device of the host' 125 'cp: /dev/null: is a device.*--device' sandbox cp /dev/null box:/tmp/null
run sandbox cp box:/dev .
is "$RC:$ERR:$(stat -c '%F %a' dev/null dev/zero | sort -u)" '0:sandbox: cp: box:/dev: devices that became empty files: 7:regular empty file 666' 'a folder with devices'
gives 'a tar has them' 0 'c 1,3' sh -c 'sandbox cp box:/dev - | tar -tv | grep dev/null | tr -s " " | sed "s/^\(.\).* \(1,3\) .*/\1 \2/"'
gives '... one as well' 0 c sh -c 'sandbox cp box:/dev/null - | tar -tv | cut -c 1'
tar -cf dev.tar -C / dev/null dev/zero
run sh -c 'sandbox cp - box:/tmp <dev.tar'
is "$RC:$ERR:$(in_box 'stat -c %F /tmp/dev/zero')" '0:sandbox: cp: -: devices that became empty files: 2:regular empty file' 'in from a tar'
run sandbox unpack dev.tar unpacked
is "$RC:$ERR:$(stat -c %F unpacked/dev/zero)" '0:sandbox: unpack: dev.tar: devices that became empty files: 2:regular empty file' 'unpack says it, too'
mkdir -p tree/bin && install -m 755 src/sub/b tree/bin/sh && tar -cf nodes.tar -C / dev/null dev/zero -C "$WORK/tree" bin
sandbox load --tag nodes nodes.tar >/dev/null
run sandbox unpack nodes unpacked2
is "$RC:$ERR" '0:sandbox: unpack: nodes: devices that became empty files: 2' '... of a stored image'
gives '... but not with -q' 0 '' sandbox unpack -q nodes unpacked3
mkdir odd && mkfifo -m 666 odd/fifo
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("odd/socket")'
chmod 600 odd/socket
gives 'fifos and sockets' 0 '' sandbox cp odd box:/tmp
is "$(in_box 'stat -c "%F %a" /tmp/odd/*')" "$(printf 'fifo 666\nsocket 600')" 'are copied'
gives '... out' 0 '' sandbox cp box:/tmp/odd odd2
is "$(stat -c '%F %a' odd2/*)" "$(printf 'fifo 666\nsocket 600')" 'too'
run sh -c 'sandbox cp box:/tmp/odd - | tar -t | tr "\n" " "'
is "$OUT:$ERR" 'odd/ odd/fifo :sandbox: cp: box:/tmp/odd: sockets left out, which a tar cannot hold: 1' 'a tar has the fifo, and a line says what it has not'
fails 'nothing as a tar' 125 'cp: box:/tmp/nosuch: No such file' sandbox cp box:/tmp/nosuch -
fails 'a socket as a tar' 125 'a tar cannot hold a socket' sandbox cp box:/tmp/odd/socket -

# What it calls both ends, and what it leaves
mkdir -p odd/zz taken/odd/zz2 && chmod 750 odd/zz && touch odd/zz2 && chmod 755 taken/odd
fails 'the source by the name that was given' 125 'copy odd/zz2: a directory is in its place' sh -c 'sandbox exec box mkdir -p /tmp/odd/zz2; sandbox cp odd box:/tmp'
fails '... in a run' 125 'copy box:/tmp/odd/zz2: what is in its place is no directory' sh -c 'mkdir -p at/odd; touch at/odd/zz2; sandbox cp box:/tmp/odd at/.'
is "$(stat -c '%a %n' at/odd/* | tr '\n' ' ')" '666 at/odd/fifo 600 at/odd/socket 750 at/odd/zz 644 at/odd/zz2 ' 'what a failure leaves has the modes of the source'
if [ "$MODE" = user ]; then
	mkdir shut && chmod 555 shut
	fails 'a folder that the caller has protected' 125 'write shut/passwd: Permission denied' sandbox cp box:/etc/passwd shut
	fails '... for what is in a folder' 125 'write shut/a: Permission denied' sandbox cp box:/new/. shut
	fails '... under a new name' 125 'write shut/x: Permission denied' sandbox cp box:/etc shut/x
	mkdir -p deep/new/sub && chmod 555 deep/new/sub
	fails '... below' 125 'write deep/new/sub/b: Permission denied' sandbox cp box:/new deep
	gives 'not inside, where it is root' 0 '' sh -c 'sandbox exec box sh -c "mkdir /shut; chmod 555 /shut"; sandbox cp src/a box:/shut'
fi
echo old >kept && chmod 444 kept
gives 'a file is replaced, as in Docker' 0 '' sandbox cp box:/etc/passwd kept
is "$(cat kept)" "$(sandbox exec box cat /etc/passwd)" 'whatever its mode'

# Links lead nowhere else
in_box "ln -s / /out; ln -s ../../../../../../../../etc/passwd /pw; ln -s /tmp/a /tmp/chain; ln -s ../../$WORK /outside; ln -s / /new/top; ln -s loop /loop"
echo host >passwd
gives 'a link is copied as a link' 0 '' sandbox cp box:/pw link
is "$(readlink link)" ../../../../../../../../etc/passwd 'whatever it says'
gives '-L: what it leads to' 0 '' sandbox cp -L box:/pw followed
is "$(cat followed)" "$(sandbox exec box cat /etc/passwd)" 'inside'
gives 'a link on the way' 0 '' sandbox cp box:/out/etc/hostname name
is "$(cat name)" "$(sandbox exec box cat /etc/hostname)" 'leads to the root of the sandbox'
gives 'a link as destination' 0 '' sandbox cp src/sub/b box:/tmp/chain
gives 'is followed' 0 B sandbox exec box cat /tmp/a
fails 'to the outside' 125 'outside/escaped: No such file' sandbox cp src/a box:/outside/escaped
[ ! -e escaped ]
ok $? 'nothing came out'
fails 'in a circle' 125 'loop: (Symbolic link loop|Too many)' sandbox cp -L box:/loop x
gives 'the top, through a link, again inside' 0 '' sandbox cp src/a box:/new/top/../new/top/tmp/deep
gives 'is there' 0 a sandbox exec box cat /tmp/deep
in_box 'mkdir /trap; ln -s /etc /trap/sub'
fails 'a link where the source has a directory' 125 'no directory' sandbox cp src/. box:/trap
[ "$(in_box 'ls /etc/b 2>&1' | grep -c '^/etc/b$')" = 0 ]
ok $? 'is not followed'

# A command that changes the path meanwhile (CVE-2018-15664 of docker cp)
sandbox exec box sh -c "while [ ! -e /tmp/enough ]; do mkdir /flip; rmdir /flip; ln -s '$WORK' /flip; rm /flip; ln -s / /flip; rm /flip; done" 2>/dev/null &
flipper=$!
mkdir secret # of the host
echo secret >secret/key
i=0
while [ $i -lt 40 ]; do
	i=$((i + 1))
	sandbox cp src/a box:/flip/raced 2>/dev/null
	sandbox cp box:/flip/secret/key stolen 2>/dev/null
done
[ ! -e raced ] && [ ! -e stolen ]
ok $? 'a path that changes meanwhile leads nowhere else'
sandbox exec box touch /tmp/enough
wait $flipper

# tar streams
gives 'out as a tar' 0 'new/
new/a
new/hard
new/link
new/sub/
new/top
new/sub/b' sh -c 'sandbox cp box:/new - | tar -t'
gives 'the contents' 0 './
./b' sh -c 'sandbox cp box:/new/sub/. - | tar -t'
gives 'a file' 0 '0/0 passwd' sh -c 'sandbox cp box:/etc/passwd - | tar -tv --numeric-owner | tr -s " " | cut -d" " -f2,6'
gives 'in from a tar' 0 '' sh -c 'tar -cz src | sandbox cp - box:/root'
is "$(in_box 'cd /root/src; ls | tr "\n" " "; cat a; stat -c "%u:%g %h" hard')" 'a hard link sub a
0:0 2' 'it is unpacked'
gives 'a tar of an image is a tar' 0 '' sh -c 'sandbox cp - box:/root <"$0"' "$IMAGES/docker.tar"
gives 'with these files' 0 manifest.json sandbox exec box sh -c 'cd /root; ls manifest.json'
fails 'a tar to a file' 125 'no such directory' sh -c 'tar -c src | sandbox cp - box:/etc/passwd'
fails 'no tar' 125 'tar' sh -c 'echo no tar | sandbox cp - box:/root'
mkdir evil && ln -s "$WORK" evil/x && tar -cf evil.tar -C evil x && rm evil/x && mkdir evil/x && echo e >evil/x/escaped && tar -rf evil.tar -C evil x/escaped
run sh -c 'sandbox cp - box:/root <evil.tar'
[ ! -e escaped ]
ok $? 'a hostile tar writes nothing outside'

# --writable, while no run has it, and images
sandbox run --writable keep test:1 sh -c 'echo kept >/kept; rm /etc/group; chmod 700 /root'
gives 'out of --writable' 0 '' sandbox cp keep:/kept .
is "$(cat kept)" kept 'what a run has written'
gives 'and what is of the image' 0 '' sandbox cp keep:/etc/passwd pw
fails 'not what a run has removed' 125 'keep:/etc/group: No such' sandbox cp keep:/etc/group x
gives 'into it' 0 '' sandbox cp src keep:/root
gives 'for the next run' 0 a sandbox run --writable keep test:1 cat /root/src/a
sandbox run --writable keep test:1 sh -c "ln -s '$WORK' /abs; ln -s /abs/src /tmp/src"
fails 'a link in it leads inside' 125 'keep:/abs/escaped: No such file' sandbox cp src/a keep:/abs/escaped
fails 'out, too' 125 'keep:/abs/secret/key: No such file' sandbox cp keep:/abs/secret/key stolen
sandbox commit keep hostile >/dev/null
fails 'and in an image' 125 'hostile:/abs/secret/key: No such file' sandbox cp hostile:/abs/secret/key stolen
fails 'or with -L' 125 'hostile:/tmp/src: No such file' sandbox cp -L hostile:/tmp/src stolen
[ ! -e escaped ] && [ ! -e stolen ]
ok $? 'nothing came out of these'
sandbox run -d --name user --writable keep test:1 sleep 1000 >/dev/null
fails 'not while a run has it' 125 'keep: another run is using it' sandbox cp src keep:/root
gives 'but by the name of the run' 0 '' sandbox cp src/a user:/root/new
gives 'it is there' 0 a sandbox exec user cat /root/new
sandbox kill user >/dev/null
gives 'out of an image' 0 '' sandbox cp test:1:/etc/passwd pw2
cmp -s pw2 pw
ok $? 'by its name with a tag'
gives 'as a tar' 0 etc/ sh -c 'sandbox cp test:1:/etc - | tar -t | head -n 1'
fails 'not into it' 125 'an image is never written to' sandbox cp src test:1:/x
sandbox verify test:1 >/dev/null
ok $? 'the image is untouched, as verify says'

# Words
fails 'two paths of the host' 125 'one of the two must be NAME:PATH' sandbox cp a b
fails 'two sandboxes' 125 'only one of the two' sandbox cp box:/a keep:/b
fails 'no such name' 125 'nosuch: no run' sandbox cp nosuch:/a b
fails 'one word' 125 'needs a source and a destination' sandbox cp box:/a
sandbox kill box >/dev/null
sandbox wait box >/dev/null 2>&1
gives 'no longer a run' 125 '' sh -c 'sandbox cp box:/a b 2>/dev/null'
[ -z "$(ls -A "$STORE/staging")" ]
ok $? 'nothing is left in staging'

# Real owners, with --subuid
if [ "$MODE" = root ] && command -v newuidmap >/dev/null; then
	make_ranger sandbox-cp 2500000
	sandbox save -o ranger/image.tar test:1
	chmod 644 ranger/image.tar
	./as_ranger sandbox load ranger/image.tar >/dev/null
	./as_ranger sandbox run -d --subuid --name real test:1 sh -c 'echo x >/tmp/x; chown 1000:100 /tmp/x; exec sleep 1000' >/dev/null
	wait_for 20 ./as_ranger sandbox exec real test -e /tmp/x
	gives '--subuid: out' 0 '' ./as_ranger sandbox cp real:/tmp/x ranger/x
	is "$(stat -c %U ranger/x)" sandbox-cp 'is the caller'"'"'s'
	gives '--subuid: out with -a' 0 '' ./as_ranger sandbox cp -a real:/tmp/x ranger/y
	is "$(stat -c %u:%g ranger/y)" 2500999:2500099 'has its owner'
	gives '--subuid: a tar' 0 1000/100 sh -c './as_ranger sandbox cp real:/tmp/x - | tar -tv --numeric-owner | tr -s " " | cut -d" " -f2'
	chown 7:8 src/a
	gives '--subuid: in from a tar' 0 '' sh -c 'tar -c src/a | ./as_ranger sandbox cp - real:/root'
	gives 'the owners of the tar' 0 7:8 ./as_ranger sandbox exec real stat -c %u:%g /root/src/a
	gives '--subuid: in' 0 '' ./as_ranger sandbox cp ranger/x real:/root/x
	gives 'root has it' 0 0:0 ./as_ranger sandbox exec real stat -c %u:%g /root/x
	./as_ranger sandbox kill real >/dev/null
	./as_ranger sandbox run --subuid --writable own test:1 sh -c 'echo y >/y; chown 5:6 /y'
	gives '--subuid --writable: a tar' 0 5/6 sh -c './as_ranger sandbox cp own:/y - | tar -tv --numeric-owner | tr -s " " | cut -d" " -f2'
	gives '--subuid --writable: in' 0 '' sh -c 'tar -c src/a | ./as_ranger sandbox cp - own:/root'
	gives 'with owners' 0 7:8 ./as_ranger sandbox run --subuid --writable own test:1 stat -c %u:%g /root/src/a
	sh -c './as_ranger sandbox rm --writable own'
fi
done_testing
