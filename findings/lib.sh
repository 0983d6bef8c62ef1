# Sourced by the findings.  $T is an empty folder, which is removed at the end.
# shellcheck shell=sh
set -eu
export LC_ALL=C
umask 022
T=$(mktemp -d)
trap 'chmod -R u+rwX "$T"; rm -rf "$T"' EXIT
cd "$T"
wrong=0

# packages NAME=VERSION...: fetch Debian packages and unpack them; nothing is installed
packages() {
	mkdir -p debs root
	(cd debs && apt-get -q download "$@") >fetched 2>&1 || { cat fetched >&2 && exit 77; }
	for deb in debs/*.deb; do
		dpkg -x "$deb" root
	done
	PATH=$T/root/usr/sbin:$T/root/usr/bin:$T/root/sbin:$T/root/bin:$PATH
	LD_LIBRARY_PATH=$(find "$T/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -sd:)
	[ -z "$LD_LIBRARY_PATH" ] || export LD_LIBRARY_PATH
}

# seen WHAT WANT GOT: the finding is what it was
seen() {
	if [ "$2" = "$3" ]; then
		printf 'as found: %s: %s\n' "$1" "$3"
	else
		printf 'changed: %s:\nwas: %s\nis:  %s\n' "$1" "$2" "$3"
		wrong=1
	fi
}

# status COMMAND...: its exit status; what it says goes to $T/said
status() {
	"$@" >"$T/said" 2>&1 && echo 0 || echo $?
}

done_here() {
	exit $wrong
}

# layout DIR CONFIG LAYER MEDIA: an OCI layout of one layer.  CONFIG is the object `config` of the image's config, LAYER a file.
layout() {
	mkdir -p "$1/blobs/sha256"
	# The diffID is that of the plain tar, if there is one beside the packed layer.
	plain=${3%.gz}
	printf '{"architecture":"amd64","os":"linux","config":%s,"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
		"$2" "$(sha256sum <"$plain" | cut -d ' ' -f 1)" >"$1/config"
	cp "$3" "$1/layer"
	printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":%s,"layers":[%s]}' \
		"$(descriptor "$1/config" application/vnd.oci.image.config.v1+json)" "$(descriptor "$1/layer" "$4")" >"$1/manifest"
	printf '{"schemaVersion":2,"manifests":[%s]}' "$(descriptor "$1/manifest" application/vnd.oci.image.manifest.v1+json |
		sed 's/}$/,"annotations":{"org.opencontainers.image.ref.name":"1"}}/')" >"$1/index.json"
	printf '{"imageLayoutVersion":"1.0.0"}' >"$1/oci-layout"
	for blob in config layer manifest; do
		mv "$1/$blob" "$1/blobs/sha256/$(sha256sum <"$1/$blob" | cut -d ' ' -f 1)"
	done
}

descriptor() {
	printf '{"mediaType":"%s","digest":"sha256:%s","size":%d}' "$2" "$(sha256sum <"$1" | cut -d ' ' -f 1)" "$(wc -c <"$1")"
}
