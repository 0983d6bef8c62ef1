#!/bin/sh
# modes: outer
# Every limit with its option; bombs that end when the disk is down to its reserve; stores on file systems that refuse something.
# As root it mounts those, and runs sandbox as the unprivileged user.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

python3 -B - "$TESTS/hostile" <<'END' || exit 1
import gzip, lzma, subprocess, sys
sys.path.insert(0, sys.argv[1])
from layouts import OCI, archive, base_layer, docker_members, oci_members
from rawtar import Tar

def image(name, diff, packed=None, kind=''):
    base = base_layer()
    with open(name, 'wb') as f:
        f.write(archive(oci_members([base, diff], packed=[base, packed or diff], layer_media=OCI + 'layer.v1.tar' + kind)))

many = Tar()
for i in range(100):
    many.file(f'f{i}', b'x' * 1000)
image('many.tar', many.bytes())
image('xz.tar', many.bytes(), lzma.compress(many.bytes(), filters=[{'id': lzma.FILTER_LZMA2, 'dict_size': 32 << 20}]), '+xz')
# 200 MiB of one file, and as many of directories, in a few hundred kB
zeros = Tar().file('program', mode=0o755).file('zeros', bytes(200 << 20)).bytes()
image('bomb.tar', zeros, gzip.compress(zeros, 1, mtime=0), '+gzip')
with open('bomb-rootfs.tar.gz', 'wb') as f:
    f.write(gzip.compress(zeros, 1, mtime=0))
with open('bomb-image.tar.gz', 'wb') as f:
    f.write(gzip.compress(archive(docker_members([base_layer(), zeros])), 1, mtime=0))
# a window of 2 GiB, as `zstd --long=31` asks for when it reads a pipe
packed = subprocess.run(['zstd', '-q', '-c', '--long=31'], input=zeros, stdout=subprocess.PIPE, check=True).stdout
image('window.tar', zeros, packed, '+zstd')
with open('window-rootfs.tar.zst', 'wb') as f:
    f.write(packed)
dirs = Tar()
for i in range(20000):
    dirs.parts.append(Tar().dir(f'd{i % 50}/{i}').parts[0])
image('dirs.tar', dirs.bytes(), gzip.compress(dirs.bytes(), 1, mtime=0), '+gzip')
END
chmod a+r ./*.tar ./*.gz ./*.zst

# `user` is a command that runs another as the unprivileged user; `in_small` is sandbox in the store of the small file system.
mkdir bin
user=
[ "$(id -u)" != 0 ] || user="setpriv --reuid=$TEST_USER --regid=$(id -g "$TEST_USER") --init-groups"
printf '#!/bin/sh\nexec %s "$@"\n' "$user" >bin/user
printf '#!/bin/sh\nexec %s sandbox --store small/store "$@"\n' "$user" >bin/in_small
chmod 755 bin bin/*
PATH=$WORK/bin:$PATH

# empty STORE: nothing half-made is there, nor an image
empty() {
	[ -z "$(ls -A "$1/staging" 2>/dev/null)" ] && [ -z "$(ls -A "$1/images" 2>/dev/null)" ]
}

# refused NAME REGEX COMMAND...: 125 with the reason, and the store is as empty as before
refused() {
	name=$1
	fails "$1" 125 "$2" user sandbox --store store "$3" "$4" "$5" "$6"
	empty store && [ -z "$(find . -maxdepth 1 -name '.sandbox*')" ]
	ok $? "$name: nothing is left" || tell "$(ls -lAR store)"
}

# allowed NAME OPTION VALUE IMAGE
allowed() {
	gives "$1" 0 '' user sandbox --store store run "$2" "$3" "$4"
	user rm -rf store
}

chmod 777 .
refused '--max-entries' 'over 101 entries.*--max-entries' run --max-entries 101 many.tar
allowed '--max-entries that is just enough' --max-entries 102 many.tar
refused '--max-bytes' 'over 100000 bytes.*--max-bytes' run --max-bytes 100000 many.tar
allowed '--max-bytes that is just enough' --max-bytes 101k many.tar
refused '--decoder-memory and xz' 'layer 2 .*: xz: needs 33 MiB of memory, over the limit of 16 MiB .--decoder-memory 33m' run --decoder-memory 16m xz.tar
allowed '--decoder-memory that is enough for xz' --decoder-memory 33m xz.tar
refused '--xz-memory, its other name' 'xz.*--decoder-memory' run --xz-memory 16m xz.tar
allowed '--xz-memory that is enough' --xz-memory 64m xz.tar
refused '--decoder-memory and zstd' 'layer 2 .*: zstd: needs 2049 MiB of memory, over the limit of 64 MiB .--decoder-memory 2049m' \
	run --decoder-memory 64m window.tar
refused '--decoder-memory and a file' 'rootfs.tar.zst: zstd: needs 2049 MiB' run --decoder-memory 64m window-rootfs.tar.zst
allowed '--decoder-memory that is enough for zstd' --decoder-memory 2049m window.tar
allowed 'a window of 2 GiB, and less in it than the limit' --decoder-memory 256m window.tar
# Peak memory, of which the decoder has what it may.
peak() {
	user python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=False)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)' "$@" 2>err | tail -n 1
}
mib=$(peak sandbox --store store run --decoder-memory 64m window.tar)
[ "$mib" -lt $((64 + 24)) ]
ok $? 'the decoder takes no more than --decoder-memory' || tell "$mib MiB; $(cat err)"
user rm -rf store
refused '--max-bytes and a bomb' 'over 1048576 bytes' run --max-bytes 1m bomb.tar
refused '--max-bytes and a bomb of a root file system' 'over 1048576 bytes' run --max-bytes 1m bomb-rootfs.tar.gz
refused '--reserve of more than there is' 'reserve of 1073741824 MiB.*--reserve' run --reserve 1024t bomb.tar
for option in --max-entries --max-bytes --reserve --decoder-memory --xz-memory; do
	refused "$option with nonsense" "${option#--}" run $option lots many.tar
done
for option in --max-entries --max-bytes; do
	refused "$option 0" "${option#--}" run $option 0 many.tar
done
mkdir place
chmod 777 place
fails 'unpack has the same limits' 125 'over 1048576 bytes' user sandbox unpack --max-bytes 1m bomb.tar place/out
is "$(ls -A place)" '' 'unpack leaves nothing beside the directory'
for option in --max-entries --max-bytes --reserve --decoder-memory; do
	run sandbox help run
	like "$OUT" "$option" "the help names $option"
done

if ! [ "$(id -u)" = 0 ]; then
	skip 'file systems that refuse something' 'only root can mount them'
	done_testing
fi
mkdir small
trap 'umount small 2>/dev/null; umount quota 2>/dev/null; chmod -R u+rwX "$WORK"; rm -rf "$WORK/small" "$WORK/quota"' EXIT

# remount OPTIONS
remount() {
	mount -o "remount,$1" small
}

# full NAME REGEX COMMAND...: it fails with the reason in time, and the small file system is as empty as before
full() {
	name=$1
	before=$(df --output=used small | tail -n 1)
	shift
	fails "$name" 125 "$@"
	empty small/store && [ -z "$(ls -A small/place)" ]
	ok $? "$name: nothing is left" || tell "$(find small)"
	[ "$(df --output=used small | tail -n 1)" -le $((before + 100)) ]
	ok $? "$name: the room is free again" || tell "$before before, $(df small)"
}

for size in 24m 96m; do
	mount -t tmpfs -o size=$size,mode=777 small small
	user mkdir small/store small/place
	full "a bomb in a store of $size" 'reserve' in_small run bomb.tar
	full "a bomb of a root file system in a store of $size" 'reserve' in_small run bomb-rootfs.tar.gz
	full "an image that is a bomb in a store of $size" 'spool.*reserve' in_small run bomb-image.tar.gz
	full "a bomb unpacked beside a store of $size" 'reserve' user sandbox unpack bomb.tar small/place/out
	full "--reserve in a store of $size" 'reserve of 16 MiB' in_small run --reserve 16m bomb.tar
	full "no room behind no reserve in a store of $size" 'No space left on device' in_small run --reserve 1 bomb.tar
	gives "what fits fits, in a store of $size" 0 '' in_small run many.tar
	umount small
done
mount -t tmpfs -o size=96m,mode=777,nr_inodes=3000 small small
user mkdir small/store small/place
full 'no inodes left' 'No space left on device' in_small run dirs.tar
umount small
image=$(mktemp "$WORK/disk.XXXXXX")
truncate -s 40M "$image"
if mkfs.ext4 -q -N 60000 "$image" && mount -o loop "$image" small 2>/dev/null; then
	chmod 777 small
	user mkdir small/store small/place
	full 'directories alone come down to the reserve' 'reserve' in_small run --reserve 2m dirs.tar
	umount small
else
	skip 'directories alone come down to the reserve' 'no loop device here'
fi

# Stores on file systems that refuse something
mount -t tmpfs -o size=24m,mode=777 small small
user mkdir small/store small/place
gives 'an image for the store' 0 '' in_small run many.tar
remount ro
gives 'a read-only store has its image still' 0 '' in_small run many.tar
gives 'by the start of its id, too' 0 '' in_small run "$(find small/store/images -mindepth 1 -maxdepth 1 -printf '%.12f')"
fails 'a read-only store takes no other' 125 'Read-only file system' in_small run xz.tar
fails 'nor is there a place to unpack to' 125 'Read-only file system' user sandbox unpack many.tar small/place/out
umount small
mount -t tmpfs -o size=24m,mode=777,ro small small
fails 'a read-only file system without a store' 125 'store.*Read-only file system' in_small run many.tar
umount small
mount -t tmpfs -o size=24m,mode=777,noexec small small
user mkdir small/store small/place
gives 'a store that is mounted noexec' 0 '' in_small run many.tar
umount small
mount -t tmpfs -o size=24m,mode=777,nosuid,nodev small small
user mkdir small/store small/place
gives 'a store that is mounted nosuid and nodev' 0 '' in_small run many.tar
chmod 000 small/store/images
fails 'a store that cannot be read' 125 'Permission denied' in_small run many.tar
chmod 700 small/store/images
umount small

# A quota: that of a subvolume of btrfs is there on more kernels than those of users
mkdir quota
truncate -s 256M "$image"
if mkfs.btrfs -q -f "$image" >/dev/null 2>&1 && mount -o loop "$image" quota 2>/dev/null; then
	btrfs -q subvolume create quota/s && btrfs quota enable quota && btrfs qgroup limit 10M quota/s
	chmod 777 quota/s
	fails 'a quota that is used up' 125 'Quota exceeded' user sandbox --store quota/s/store run bomb.tar
	like "$ERR" 'free some space' 'a quota that is used up: what to do'
	empty quota/s/store
	ok $? 'a quota that is used up: nothing is left' || tell "$(find quota)"
	gives 'what is within the quota' 0 '' user sandbox --store quota/s/store run many.tar
	umount quota
else
	skip 'a quota that is used up' 'this kernel has no btrfs, or no loop device'
fi
done_testing
