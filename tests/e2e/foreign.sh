#!/bin/sh
# modes: outer
# An image for another processor: refused with the reason where nothing runs its programs, run where binfmt_misc does.
# Its programs are Debian's busybox for arm64, and what runs them is qemu's; both are fetched, not installed.
# Each command has a user namespace with a binfmt_misc of its own, which takes Linux 6.7: the machine's is left alone.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

[ "$(uname -m)" = x86_64 ] || skip_all 'this CPU is not an x86_64'
mkdir user
chmod 755 "$WORK"
[ "$(id -u)" != 0 ] || chown "$TEST_USER:" user

# fetched FILE PACKAGE ARCHITECTURE: from Debian, to be reached by everyone
fetched() {
	found=$(PYTHONPATH=$TESTS/vm python3 -B -c 'import kernel, sys; print(kernel.program(*sys.argv[1:]))' \
		"$2" "$1" "${VM_CACHE:-$TESTS/../build/vm}" bookworm "$3" 2>&1) || skip_all "${found##*kernel.Missing: }"
	install -m 755 "$found" "$1"
}
fetched busybox busybox-static arm64
fetched qemu-aarch64-static qemu-user-static amd64
pack=$TESTS/../rootfs-examples/pack.py
BUSYBOX=$PWD/busybox ARCH=arm64 "$TESTS/../rootfs-examples/busybox/make.sh" arm64.tar
mkdir layer
cat >layer/script <<'END'
#!/bin/sh
echo "a script on $(uname -m)"
END
chmod 755 layer/script
layer=$(tar -xOf arm64.tar manifest.json | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["Layers"][0])')
tar -xOf arm64.tar "$layer" >rootfs.tar
"$pack" --format oci --arch arm64 --rootfs rootfs.tar --layer layer --entrypoint '["/script"]' script.tar

# What is built for that machine reads as this one does; its decompressor of gzip is another.
own=${TOP:-$TESTS/..}/build/aarch64/sandbox
if [ -x "$own" ]; then
	install -m 755 "$own" sandbox.aarch64
	python3 -B "$TESTS/gzip_blocks.py" blocks.tar.gz
	gives 'aarch64: gzip, blocks that end behind each page' 0 '' ./qemu-aarch64-static ./sandbox.aarch64 unpack blocks.tar.gz blocks
	is "$(wc -c <blocks/file)" 3000000 '... all of it'
fi

as=
[ "$(id -u)" != 0 ] || as="setpriv --reuid=$TEST_USER --regid=$(id -g "$TEST_USER") --init-groups"
cat >with <<END
#!/bin/sh
# with REGISTRATION COMMAND...: as the unprivileged user, with that in binfmt_misc and nothing else
[ -n "\${INSIDE:-}" ] || exec $as env HOME="$WORK/user" INSIDE=yes unshare -Urm "\$0" "\$@"
mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc || exit 99
[ -z "\$1" ] || printf '%s' "\$1" >/proc/sys/fs/binfmt_misc/register || exit 98
shift
exec "\$@"
END
chmod 755 with
./with '' true 2>/dev/null || skip_all 'this kernel has no binfmt_misc for a user namespace'
zeros='\x00\x00\x00\x00\x00\x00\x00\x00' ones='\xff\xff\xff\xff\xff\xff\xff\xff'
elf=":arm64:M::\\x7fELF\\x02\\x01\\x01\\x00$zeros\\x02\\x00\\xb7\\x00:\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00$ones\\xfe\\xff\\xff\\xff"

why='a program for aarch64, and this machine is x86_64'
fails 'a program for another processor' 126 "run /bin/uname: it is $why" ./with "" sandbox run arm64.tar /bin/uname -m
like "$ERR" 'binfmt_misc.*flag F.*qemu-user-static' '... and what would run it'
fails 'a script whose interpreter is one' 126 "run /script: its interpreter /bin/sh is $why" ./with "" sandbox run script.tar
fails 'a host that has qemu, but not for every root' 127 "run /bin/uname: it is $why.* is not in the image" \
	./with "$elf:$WORK/qemu-aarch64-static:" sandbox run arm64.tar /bin/uname -m

registration=$elf:$WORK/qemu-aarch64-static:PF # P: programs see their own argv[0], by which busybox knows itself
gives 'an interpreter with the flag F: the image is run' 0 aarch64 ./with "$registration" sandbox run arm64.tar uname -m
gives '... which this one file holds, without a word of its platform' 0 'a script on aarch64' ./with "$registration" sandbox run script.tar
gives '... chosen by its platform' 0 'a script on aarch64' ./with "$registration" sandbox run --platform linux/arm64 script.tar
gives '... its own programs in a pipe' 0 '3 root' ./with "$registration" sandbox run arm64.tar sh -c 'echo "$(printf "1\n2\n3\n" | tail -n 1) $(id -un)"'
gives '... the status of the command' 7 '' ./with "$registration" sandbox run arm64.tar sh -c 'exit 7'
gives '... behind the filter' 0 'Seccomp: 2' ./with "$registration" sandbox run arm64.tar sh -c 'grep ^Seccomp: /proc/self/status | tr "\t" " "'
gives '... as another user' 0 1000 ./with "$registration" sandbox run --user guest arm64.tar id -u
done_testing
