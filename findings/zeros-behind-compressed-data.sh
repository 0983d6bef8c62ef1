#!/bin/sh
# gzip 1.12, xz 5.4.1, bzip2 1.0.8, zstd 1.5.4, Python 3.11, umoci 0.4.7 (Debian 12): a compressed file that is padded with zeros.
# dd, tapes and block devices pad so.  Each reader has an answer of its own, also for the same format:
#   gzip     status 0, nothing said; Python reads it, too; Go (umoci): "gzip: invalid header"
#   xz       a multiple of four zeros: status 0; any other number: "Compressed data is corrupt", status 1; Python: EOFError
#   bzip2    status 0, "trailing garbage after EOF ignored"
#   zstd     "unsupported format", status 1, when all of the data are written
# xz's rule is in its format ("stream padding"), and is met by chance: blocks are a multiple of four.
. "$(dirname "$0")/lib.sh"
packages gzip=1.12-1 xz-utils=5.4.1-1+deb12u2 liblzma5=5.4.1-1+deb12u2 bzip2=1.0.8-5+b1 libbz2-1.0=1.0.8-5+b1 zstd=1.5.4+dfsg2-5+deb12u1 \
	umoci=0.4.7+ds-3+b7

echo text >file
# padded PROGRAM COUNT: the file compressed, and zeros behind it
padded() {
	$1 -c <file
	head -c "$2" /dev/zero
}
# reads COMMAND...: status and output
reads() {
	"$@" 2>complaint && echo "status 0" || echo "status $?"
}
padded gzip 4096 >gzip.padded
padded xz 4096 >xz.padded
padded xz 4097 >xz.odd
padded bzip2 4096 >bzip2.padded
padded zstd 4096 >zstd.padded
seen gzip 'text status 0 ' "$(reads gzip -dc <gzip.padded | paste -sd' ') $(cat complaint)"
seen 'xz, 4096 zeros' 'text status 0 ' "$(reads xz -dc <xz.padded | paste -sd' ') $(cat complaint)"
seen 'xz, 4097 zeros' 'text status 1 xz: (stdin): Compressed data is corrupt' "$(reads xz -dc <xz.odd | paste -sd' ') $(cat complaint)"
seen bzip2 'text status 0' "$(reads bzip2 -dc <bzip2.padded | paste -sd' ')"
seen '... which says' 'bzip2: (stdin): trailing garbage after EOF ignored' "$(grep -v '^$' complaint)"
seen zstd 'text status 1 zstd: /*stdin*\: unsupported format ' "$(reads zstd -dc <zstd.padded | paste -sd' ') $(cat complaint)"
seen 'Python, gzip' text "$(python3 -c 'import gzip; print(gzip.open("gzip.padded").read().decode().strip())')"
seen 'Python, xz' EOFError "$(python3 -c 'import lzma; lzma.open("xz.padded").read()' 2>&1 | grep -o ^EOFError)"

tar -cf layer.tar file
gzip -nc layer.tar >layer.tar.gz
head -c 4096 /dev/zero >>layer.tar.gz
layout image '{"Cmd":["/file"]}' layer.tar.gz application/vnd.oci.image.layer.v1.tar+gzip
seen 'umoci (Go)' 1 "$(status umoci unpack --rootless --image image:1 bundle)"
seen '... which says' 'gzip: invalid header' "$(grep -o 'gzip: invalid header' said | head -n 1)"
done_here
