#!/bin/sh
# Every kind of image is recognised by what is in it, and gives the same files.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

marker='cat /etc/marker; ls /home'
# made IMAGE: make_images.sh had the compressor for it
made() {
	[ -e "$IMAGES/$1" ] || { skip "$1" 'this machine lacks its compressor' && return 1; }
}
for image in docker.tar classic.tar oci.tar oci-gzip.tar oci-zstd.tar oci-dir docker.tar.gz; do
	made $image || continue
	gives "$image: the layers lie on each other" 0 'second layer
new' sandbox run "$IMAGES/$image" sh -c "$marker"
	gives "$image: its own command" 0 'the command' sandbox run "$IMAGES/$image"
done
cp -R "$IMAGES/rootfs" own
for image in rootfs.tar rootfs.tar.gz rootfs.tar.zst rootfs.tar.xz rootfs.tar.bz2; do
	made $image || continue
	gives "$image: output and status" 7 0 sandbox run "$IMAGES/$image" /bin/sh -c 'id -u; exit 7'
done
gives 'a directory: output and status' 7 0 sandbox run ./own /bin/sh -c 'id -u; exit 7'

cp "$IMAGES/rootfs.tar.xz" image.with.a.wrong.name.tar.gz
gives 'the name of the file says nothing' 0 yes sandbox run ./image.with.a.wrong.name.tar.gz echo yes

for image in docker.tar classic.tar oci-zstd.tar rootfs.tar.xz docker.tar.gz; do
	made $image || continue
	run_with "$IMAGES/$image" sandbox run - sh -c 'echo from standard input; wc -c'
	is "$RC:$OUT:$ERR" '0:from standard input
0:' "$image by standard input"
done
HOME=$WORK/other
mkdir "$HOME"
for image in docker.tar classic.tar oci.tar rootfs.tar.gz; do
	# shellcheck disable=SC2002 # a pipe is the point
	OUT=$(cat "$IMAGES/$image" | sandbox run - echo piped)
	is "$OUT" piped "$image through a pipe, into an empty store"
done

# A root filesystem that is a directory is used where it lies, and never written to.
find own -printf '%p %y %s %T@\n' | sort >before
gives 'a directory can be written to inside' 0 written sandbox run ./own sh -c 'echo written >/etc/new; cat /etc/new'
find own -printf '%p %y %s %T@\n' | sort >after
is "$(diff before after)" '' 'and stays as it was outside'
[ "$MODE" = root ] || gives 'a directory of somebody else' 7 0 sandbox run "$IMAGES/rootfs" /bin/sh -c 'id -u; exit 7'
done_testing
