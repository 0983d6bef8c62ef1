#!/bin/sh
# Make an image of busybox: one static program under the names of all its applets.  Usage: make.sh OUT.tar
# The program is this machine's static busybox, else Debian's package busybox-static, fetched without installing it.
# BUSYBOX=FILE: that one, which may be of another machine; it gets the applets of the former.
set -eu
[ $# = 1 ] || { echo "usage: $0 OUT.tar" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A busybox that needs a loader would not start in an image that holds nothing else.
static() { [ -x "$1" ] && ! LC_ALL=C grep -aq '/ld-linux\|/ld-musl\|/ld64\.' "$1"; }

busybox=$(command -v busybox || true)
if ! static "$busybox"; then
	(cd "$work" && apt-get -q download busybox-static >&2 && dpkg-deb -x busybox-static_*.deb package)
	busybox=$(find "$work/package" -type f -path '*bin/busybox')
fi

root=$work/root
mkdir -p "$root/bin" "$root/sbin" "$root/usr/bin" "$root/usr/sbin" "$root/etc" "$root/root" "$root/tmp" "$root/var/tmp" \
	"$root/home" "$root/dev" "$root/proc" "$root/sys"
chmod 1777 "$root/tmp" "$root/var/tmp"
chmod 700 "$root/root"
install -m 755 "${BUSYBOX:-$busybox}" "$root/bin/busybox"
"$busybox" --list-full | while read -r applet; do
	[ "$applet" = bin/busybox ] && continue
	mkdir -p "$root/$(dirname "$applet")"
	ln -sf /bin/busybox "$root/$applet"
done
printf '%s\n' root:x:0:0:root:/root:/bin/sh daemon:x:1:1:daemon:/usr/sbin:/bin/false \
	www:x:33:33:www:/var/www:/bin/false guest:x:1000:1000:guest:/home/guest:/bin/sh \
	nobody:x:65534:65534:nobody:/:/bin/false >"$root/etc/passwd"
printf '%s\n' root:x:0: daemon:x:1: tty:x:5: staff:x:50:guest www:x:33: guest:x:1000: nogroup:x:65534: >"$root/etc/group"
"$here/../pack.py" ${ARCH:+--arch "$ARCH"} --rootfs "$root" --cmd '["sh"]' --tag busybox:latest "$1"
