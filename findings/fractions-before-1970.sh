#!/bin/sh
# libarchive 3.6.2 (bsdtar of Debian 12): the fraction of a time before 1970 has the wrong sign.
# pax writes -1.25 for 1969-12-31 23:59:58.75.  libarchive reads the whole seconds with their sign and adds the fraction: -0.75.  -0 has no
# sign, so -0.25 becomes a time after 1970.  GNU tar 1.34 sets the right time, and warns of the wrong one ("implausibly old time stamp").
# Seen: -1.25: GNU tar 23:59:58.75, bsdtar 23:59:59.25.  -0.25: GNU tar 1969-12-31 23:59:59.75, bsdtar 1970-01-01 00:00:00.25.
. "$(dirname "$0")/lib.sh"
packages libarchive-tools=3.6.2-1+deb12u5 libarchive13=3.6.2-1+deb12u5 tar=1.34+dfsg-1.2+deb12u1

export TZ=UTC
python3 - <<'EOF'
import tarfile
with tarfile.open('times.tar', 'w', format=tarfile.PAX_FORMAT) as tar:
    for name, mtime in (('quarter', '-0.25'), ('more', '-1.25')):
        info = tarfile.TarInfo(name)
        info.pax_headers = {'mtime': mtime}
        tar.addfile(info)
EOF
mkdir gnu bsd
tar -C gnu -xf times.tar 2>warned
bsdtar -C bsd -xf times.tar
# of FILE: its time, with a fraction of two digits
of() {
	date -r "$1" '+%F %T.%N' | cut -c1-22
}
seen 'GNU tar, -1.25' '1969-12-31 23:59:58.75' "$(of gnu/more)"
seen 'bsdtar, -1.25' '1969-12-31 23:59:59.25' "$(of bsd/more)"
seen 'GNU tar, -0.25' '1969-12-31 23:59:59.75' "$(of gnu/quarter)"
seen '... warns of' '1970-01-01 00:00:00.25' "$(sed -n 's/.*quarter: implausibly old time stamp //p' warned)"
seen 'bsdtar, -0.25' '1970-01-01 00:00:00.25' "$(of bsd/quarter)"
done_here
