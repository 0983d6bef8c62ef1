#!/bin/sh
# bsdtar 3.6.2 (Debian 12): the same archive ends with status 0 or 1, with the same files, by the caller's locale.
# A pax path is UTF-8.  In the C locale, which cron, services and containers have, libarchive cannot convert it, warns, and writes the
# right bytes all the same; bsdtar then ends with status 1.  GNU tar and Python end with 0.  A script with `set -e` stops only there.
# Seen: LC_ALL=C: status 1, "Pathname can't be converted from UTF-8 to current locale", and the file has its name.  LC_ALL=C.UTF-8: 0.
. "$(dirname "$0")/lib.sh"
packages libarchive-tools=3.6.2-1+deb12u5 libarchive13=3.6.2-1+deb12u5 tar=1.34+dfsg-1.2+deb12u1

name=$(printf 'caf\303\251')
echo text >"$name"
LC_ALL=C.UTF-8 python3 -m tarfile -c name.tar "$name"
mkdir c utf8 gnu
seen 'bsdtar, C: status' 1 "$(status bsdtar -C c -xf name.tar)"
seen '... says' "Pathname can't be converted from UTF-8 to current locale." "$(grep -o "Pathname can't be.*" said)"
seen '... and has the file' text "$(cat "c/$name")"
seen 'bsdtar, C.UTF-8: status' 0 "$(status env LC_ALL=C.UTF-8 bsdtar -C utf8 -xf name.tar)"
seen 'GNU tar, C: status' 0 "$(status tar -C gnu -xf name.tar)"
done_here
