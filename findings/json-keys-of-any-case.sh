#!/bin/sh
# skopeo 1.9.3 (Debian 12), as all readers of images that are written in Go: keys of an image's config match whatever their case, and
# two that match are merged.
# Go's encoding/json prefers no exact match: the last one counts.  Of two objects under matching keys the second is read into
# the first: members that it lacks keep the first one's values.  A reader in another language, where "env" is an unknown key, runs the
# same image with other variables.
# Seen: "config":{"cmd":["a"],"ENV":["X=1"]} gives Cmd a and Env X=1.  "config":{"Cmd":["a"],"Env":["X=1"]},"Config":{"Env":["X=2"]}
# gives Cmd a and Env X=2.
. "$(dirname "$0")/lib.sh"
packages skopeo=1.9.3+ds1-1+b10 libgpgme11=1.18.0-3+deb12u1 libassuan0=2.5.5-5 libdevmapper1.02.1=2:1.02.185-2

echo text >file
tar -cf layer.tar file
# reads CONFIG: what skopeo makes of the image's config
reads() {
	rm -rf image
	layout image "$1" layer.tar application/vnd.oci.image.layer.v1.tar
	skopeo inspect --config oci:image:1 | tr -d ' \n\t' | sed 's/.*"config":{\(.*\)},"rootfs".*/\1/'
}
seen 'other cases' '"Env":["X=1"],"Cmd":["a"]' "$(reads '{"cmd":["a"],"ENV":["X=1"]}')"
seen 'two that match' '"Env":["X=2"],"Cmd":["a"]' "$(reads '{"Cmd":["a"],"Env":["X=1"]},"Config":{"Env":["X=2"]}')"
seen 'the exact one first' '"Cmd":["b"]' "$(reads '{"Cmd":["a"],"cmd":["b"]}')"
done_here
