#!/bin/sh
# skopeo 1.9.3 (Debian 12): of two images with one reference in an OCI layout it takes the first, without a word.
# `ctr images export FILE a:1 b:1` writes such a layout: the annotation org.opencontainers.image.ref.name holds only the tag, and the full name
# stands in an annotation that skopeo does not read.  `oci:DIR:1` is then whichever came first.  Without a reference skopeo does refuse:
# "more than one image in oci, choose an image".
# Seen: oci:two:1 gives the first image; oci:two is refused.
. "$(dirname "$0")/lib.sh"
packages skopeo=1.9.3+ds1-1+b10 libgpgme11=1.18.0-3+deb12u1 libassuan0=2.5.5-5 libdevmapper1.02.1=2:1.02.185-2

echo text >file
tar -cf layer.tar file
layout two '{"Cmd":["first"]}' layer.tar application/vnd.oci.image.layer.v1.tar
layout other '{"Cmd":["second"]}' layer.tar application/vnd.oci.image.layer.v1.tar
cp other/blobs/sha256/* two/blobs/sha256
entry() {
	sed 's/.*"manifests":\[\(.*\)\]}/\1/' "$1/index.json"
}
printf '{"schemaVersion":2,"manifests":[%s,%s]}' "$(entry two)" "$(entry other)" >index
mv index two/index.json
seen 'by the tag' '"Cmd":["first"]' "$(skopeo inspect --config oci:two:1 | tr -d ' \n\t' | grep -o '"Cmd":[^}]*')"
seen 'without it' 1 "$(status skopeo inspect oci:two)"
seen '... says' 'more than one image in oci, choose an image' "$(grep -o 'more than one image in oci, choose an image' said)"
done_here
