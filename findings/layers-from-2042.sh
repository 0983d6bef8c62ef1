#!/bin/sh
# skopeo 1.9.3 (Debian 12; podman, buildah and umoci the same): every gzip layer carries the date 2042-07-14 01:04:00 UTC.
# Go's gzip writer is given the zero time, which is in the year 1.  Its seconds are cut to 32 bits in the header, and 32 bits of
# -62135596800 are 0x886e0900.  gzip's own value for "no time" would be 0.  `gzip -N` and `file` believe it.  It is the same in each
# layer, so layers stay reproducible; but nothing can be told from the date.
# Seen: header 1f8b0800 00096e88 00ff; `gzip -dN` gives the file the date 2042-07-14T01:04:00.
. "$(dirname "$0")/lib.sh"
packages skopeo=1.9.3+ds1-1+b10 libgpgme11=1.18.0-3+deb12u1 libassuan0=2.5.5-5 libdevmapper1.02.1=2:1.02.185-2 gzip=1.12-1

echo text >file
tar --owner=0 --group=0 --mtime=@0 -cf layer.tar file
layout in '{"Cmd":["/file"]}' layer.tar application/vnd.oci.image.layer.v1.tar
skopeo --insecure-policy --tmpdir "$T" copy -q --dest-compress oci:in:1 oci:out:1
for blob in out/blobs/sha256/*; do
	[ "$(head -c 2 "$blob" | od -An -tx1)" != ' 1f 8b' ] || cp "$blob" layer.gz
done
seen 'the header' 1f8b080000096e8800ff "$(head -c 10 layer.gz | od -An -tx1 | tr -d ' ')"
gzip -dN layer.gz
seen 'the date' 2042-07-14T01:04:00 "$(date -u -r layer +%Y-%m-%dT%H:%M:%S)"
done_here
