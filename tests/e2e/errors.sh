#!/bin/sh
# modes: user root
# What goes wrong is said in one clear line, with status 125, and leaves nothing in the store.
# Inside a user namespace the same is said as to root.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

image=$IMAGES/docker.tar
refused() {
	name=$1 regex=$2
	shift 2
	fails "$name" 125 "$regex" "$@"
	store_is_clean && [ -z "$(ls -A "$STORE/images" 2>/dev/null)" ]
	ok $? "$name: nothing is left in the store" || tell "$(find "$STORE")"
}

# Images
refused 'a file that is not there' './missing.tar.*No such file' sandbox run ./missing.tar true
# Ranks of a job write to one file: a line that is written in parts mixes with theirs.
cat >first.py <<'END'
import socket, subprocess, sys
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
subprocess.run(sys.argv[1:], stderr=theirs)
print(ours.recv(4096).decode(), end="")
END
gives 'the line is one write' 0 "$(sandbox run nosuch true 2>&1)" python3 first.py "$(command -v sandbox)" run nosuch true
size=$(stat -c %s "$image")
head -c $((size / 2)) "$image" >half.tar
refused 'half an image' 'half.tar' sandbox run half.tar true
head -c $((size / 2)) "$IMAGES/docker.tar.gz" | head -c 500000 >half.tar.gz
refused 'half a compressed image' 'half.tar.gz' sandbox run half.tar.gz true
head -c 700 "$image" >stub.tar
refused 'the first 700 bytes' 'stub.tar' sandbox run stub.tar true
head -c 600000 "$IMAGES/rootfs.tar" >half-rootfs.tar
refused 'half a root filesystem' 'half-rootfs.tar' sandbox run half-rootfs.tar true
: >empty
refused 'an empty file' 'empty' sandbox run ./empty true
head -c 100000 /bin/sh >program
refused 'a file that is no tar' 'program' sandbox run ./program true
mkdir nothing
fails 'an empty directory is an empty root filesystem' 127 true sandbox run ./nothing true
echo text >text
tar -cf text.tar text
refused 'a tar that is no image' 'text.tar' sandbox run text.tar
chmod 000 text.tar
[ "$MODE" != user ] || refused 'a file that may not be read' 'text.tar.*Permission denied' sandbox run text.tar true

# Digests: one byte of a layer changed; the same in a compressed one; a wrong size; a blob that is not there
damage() {
	python3 - "$1" "$2" "$3" <<'END'
import os, shutil, sys
source, target, how = sys.argv[1:]
shutil.copytree(source, target)
blobs = os.path.join(target, 'blobs/sha256')
layer = max(os.listdir(blobs), key=lambda name: os.path.getsize(os.path.join(blobs, name)))
path = os.path.join(blobs, layer)
if how == 'missing':
    os.unlink(path)
else:
    with open(path, 'r+b') as f:
        if how == 'flip':
            f.seek(os.path.getsize(path) // 2)
            byte = f.read(1)
            f.seek(-1, 1)
            f.write(bytes([byte[0] ^ 1]))
        else:
            f.truncate(os.path.getsize(path) - 512)
print(layer)
END
}
for how in flip short missing; do
	layer=$(damage "$IMAGES/oci-dir" "bad-$how" $how)
	refused "a layer with a fault: $how" "$(echo "$layer" | cut -c1-12)" sandbox run "./bad-$how" true
	tar -C "bad-$how" -cf "bad-$how.tar" .
	refused "the same in an archive: $how" "$(echo "$layer" | cut -c1-12)" sandbox run "bad-$how.tar" true
done
mkdir gzipped
tar -C gzipped -xf "$IMAGES/oci-gzip.tar"
damage gzipped bad-gzip flip >flipped
refused 'a compressed layer with a fault' 'layer 1 ' sandbox run ./bad-gzip true

# Options
refused 'an option that does not exist' '--nosuch' sandbox run --nosuch "$image" true
refused 'a verb that does not exist' 'nosuch' sandbox nosuch
refused 'no verb' '' sandbox
refused 'no image' '[Ii]mage' sandbox run
refused 'an option without its argument' '-e|--env' sandbox run -e
refused 'an env-file that is not there' 'missing.env' sandbox run --env-file missing.env "$image" true

# A store that cannot be used
: >file
refused 'a file as store' 'file' sandbox --store "$WORK/file" run "$image" true
mkdir locked
chmod 555 locked
[ "$MODE" != user ] || refused 'a store that cannot be made' 'locked.*Permission denied' sandbox --store "$WORK/locked/store" run "$image" true

# What the image does not have is found out before anything runs; the image itself may stay in the store.
fails 'a command that is not there' 127 'nosuchcommand' sandbox run "$image" nosuchcommand
fails 'a directory as command' 126 '/etc' sandbox run "$image" /etc
store_is_clean
ok $? 'nothing is left in staging and runs'

# User namespaces switched off: in a namespace of its own, where the limit can be set
without_namespaces() {
	unshare -U --map-user="$(id -u)" --map-group="$(id -g)" --keep-caps sh -c \
		'echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --ambient-caps=-all --inh-caps=-all "$@"' sh "$@"
}
RC=0
ERR=$(without_namespaces sandbox run "$image" true 2>&1) || RC=$?
is "$RC" 125 'user namespaces switched off'
like "$ERR" '^sandbox: .*namespace' 'is said'
like "$ERR" 'max_user_namespaces' 'and where'
store_is_clean
ok $? 'and leaves nothing in staging and runs'
done_testing
