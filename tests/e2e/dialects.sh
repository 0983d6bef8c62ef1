#!/bin/sh
# modes: user
# Dialects of tar as GNU tar reads them, every compression in every shape, and all that a container may hold.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

python3 -B "$TESTS/hostile/dialects.py" d || exit 1
read -r mine other <d/platforms

# list DIR: what is in a tree; directories that no entry lists have the time of unpacking
list() {
	(cd "$1" && find . -mindepth 1 -type d -printf '%P %y %m\n' -o -mindepth 1 -printf '%P %y %m %s %T@ %n %l\n' && find . -type f -exec sha256sum {} +) | sort
}

# as_tar NAME FILE: what `sandbox unpack` makes of it is what GNU tar makes of it
as_tar() {
	mkdir want
	tar -C want -xpf "$2" 2>"$WORK/.tar" || tell "$(cat "$WORK/.tar")"
	run sandbox unpack "$2" got
	[ "$RC:$ERR" = 0: ] || ok 1 "$1" || tell "status $RC: $ERR"
	[ ! -d got ] || is "$(list got)" "$(list want)" "$1"
	chmod -R u+rwX got want
	rm -rf got want
}

for f in d/rootfs/*.tar; do
	as_tar "$(basename "$f" .tar): as GNU tar has it" "$f"
done

# A hard link with data: the link is made, then the data is written, whatever the dialect.
for f in d/links/*.tar; do
	name=$(basename "$f" .tar)
	run sandbox unpack "$f" got
	is "$RC:$ERR" 0: "a hard link with data: $name" && (
		cd got && for file in *; do
			[ ! -f "$WORK/d/links/$name.want" ] || ! grep -q "^$file: " "$WORK/d/links/$name.want" || echo "$file: $(cat "$file")"
		done
	) >have
	cmp -s have "d/links/$name.want"
	ok $? "... and what the files hold: $name" || tell "$(head -c 300 have)"
	case $name in
	*-no-target | *-target-later) ;;
	*-to-itself) is "$(stat -c '%h %a %Y' got/a)" '1 444 7' "... and its mode and time: $name" ;;
	*) is "$(stat -c '%h %a %Y' got/b)" '2 444 7' "... and its names, mode and time: $name" ;;
	esac
	rm -rf got
done
# As a layer, in every chunking that compression makes of it.
for f in ustar-large gnu-new-data; do
	for pack in 'gzip -c' 'zstd -qc' 'xz -c' 'bzip2 -c'; do
		$pack d/links/$f.tar >packed.tar
		run sandbox unpack packed.tar got
		is "$RC:$(cmp got/a got/b && cat got/c)" 0:c "a hard link with data, $pack: $f"
		rm -rf got
	done
done

# What GNU tar itself writes in each of its formats.
mkdir -p tree/sub
echo text >tree/sub/file
ln tree/sub/file tree/hard
ln -s sub/file tree/soft
touch -h -d '2001-02-03 04:05:06.789 UTC' tree/soft
chmod 4751 tree/hard
dd if=/dev/urandom of=tree/sparse bs=4096 count=1 seek=200 2>/dev/null
dd if=/dev/urandom of=tree/sparse bs=512 count=3 seek=3000 conv=notrunc 2>/dev/null
truncate -s 3000001 tree/sparse
for format in v7 ustar oldgnu gnu posix; do
	tar --format=$format -C tree -cf $format.tar .
	as_tar "format $format" $format.tar
done
mkfifo -m 640 tree/fifo
touch -d '1969-12-31 12:00:00.25 UTC' tree/sub/file
ln -s "sub/$(printf '%0150d' 0)" tree/"$(printf '%0200d' 1)"
for i in $(seq 30); do
	printf x | dd of=tree/many bs=1 seek=$((i * 40960)) conv=notrunc 2>/dev/null
done
for format in gnu oldgnu posix; do
	tar --format=$format -S -C tree -cf sparse-$format.tar .
	as_tar "format $format, long names and sparse files" sparse-$format.tar
done
for version in 0.0 0.1 1.0; do
	tar --format=posix -S --sparse-version=$version -C tree -cf sparse-$version.tar .
	as_tar "sparse files of version $version" sparse-$version.tar
	run sandbox unpack sparse-$version.tar got
	[ "$(stat -c %b got/sparse)" -lt 200 ]
	ok $? "sparse files of version $version stay sparse" || tell "$(stat got/sparse)"
	rm -rf got
done
tar --format=posix --owner=3000000 --group=2500000 -C tree -cf owners.tar soft
run sandbox --verbose unpack owners.tar got
like "$ERR" '1 entries do not belong to root' 'an owner over 2^21 is recorded'
rm -rf got

# holds NAME TEXT OPTION... FILE: the image that is chosen has TEXT in its file id
holds() {
	name=$1 text=$2
	shift 2
	run sandbox unpack "$@" out
	is "$RC:$ERR:$(cat out/id 2>/dev/null)" "0::$text" "$name"
	chmod -R u+rwX out 2>/dev/null
	rm -rf out
}

for f in d/packed/*.tar; do
	holds "the archive: $(basename "$f" .tar)" packed "$f"
	OUT=$(sandbox unpack - out <"$f" 2>&1; cat out/id)
	is "$OUT" packed "the archive by standard input: $(basename "$f" .tar)"
	rm -rf out
done
for f in d/followed/*.tar; do
	kind=$(basename "$f" .tar | sed 's/^layer-//; s/-.*//')
	fails "what follows compressed data: $(basename "$f" .tar)" 125 "$kind: other bytes follow the compressed data" sandbox unpack "$f" out
done
for f in d/disagree/*.tar; do
	holds "the layer: $(basename "$f" .tar)" 'content decides' "$f"
done
for f in estargz zstd-chunked; do
	run sandbox unpack d/$f.tar out
	is "$(cd out && find . -type f | sort | tr '\n' ' ')" './etc/stargz.index.json ./id ./true ' "$f: its own files are left out"
	rm -rf out
done

# Compressions that no image is packed with
printf '\037\235\220abcdefgh' >packed.Z
printf '\004\042\115\030abcdefgh' >packed.lz4
fails 'compress is named' 125 'compress' sandbox run packed.Z
fails 'lz4 is named' 125 'lz4' sandbox run packed.lz4

# Several images in one archive
holds 'the first by its name' one --tag one:1 d/docker-two.tar
holds 'the second by FILE#NAME' two 'd/docker-two.tar#two:1'
holds 'by a full name' two 'd/docker-two.tar#host.example:5000/team/two'
fails 'without a name: both are listed' 125 'one:1.*two:1' sandbox run d/docker-two.tar
fails 'a name that is not there: both are listed' 125 'three:1.*one:1.*two:1' sandbox run 'd/docker-two.tar#three:1'
fails 'the same by --tag' 125 'three:1.*one:1.*two:1' sandbox run --tag three:1 d/docker-two.tar
holds 'by a short name' two 'd/docker-two.tar#team/two'
holds 'by its second name' one --tag localhost/alias:2 d/docker-podman.tar
holds 'by its second name, short' one 'd/docker-podman.tar#alias:2'
holds 'a short name for localhost/two:1' two 'd/docker-podman.tar#two:1'
holds 'a short name for docker.io/library/three:1' three --tag three:1 d/docker-podman.tar
holds 'a short name with a part of the path' three 'd/docker-podman.tar#b/same:1'
fails 'a short name of two images' 125 'several images: localhost/first:1, localhost/alias:2; localhost/two:1, quay.io/a/same:1; docker' \
	sandbox run 'd/docker-podman.tar#same:1'
fails 'a short name with another tag' 125 'no image two:2 in it' sandbox run 'd/docker-podman.tar#two:2'
holds 'by its second name, in a layout' mine 'd/oci-podman.tar#localhost/alias:2'
holds 'by its second name, short, in a layout' mine --tag alias:2 d/oci-podman.tar
holds 'a short name in a layout' second 'd/oci-podman.tar#two:1'
fails 'without a name: all names of a layout' 125 'several images: localhost/first:1, localhost/alias:2 .linux/[a-z0-9]*.; localhost/two:1' sandbox run d/oci-podman.tar
holds 'no tags at all' untagged d/docker-untagged.tar
for how in digest blob plain named dot; do
	holds "Config as: $how" untagged d/docker-config-$how.tar
done
for seed in 0 1 2 3; do
	holds "members in any order ($seed)" two "d/docker-shuffled-$seed.tar#two:1"
	holds "members of a layout in any order ($seed)" mine d/oci-shuffled-$seed.tar
	OUT=$(sandbox unpack --tag one:1 - out <d/docker-shuffled-$seed.tar 2>&1; cat out/id)
	is "$OUT" one "members in any order, by standard input ($seed)"
	rm -rf out
done

# Platforms
holds 'the platform of this machine' mine d/oci-platforms.tar
holds 'another platform' other --platform "linux/$other" d/oci-platforms.tar
holds 'a variant' 'arm v6' --platform linux/arm/v6 d/oci-platforms.tar
holds 'another variant' 'arm v7' --platform linux/arm/v7 d/oci-platforms.tar
fails 'a platform that is not there: those that are, are listed' 125 "linux/$other.*linux/$mine" sandbox run --platform linux/s390x d/oci-platforms.tar
sandbox load "$IMAGES/docker.tar" >/dev/null
for word in "$IMAGES/docker.tar" test:1; do
	fails "one image for another platform: $(basename "$word")" 125 "the image is for linux/$mine, not for linux/$other" \
		sandbox run --platform "linux/$other" "$word" true
	gives '... and for its own' 0 '' sandbox run -q --platform "linux/$mine" "$word" true
done
for verb in load inspect unpack; do
	fails "$verb refuses one, too" 125 "the image is for linux/$mine, not for linux/$other" \
		sandbox $verb --platform "linux/$other" "$IMAGES/docker.tar" $([ $verb != unpack ] || echo other-tree)
done
[ ! -e other-tree ]
ok $? '... and makes nothing'
fails 'not a platform' 125 'platform' sandbox run --platform 'a/b/c/d/e' d/oci-platforms.tar
fails 'no platform for this machine: those that are there are listed' 125 "linux/arm.*linux/$other" sandbox run d/oci-others-only.tar
holds 'a nested index' mine d/oci-nested.tar
holds 'a nested index and a platform' other --platform "linux/$other" d/oci-nested.tar
holds 'a nested index and the name of its parent' mine 'd/oci-nested.tar#nested:1'
holds 'an attestation is no image' mine d/oci-attestation.tar
fails 'only an attestation' 125 'no image' sandbox run d/oci-attestation-alone.tar
holds 'an index that names more than the file holds' mine d/oci-absent.tar
holds 'an index of whose manifests another is there' other d/oci-absent-mine.tar
holds 'a full name in the annotations' second 'd/oci-names.tar#host.example/team/app:2'
holds 'a tag in the annotations' mine 'd/oci-names.tar#1'
fails 'two names' 125 'app:1.*app:2' sandbox run d/oci-names.tar
holds 'both layouts in one' mine d/docker-and-oci.tar
holds 'both layouts in one, and another platform' other --platform "linux/$other" d/docker-and-oci.tar

holds 'dir: with the platforms of an index' mine d/dir-platforms.tar
holds 'dir: and another platform' other --platform "linux/$other" d/dir-platforms.tar

# What is no image, or not all of one
fails 'an artifact' 125 'artifact of type application/vnd.example.sbom' sandbox run d/artifact.tar
fails 'an artifact by the type of its config' 125 'artifact.*helm' sandbox run d/artifact-by-config.tar
fails 'schema 1, with advice' 125 'schema version 1.*skopeo' sandbox run d/schema-1.tar
fails 'a blob that is missing' 125 'layer sha256:[0-9a-f]* is missing' sandbox run d/blob-missing.tar
holds 'a foreign layer that is there' foreign d/foreign-present.tar
fails 'a foreign layer that is not' 125 'foreign layer' sandbox run d/foreign-absent.tar
store_is_clean
ok $? 'nothing is left in staging and runs'
done_testing
