#!/bin/sh
# crun 1.8.1 (Debian 12): a config.json whose ociVersion is 1.2.0 is refused, even if nothing in it is new.
# The runtime-spec has semantic versions: what is valid for 1.0 is valid for 1.2.  podman 5 and Docker 26 write "1.2.0" into every config.json,
# so neither works with this crun.  It compares the text: 1.0.x and 1.1.x go, 1.2.0 and 1.10.0 do not.
# Seen: with 1.0.2 and 1.1.0 crun goes on to the next complaint.  With 1.2.0: "unknown version specified".
. "$(dirname "$0")/lib.sh"
packages crun=1.8.1-1+deb12u1 libyajl2=2.1.0-3+deb12u2 libseccomp2=2.5.4-1+deb12u1

mkdir -p state bundle/rootfs
cd bundle
crun spec --rootless
cp config.json given
# says VERSION: does crun complain of it?
says() {
	sed "s/\"ociVersion\": *\"[^\"]*\"/\"ociVersion\": \"$1\"/" given >config.json
	grep -qF "\"$1\"" config.json || echo 'no such version in config.json'
	crun --root "$T/state" --cgroup-manager disabled run finding 2>&1 </dev/null | grep -o 'unknown version specified' || echo 'goes on'
}
seen 1.0.2 'goes on' "$(says 1.0.2)"
seen 1.1.0 'goes on' "$(says 1.1.0)"
seen 1.2.0 'unknown version specified' "$(says 1.2.0)"
seen 1.10.0 'unknown version specified' "$(says 1.10.0)"
done_here
