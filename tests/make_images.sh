#!/bin/sh
# Make the images that the end-to-end tests run, all with the same busybox in them.  Usage: make_images.sh DIR
# Of another machine with $BUSYBOX, see rootfs-examples/busybox/make.sh, and $ARCH, as images name it.
# A compressor that this machine lacks leaves out its image: `make quick` asks for gcc, make, python3 and prove only.
# Touches DIR only, which it makes.
set -eu
tests=$(cd "$(dirname "$0")" && pwd)
examples=$tests/../rootfs-examples
mkdir "$1"
cd "$1"
pack() { "$examples/pack.py" ${ARCH:+--arch "$ARCH"} --tag test:1 --cmd '["echo","the command"]' "$@"; }

"$examples/busybox/make.sh" busybox.tar

# The root filesystem of that image, as a tar and as a directory.
layer=$(tar -xOf busybox.tar manifest.json | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["Layers"][0])')
tar -xOf busybox.tar "$layer" >rootfs.tar
mkdir rootfs
tar -C rootfs -xf rootfs.tar
chmod 755 rootfs/root # for whoever runs the tests
for compressor in gzip zstd xz bzip2; do
	command -v $compressor >/dev/null || continue
	case $compressor in
	gzip) end=gz ;; zstd) end=zst ;; bzip2) end=bz2 ;; *) end=$compressor ;;
	esac
	$compressor -c <rootfs.tar >"rootfs.tar.$end"
done

# The second layer adds a file, replaces one and takes a directory of the first away.
mkdir -p layer2/etc
echo 'second layer' >layer2/etc/marker
echo 'guest:x:1000:1000:guest:/home/guest:/bin/sh' | cat rootfs/etc/passwd - | sort -u >layer2/etc/passwd
echo 'wheel:x:10:guest' | cat rootfs/etc/group - >layer2/etc/group
: >layer2/.wh.home
mkdir -p layer3/home/new
set -- --rootfs rootfs.tar --layer layer2 --layer layer3
pack --format docker "$@" docker.tar
pack --format docker-classic "$@" classic.tar
pack --format oci "$@" oci.tar
pack --format oci --compress gzip "$@" oci-gzip.tar
! command -v zstd >/dev/null || pack --format oci --compress zstd "$@" oci-zstd.tar
pack --format oci-dir "$@" oci-dir
gzip -c <docker.tar >docker.tar.gz

# An image whose config says something in every field.
"$examples/pack.py" ${ARCH:+--arch "$ARCH"} --rootfs rootfs.tar --layer layer2 --entrypoint '["/bin/echo","entry"]' --cmd '["cmd","more"]' \
	--env PATH=/bin:/usr/bin --env FROM_IMAGE=yes --env OVER=image --workdir /var/made/by/workdir --user guest \
	--tag config:1 config.tar
