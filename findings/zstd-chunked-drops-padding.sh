#!/bin/sh
# skopeo 1.9.3 (Debian 12): a layer that GNU tar wrote is no longer what its diffID says after `--dest-compress-format zstd:chunked`.
# GNU tar pads its output to a multiple of 10,240 bytes with zeros.  The diffID is the digest of the file with that padding.
# skopeo's zstd:chunked writer drops all that follows the two end blocks, and leaves the diffID in the config as it was.  Its gzip
# and its plain zstd keep the padding.  skopeo reads its own result without a word.
# Seen: the layer of 10240 bytes decompresses to 2048 bytes by zstd:chunked, and to 10240 by gzip and zstd.
. "$(dirname "$0")/lib.sh"
packages skopeo=1.9.3+ds1-1+b10 libgpgme11=1.18.0-3+deb12u1 libassuan0=2.5.5-5 libdevmapper1.02.1=2:1.02.185-2 \
	tar=1.34+dfsg-1.2+deb12u1 zstd=1.5.4+dfsg2-5+deb12u1

echo text >file
tar --owner=0 --group=0 --mtime=@0 -cf layer.tar file
layout in '{"Cmd":["/file"]}' layer.tar application/vnd.oci.image.layer.v1.tar

# size FORMAT: of the only layer, decompressed
size() {
	skopeo --insecure-policy --tmpdir "$T" copy -q --dest-compress --dest-compress-format "$1" oci:in:1 "oci:$2:1" 2>&1
	for blob in "$2"/blobs/sha256/*; do
		case $(head -c 4 "$blob" | od -An -tx1 | tr -d ' ') in
		28b52ffd | 5?2a4d18) zstd -dc "$blob" | wc -c ;;
		1f8b*) gzip -dc "$blob" | wc -c ;;
		esac
	done
}
seen 'the layer' 10240 "$(wc -c <layer.tar)"
seen 'by gzip' 10240 "$(size gzip gzip)"
seen 'by zstd' 10240 "$(size zstd zstd)"
seen 'by zstd:chunked' 2048 "$(size zstd:chunked chunked)"
seen 'the diffID, which is of' "$(sha256sum <layer.tar | cut -c1-12)" \
	"$(skopeo inspect --config --raw oci:chunked:1 | sed 's/.*diff_ids":\["sha256:\(.\{12\}\).*/\1/')"
done_here
