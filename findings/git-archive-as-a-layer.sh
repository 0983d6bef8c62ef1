#!/bin/sh
# umoci 0.4.7 (Debian 12): what `git archive` writes is not a layer.
# git archive begins with a global pax header (type g) that holds the commit.  Every tar program passes over it, and the OCI
# image-spec puts no limit on the dialect of tar.  umoci takes each header of Go's reader for a file, and refuses this one.
# Seen: status 1, "unpack entry: pax_global_header: unpack entry: unknown typeflag '\x67'".
. "$(dirname "$0")/lib.sh"
packages umoci=0.4.7+ds-3+b7 git=1:2.39.5-0+deb12u3

export HOME="$T"
git init -q repository
cd repository
echo text >file
git add file
git -c user.name=a -c user.email=a@example.org commit -q -m one
git archive -o ../layer.tar HEAD
cd ..
seen 'GNU tar lists' file "$(tar -tf layer.tar)"
layout image '{"Cmd":["/file"]}' layer.tar application/vnd.oci.image.layer.v1.tar
seen 'umoci ends with' 1 "$(status umoci unpack --rootless --image image:1 bundle)"
seen 'umoci says' "unknown typeflag '\\x67'" "$(grep -o "unknown typeflag '.x67'" said | head -n 1)"
done_here
