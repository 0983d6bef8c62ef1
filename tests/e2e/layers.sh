#!/bin/sh
# modes: user
# Layers that are unpacked at once: the tree is that of one after the other, and so is what is said where some are damaged.
# Threads and merges know nothing of who unpacks; as root, hostile.sh and cases.sh do.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

cat >make.py <<'END'
import gzip, hashlib, platform, sys
sys.path.insert(0, sys.argv[1])
from layouts import OCI, archive, oci_members
from rawtar import Tar, tiny_program

diffs = []
for layer in range(9):
    tar = Tar().file('true', tiny_program(platform.machine()), mode=0o755)
    tar.file('last', b'%d' % layer).dir(f'd{layer}', mode=0o755)
    for i in range(150):
        # names in common with the neighbours, so that the order of the merges shows
        tar.file(f'names/{(layer * 100 + i):04}', b'%d' % layer + hashlib.shake_128(b'%d' % i).digest(i * 37))
    # inode numbers that come free while other layers make files
    for i in range(50):
        tar.file('again', b'%d %d' % (layer, i))
    if layer:
        tar.file(f'.wh.d{layer - 1}').hard(f'd{layer}/same', f'names/{layer * 100:04}')
    diffs.append(tar.bytes())
packed = [gzip.compress(d, 1, mtime=0) for d in diffs]
whole = archive(oci_members(diffs, packed=packed, layer_media=OCI + 'layer.v1.tar+gzip'))
open('good.tar', 'wb').write(whole)
for name, bad in (('one.tar', [6]), ('two.tar', [6, 3]), ('all.tar', range(9))):
    damaged = whole
    for i in bad:
        blob = bytearray(packed[i])
        blob[len(blob) // 2] ^= 1
        damaged = damaged.replace(packed[i], bytes(blob))
    open(name, 'wb').write(damaged)
missing = oci_members(diffs, packed=packed, layer_media=OCI + 'layer.v1.tar+gzip')
gone = hashlib.sha256(packed[7]).hexdigest()
open('gone.tar', 'wb').write(archive({k: v for k, v in missing.items() if gone not in k}))
END
python3 -B make.py "$TESTS/hostile" || exit 1

sandbox unpack good.tar tree || exit 1
is "$(cat tree/last)" 8 'the last layer lies on top'
is "$(cat tree/again)" '8 49' 'and of one name the last entry'
is "$(ls tree/names | wc -l)" 950 'the names of all layers'
wrong=
for layer in 0 1 2 3 4 5 6 7; do
	# the first hundred names of a layer are its own or shared with the one below, the last fifty are the upper one's
	[ "$(head -c1 "tree/names/$(printf %04d $((layer * 100 + 20)))")" = "$layer" ] || wrong="$wrong $layer"
	[ "$(head -c1 "tree/names/$(printf %04d $((layer * 100 + 120)))")" = $((layer + 1)) ] || wrong="$wrong $layer"
done
is "$wrong" '' 'of names in two layers the upper one has the say'
is "$(cd tree && echo d*)" d8 'whiteouts took away what lower layers had'
[ tree/d8/same -ef tree/names/0800 ]
is $? 0 'a hard link to a file of its own layer'
gives 'and what was unpacked is what was recorded' 0 '' sandbox run good.tar /true
sandbox verify "$(sandbox images --json | sed -n 's/.*"id": *"\([0-9a-f]*\)".*/\1/p' | head -n1)" >out 2>&1
is $? 0 "verify: $(tail -n1 out)"

# What is said is about the lowest layer that is damaged, each time.  Into a folder: the store knows the image by now.
for round in 1 2 3; do
	for image in one:7 two:4 all:1; do
		fails "round $round, ${image%:*}.tar: layer ${image#*:} is named" 125 "layer ${image#*:} " sandbox unpack "${image%:*}.tar" none
	done
done
fails 'a blob that is not there is named' 125 'is missing from the archive' sandbox unpack gone.tar none
[ ! -e none ] && store_is_clean && [ -z "$(find . -name '*.sandbox*')" ]
is $? 0 'nothing is left behind'
done_testing
