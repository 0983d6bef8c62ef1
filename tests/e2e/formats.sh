#!/bin/sh
# modes: user root
# Every kind of image is recognised by what is in it, and gives the same files.
# Which format a file has does not depend on who asks; root and a user unpack it.
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

is "$(sandbox inspect "$IMAGES/rootfs.tar" | tr -s ' ' | grep platform)" 'platform linux' 'what is not known of a plain tar is left out'

cp "$IMAGES/rootfs.tar.xz" image.with.a.wrong.name.tar.gz
gives 'the name of the file says nothing' 0 yes sandbox run ./image.with.a.wrong.name.tar.gz echo yes

# gzip: blocks that end where the output of the reader does
python3 -B "$TESTS/gzip_blocks.py" blocks.tar.gz
gives 'gzip, blocks that end behind each page' 0 '' sandbox unpack blocks.tar.gz blocks
is "$(wc -c <blocks/file)" 3000000 '... all of it'

# xz: every kind of check holds, and one that does not is noticed
python3 - "$IMAGES/rootfs.tar" <<'END'
import lzma, sys
text = open(sys.argv[1], 'rb').read()
for name, check, size in (('none', lzma.CHECK_NONE, 0), ('crc32', lzma.CHECK_CRC32, 4), ('crc64', lzma.CHECK_CRC64, 8),
		('sha256', lzma.CHECK_SHA256, 32)):
	out = bytearray(lzma.compress(text, check=check, preset=0))
	open(f'{name}.xz', 'wb').write(out)
	if size:
		index = (int.from_bytes(out[-8:-4], 'little') + 1) * 4
		out[-12 - index - size] ^= 1
		open(f'{name}.bad.xz', 'wb').write(out)
END
for check in none crc32 crc64 sha256; do
	gives "xz, check $check" 0 yes sandbox run ./$check.xz echo yes
	[ $check = none ] || fails "xz, check $check that does not match" 125 'xz' sandbox run ./$check.bad.xz echo yes
done

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

# skopeo's dir: layout, as a folder and packed: manifest.json is the manifest, blobs are called by their digits
dir_layout() {
	kind=docker-archive
	[ "$1" = docker.tar ] || kind=oci-archive
	skopeo copy -q "$kind:$IMAGES/$1" "dir:$1.dir" >/dev/null 2>skopeo.log || tell "$(cat skopeo.log)"
	tar -C "$1.dir" -cf "$1.dir.tar" .
	for image in "./$1.dir" "./$1.dir.tar"; do
		gives "dir: of $1: $image" 0 'second layer
new' sandbox run "$image" sh -c "$marker"
		is "$(sandbox inspect "$image" | sed -n 's/^id  *//p')" "$(sandbox inspect "$IMAGES/$1" | sed -n 's/^id  *//p')" \
			"dir: of $1: the id of $image"
		run sandbox load "$image"
		is "$RC:$ERR" 0: "dir: of $1: load $image"
	done
	OUT=$(sandbox run - cat /etc/marker <"$1.dir.tar")
	is "$OUT" 'second layer' "dir: of $1 by standard input"
}
if command -v skopeo >/dev/null; then
	for source in docker.tar oci-zstd.tar; do
		made $source && dir_layout $source
	done
	rm -f docker.tar.dir/*.manifest.json docker.tar.dir/[0-9a-f][0-9a-f][0-9a-f]*
	fails 'dir: without its blobs' 125 'is missing' sandbox --store fresh run ./docker.tar.dir
else
	skip 'dir:' 'skopeo is not installed'
fi

# A layout whose files are links, as build systems and stores of packages make them
# links_of COPY STORE TARGET: a layout whose files are in STORE, and links TARGET/NUMBER to them
links_of() {
	cp -R "$IMAGES/oci-dir" "$1"
	mkdir "$2"
	find "$1" -type f ! -path "$2/*" >files
	while read -r file; do
		number=$(($(find "$2" | wc -l)))
		mv "$file" "$2/$number"
		ln -s "$3/$number" "$file"
	done <files
}
links_of absolute absolute/.store "$PWD/absolute/.store"
gives 'absolute links that stay inside' 0 'second layer' sandbox --store fresh run ./absolute cat /etc/marker
cp -R "$IMAGES/oci-dir" relative
mv relative/blobs/sha256 relative/kept
ln -s ../kept relative/blobs/sha256
gives 'a folder that is a relative link inside' 0 'second layer' sandbox --store fresh2 run ./relative cat /etc/marker
links_of outside stored "$PWD/stored"
for verb in run inspect load; do
	fails "links that lead out: $verb" 125 'outside: index.json: the link leads out of the folder \(--follow-links' sandbox $verb ./outside
done
gives '... can be followed' 0 'second layer' sandbox --store fresh3 run --follow-links ./outside cat /etc/marker
cp -R "$IMAGES/oci-dir" half
mv half/blobs elsewhere
ln -s ../elsewhere half/blobs
fails 'a folder that is a link out' 125 'half: blobs/sha256/[0-9a-f]+: the link leads out of the folder' sandbox --store fresh4 run ./half
ln -sfn /nowhere half/blobs
fails 'a link to nothing' 125 'half: no image.*in it' sandbox --store fresh4 run ./half

# What is not a tar is called by its name
python3 -B "$TESTS/hostile/strangers.py" strangers || exit 1
while IFS='	' read -r file called; do
	fails "run $file" 125 "strangers/$file: .*$called" sandbox run "strangers/$file"
	fails "unpack $file" 125 "strangers/$file: .*$called" sandbox unpack "strangers/$file" out
done <strangers/list
[ ! -e out ]
ok $? 'nothing is unpacked of them'
fails 'by standard input' 125 'standard input: it is a zip archive' sh -c 'sandbox run - <strangers/zip'
gzip -k strangers/ext4
fails 'a compressed one' 125 'ext4.gz: it is an ext4 file system' sandbox unpack strangers/ext4.gz out
for kind in ext4 btrfs; do
	command -v mkfs.$kind >/dev/null || { skip "what mkfs.$kind made" 'it is not installed' && continue; }
	truncate -s 120M disk.$kind && mkfs.$kind -q disk.$kind
	fails "what mkfs.$kind made" 125 "it is an? $kind file system" sandbox unpack disk.$kind out
done
mkdir -p repository/.git
echo 'ref: refs/heads/main' >repository/.git/HEAD
fails 'a Git repository' 125 'repository: a Git repository, not an image' sandbox unpack repository out
fails 'a folder' 125 'own: a root file system, not an image' sandbox load own
done_testing
