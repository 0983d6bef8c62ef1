#!/bin/sh
# Who the payload is: one id, the caller's own, or a range; what calls that change ids say; groups of the caller.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

image=$IMAGES/docker.tar
me=$(id -u) mine=$(id -g)

# One id
gives 'root by default' 0 '0 0' sandbox run "$image" sh -c 'echo $(id -u) $(id -g)'
echo outside >file
gives 'what it makes is the caller'"'"'s' 0 '' sandbox run -v "$PWD:/w" "$image" touch /w/made
is "$(stat -c %u:%g made)" "$me:$mine" 'on the host, too'

# --keep-id
login=$(id -un)
export HOME
gives '--keep-id: number and group' 0 "$me $mine" sandbox run --keep-id "$image" sh -c 'echo $(id -u) $(id -g)'
gives '--keep-id: name' 0 "$login" sandbox run --keep-id "$image" id -un
gives '--userns keep-id is the same' 0 "$me" sandbox run --userns keep-id "$image" id -u
gives '--keep-id: the home directory is there and its own' 0 "$HOME
ok" sandbox run --keep-id "$image" sh -c 'cd && pwd && touch "$HOME/x" && echo ok'
gives '--keep-id: one entry has the name' 0 1 sandbox run --keep-id "$image" sh -c "grep -c '^$login:' /etc/passwd"
gives '--keep-id: the image'"'"'s users stay' 0 1000 sandbox run --keep-id "$image" id -u guest
gives '--keep-id: the user of the image does not count' 0 "$me" sandbox run --keep-id --entrypoint id "$IMAGES/config.tar" -u
[ "$me" = 0 ] || fails '--keep-id with another user' 125 'with --keep-id the user is you' sandbox run --keep-id --user 0 "$image" true
fails '--keep-id and --subuid' 125 'exclude each other' sandbox run --keep-id --subuid "$image" true

# --emulate
for command in 'chown 12:34 /etc/marker' 'chgrp 5 /tmp' 'chown -h guest /etc/marker' 'su guest -c true'; do
	gives "answered: $command" 0 '' sandbox run "$image" sh -c "$command"
done
run sandbox run --emulate=none "$image" chown 12:34 /etc/marker
like "$RC:$ERR" '^1:.*(Invalid argument|not permitted)' '--emulate=none: chown fails'
fails 'another --emulate' 125 'must be ids, basic or none' sandbox run --emulate=full "$image" true

# A device node cannot be made without root, and nobody is told otherwise: what is reported as made is there.
for option in --emulate=basic --emulate=none; do
	for node in 'c 1 3' 'b 7 0'; do
		run sandbox run $option "$image" sh -c "mknod /tmp/n $node; status=\$?; [ -e /tmp/n ] || exit \$status"
		like "$RC:$ERR" '^1:.*not permitted' "$option: mknod $node says that it made nothing"
	done
	gives "$option: a fifo is made" 0 fifo sandbox run $option "$image" sh -c 'mknod /tmp/f p && stat -c %F /tmp/f'
done
run sandbox run "$image" sh -c 'mkdir /copy && cp -a /dev/null /copy && stat /copy/null'
like "$RC:$ERR" '^1:.*/copy/null.*not permitted' 'cp -a of a device names what it could not make'

# tar as root, with owners that nobody here has
mkdir -p tree/dir
echo text >tree/dir/file
ln -s file tree/dir/link
tar -C tree --owner=4711 --group=815 --numeric-owner -cf owned.tar .
gives 'tar -x as root: foreign owners' 0 'dir
dir/file
dir/link' sandbox run -v "$PWD/owned.tar:/owned.tar" "$image" sh -c 'mkdir /x && cd /x && tar -xf /owned.tar && find * | sort'
fails 'a user beyond the highest' 125 'above the highest id' sandbox run -u 4294967295 "$image" true

# Groups of the caller stay effective; only root can give a process some
if [ "$MODE" = root ]; then
	chmod 755 "$WORK" "$HOME"
	mkdir -m 755 shared
	echo secret >shared/file
	chgrp 4711 shared/file
	chmod 640 shared/file
	cp "$image" docker.tar
	mkdir member
	chown "$TEST_USER:" member
	as_member() {
		setpriv --reuid="$TEST_USER" --regid="$(id -g "$TEST_USER")" --groups="$1" env HOME="$WORK/member" \
			sandbox run -v "$WORK/shared:/shared" "$WORK/docker.tar" cat /shared/file 2>&1
	}
	is "$(as_member 4711)" secret 'a file that a supplementary group may read'
	like "$(as_member 4712)" 'Permission denied' 'and without the group not'

	# An unpacked root file system in a project's directory: all of it belongs to the project's group
	sandbox unpack docker.tar member/rootfs 2>/dev/null
	chown -R "$TEST_USER:4711" member/rootfs
	gives 'a root file system of another group' 0 '0 0 ok' setpriv --reuid="$TEST_USER" --regid="$(id -g "$TEST_USER")" --groups=4711 \
		env HOME="$WORK/member" sandbox run -q member/rootfs sh -c 'echo ok >/etc/new; echo $(stat -c "%u %g" /etc/hosts) $(cat /etc/new)'
fi

# --subuid
if [ "$MODE" != root ]; then
	if ! grep -q "^$login:" /etc/subuid 2>/dev/null; then
		fails '--subuid without a range' 125 '/etc/subuid has no line for' sandbox run --subuid "$image" true
	fi
	done_testing
fi
command -v newuidmap >/dev/null
ok $? 'the package uidmap is there'
make_ranger sandbox-ranger 2000000
ranger=sandbox-ranger
number=$(id -u $ranger)
store=ranger/.local/share/sandbox

# An image with owners: of a file, a directory, a link and a file of two names; one is setuid.
mkdir -p owners/home/guest owners/opt owners/bin
cp "$HELPERS/user" owners/bin/become
chmod 4755 owners/bin/become
echo a >owners/opt/file
echo b >owners/opt/two
ln owners/opt/two owners/opt/names
ln -s file owners/opt/link
chown -h 1000:10 owners/home/guest owners/opt/file owners/opt/link owners/opt/two
chmod 4750 owners/opt/two
cp "$IMAGES/rootfs.tar" owners.tar
tar -C owners --numeric-owner -rf owners.tar opt home/guest bin/become

./as_ranger sandbox run --subuid owners.tar true 2>err
is "$?" 0 '--subuid runs'
gives '--subuid: the caller is root, the range follows' 0 "0 $number 1 1 2000000 65536" \
	./as_ranger sandbox run --subuid owners.tar sh -c 'echo $(cat /proc/self/uid_map)'
gives '--subuid: owners of the layers' 0 '1000:10 644
1000:10 777
1000:10 4750
1000:10 4750
1000:10 755' ./as_ranger sandbox run --subuid owners.tar stat -c '%u:%g %a' /opt/file /opt/link /opt/two /opt/names /home/guest
tree=$(./as_ranger sandbox run --subuid --dry-run owners.tar true | sed -n 's/.*"path": "\(.*\)".*/\1/p')
is "$(stat -c %u "$tree/opt/file")" 2000999 '--subuid: the plan names the tree with these owners'
gives '--subuid: two names of one file' 0 2 ./as_ranger sandbox run --subuid owners.tar stat -c %h /opt/two
gives '--subuid: contents' 0 a:b:b:a ./as_ranger sandbox run --subuid owners.tar sh -c 'cd /opt; echo $(cat file):$(cat two):$(cat names):$(cat link)'
gives '--subuid: the rest is root'"'"'s' 0 '0:0 0:0' ./as_ranger sandbox run --subuid owners.tar sh -c 'echo $(stat -c %u:%g / /bin)'
gives '--subuid: chown is real' 0 5:6 ./as_ranger sandbox run --subuid owners.tar sh -c 'chown 5:6 /tmp && stat -c %u:%g /tmp'
gives '--subuid: and a user may not do it' 0 '1000 no' ./as_ranger sandbox run --subuid -u 1000 owners.tar sh -c 'echo $(id -u) $(chown 5 /tmp 2>/dev/null || echo no)'
run ./as_ranger sandbox run --subuid -u 1000 owners.tar cat /proc/self/status
like "$OUT" '^CapEff:[[:space:]]0000000000000000$' '--subuid: a user has no capabilities'
like "$OUT" '^CapBnd:[[:space:]]00000000a80425fb$' '--subuid: and may get no others than Docker'"'"'s'
gives '--subuid: terminals are of the group tty' 0 1 ./as_ranger sandbox run --subuid owners.tar grep -c 'devpts .*gid=2000004' /proc/mounts

# A setuid program, as sudo is one: it gains nothing, unless that is asked for.  Then the filter and the bounding set hold for it.
run ./as_ranger sandbox run --subuid -u 1000 owners.tar become 0:0 id -u
like "$RC:$ERR" '^125:become: become 0:0: Operation not permitted' '--subuid: a setuid program gains nothing'
run ./as_ranger sandbox run --subuid -u 1000 --security-opt no-new-privileges=false owners.tar sh -c 'id -u; become 0:0 sh -c "id -u
	grep -E \"^(Cap(Bnd|Eff)|NoNew|Seccomp:)\" /proc/self/status; mount -t tmpfs t /mnt; unshare -m true; chroot / true"; (mount -t tmpfs t /mnt) 2>&1'
is "$RC:$(printf '%s' "$OUT" | tr -s '\t\n' ' ;')" '1:1000;0;CapEff: 00000000a80425fb;CapBnd: 00000000a80425fb;NoNewPrivs: 0;Seccomp: 2;mount: permission denied (are you root?)' \
	'... with no-new-privileges=false it becomes root'
like "$ERR" '^mount: permission denied' '... which cannot mount'
like "$ERR" 'unshare: .* not permitted' '... nor make namespaces'
./as_ranger sandbox run -d --name "gain-$$" --subuid -u 1000 --security-opt no-new-privileges:false owners.tar sleep 100 >/dev/null
gives '... nor is exec other' 0 0 ./as_ranger sandbox exec "gain-$$" become 0:0 id -u
./as_ranger sandbox stop -t 0 "gain-$$" >/dev/null
fails 'no-new-privileges=false with a single id' 125 'with --subuid only' sandbox run --security-opt no-new-privileges=false "$image" true

# The standard streams, opened anew by name: a pipe, which stays the caller's, and a terminal
as_guest='sandbox run --subuid -u 1000 owners.tar'
gives '--subuid -u: /dev/stdout and /dev/stderr, pipes' 0 'out
err
after' ./as_ranger sh -c "{ $as_guest sh -c 'echo out >/dev/stdout; echo err >/dev/stderr'; echo after >/dev/stdout; } 2>&1 | cat"
gives '--subuid -u: /dev/stdin, a pipe' 0 in ./as_ranger sh -c "echo in | $as_guest cat /dev/stdin"
gives '--subuid -u: /dev/stdout, a terminal' 0 "$(printf 'out\r\ntty\r')" \
	./as_ranger sandbox run --subuid -t -u 1000 owners.tar sh -c 'echo out >/dev/stdout; echo tty >/dev/tty'
mkfifo -m 600 ranger/fifo
chown $ranger: ranger/fifo
./as_ranger sh -c "exec 3<>ranger/fifo; $as_guest true >ranger/fifo"
is "$(stat -c %a ranger/fifo)" 600 '... a FIFO that has a name keeps its mode'
./as_ranger sandbox run -d --name "streams-$$" --subuid -u 1000 owners.tar sleep 100 >/dev/null
gives '--subuid: exec -u: /dev/stdout' 0 out ./as_ranger sh -c "sandbox exec -u 5 streams-$$ sh -c 'echo out >/dev/stdout' | cat"
./as_ranger sandbox stop -t 0 "streams-$$" >/dev/null
gives '--subuid: files outside' 0 '' ./as_ranger sandbox run --subuid -v "$WORK/ranger:/w" owners.tar sh -c 'echo x >/w/file && chown 7 /w/file'
is "$(stat -c %u ranger/file)" 2000006 '--subuid: belong to the range'
fails '--subuid: a user beyond the range' 125 'not among the ids' ./as_ranger sandbox run --subuid -u 70000 owners.tar true
gives 'without it the same image is of one id' 0 0:0 ./as_ranger sandbox run owners.tar stat -c %u:%g /opt/file
gives '--subuid with --scratch' 0 3 ./as_ranger sandbox run --subuid --scratch ranger owners.tar sh -c 'echo x >/new; chown 3 /new /opt; stat -c %u /new'
is "$(find ranger -name '.sandbox-scratch*')" '' 'nothing is left of the scratch'
gives '--subuid with --writable' 0 '' ./as_ranger sandbox run --subuid --writable w owners.tar sh -c 'echo x >/new; chown 3:4 /new /opt; chmod 700 /opt'
gives '--writable keeps owners' 0 3:4 ./as_ranger sandbox run --subuid --writable w owners.tar stat -c %u:%g /new
fails '--writable without --subuid' 125 'was made with --subuid' ./as_ranger sandbox run --writable w owners.tar true
gives 'rm --writable' 0 '' ./as_ranger sandbox rm --writable w
is "$(ls -A $store/writable)" '' 'removes it'
gives 'rm of an image with files of the range' 0 '' ./as_ranger sandbox rm "$(./as_ranger sandbox images | awk 'NR == 2 { print $2 }')"
is "$(ls -A $store/images)$(ls -A $store/staging)" '' 'removes all of it'
mkdir -p far/opt
echo x >far/opt/far
chown 300000:5 far/opt/far
chmod 4755 far/opt/far
cp "$IMAGES/rootfs.tar" far.tar
tar -C far --numeric-owner -rf far.tar opt
run ./as_ranger sandbox run --subuid far.tar stat -c %u:%g:%a /opt/far
is "$RC:$OUT" 0:0:0:755 '--subuid with an owner beyond the range: the file is of root, and not setuid'
like "$ERR" ' 1 files of the image have owners beyond your ranges' '... and a note says so'
gives '... without --subuid it is as it was' 0 0:0:4755 ./as_ranger sandbox run far.tar stat -c %u:%g:%a /opt/far
# What no system has is no reason to refuse either: -1, -2, 2^32 - 1 and more
python3 -B - "$TESTS/hostile" odd.tar <<'END'
import sys
sys.path.insert(0, sys.argv[1])
from rawtar import Tar
tar = Tar()
for i, number in enumerate((-1, -2, 2**32 - 1, 2**32, 2**36 + 5, -2**40)):
    tar.file(f'odd/{i}', uid=number, gid=number).dir(f'odd/d{i}', uid=number, gid=number)
tar.file('odd/pax', records={'uid': '-2', 'gid': '99999999999'}).sym('odd/link', 'x', uid=-2)
open(sys.argv[2], 'wb').write(tar.bytes())
END
cp "$IMAGES/rootfs.tar" owned.tar && tar -Af owned.tar odd.tar
for option in '' --keep-id --subuid; do
	run ./as_ranger sandbox run $option owned.tar sh -c 'ls /odd | wc -l'
	is "$RC:$OUT" 0:14 "owners that no system has $option" || tell "$ERR"
done

# Lists of access that name ids, as images with systemd have them: the ids are the image's, and never the host's.
python3 -B - "$TESTS/hostile" more.tar <<'END'
import struct, sys
sys.path.insert(0, sys.argv[1])
from rawtar import Tar
acl = struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *e) for e in ((1, 7, 2**32 - 1), (2, 7, 1000), (4, 5, 2**32 - 1), (8, 5, 4), (16, 7, 2**32 - 1),
                                                                        (32, 5, 2**32 - 1)))
lists = {'SCHILY.xattr.system.posix_acl_default': acl, 'SCHILY.xattr.system.posix_acl_access': acl}
tar = Tar().dir('journal', mode=0o775, records=lists)
for name, uid in ('of-guest', 1000), ('of-root', 0):
    tar.file(name, mode=0o674, uid=uid, records={'SCHILY.xattr.system.posix_acl_access': acl})
open(sys.argv[2], 'wb').write(tar.bytes())
END
cp "$IMAGES/rootfs.tar" lists.tar && tar -Af lists.tar more.tar
# ids_of FILE: the ids in its lists, default and access
cat >ids_of.py <<'END'
import os, struct, sys
def ids(name):
    try:
        value = os.getxattr(sys.argv[1], 'system.posix_acl_' + name)
    except OSError:
        return '-'
    return ','.join(str(i) for tag, _, i in struct.iter_unpack('<HHI', value[4:]) if tag in (2, 8))
print(ids('default'), ids('access'))
END
gives 'an image with lists of access: --subuid' 0 775 ./as_ranger sandbox -q run --subuid lists.tar stat -c %a /journal
tree=$(./as_ranger sandbox run --subuid --dry-run lists.tar true | sed -n 's/.*"path": "\(.*\)".*/\1/p')
is "$(python3 -B ids_of.py "$tree/journal")" '2000999,2000003 2000999,2000003' '... they name the ids of the range'
is "$(python3 -B ids_of.py "$tree/of-guest")" '- 2000999,2000003' '... of a file, too'
like "$(./as_ranger sandbox run --subuid -u 1000 lists.tar sh -c 'touch /journal/x && ls /journal')" '^x$' '... and are what they were'
tree=$(./as_ranger sandbox run --dry-run lists.tar true | sed -n 's/.*"path": "\(.*\)".*/\1/p')
is "$(python3 -B ids_of.py "$tree/journal") $(python3 -B ids_of.py "$tree/of-root")" '- - - -' '... on the host they let nobody in'
./as_ranger sandbox save lists.tar >saved.tar
layer=$(tar -xOf saved.tar manifest.json | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["Layers"][0])')
is "$(tar -xOf saved.tar "$layer" | grep -aoE 'SCHILY.xattr.[a-z._]*posix_acl' | sort | uniq -c | tr -s ' ')" ' 4 SCHILY.xattr.system.posix_acl' '... and save writes them'
rm -rf ranger
done_testing
