#!/bin/sh
# Python 3.11's tarfile, GNU tar 1.34, bsdtar 3.6.2 (Debian 12): a hard link entry that carries the file's data, in a plain ustar archive.
# The size of a link entry may be other than 0 (pax interchange format, "size"), and its data follow.  Python takes the data for a header,
# finds none, and ends as if the archive were over: no exception, and every later entry is lost.  GNU tar skips to the next header and
# ends with status 2.  bsdtar says "Damaged tar archive", reads all of it, and ends with 0.
# Seen: Python lists "a b", with no error; GNU tar "a b c" with status 2; bsdtar "a b c" with status 0.
. "$(dirname "$0")/lib.sh"
packages tar=1.34+dfsg-1.2+deb12u1 libarchive-tools=3.6.2-1+deb12u5

python3 - <<'EOF'
import tarfile
def entry(name, data=b'', **more):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in more.items():
        setattr(info, key, value)
    return info.tobuf(tarfile.USTAR_FORMAT) + data.ljust(-len(data) % 512 + len(data), b'\0')
with open('links.tar', 'wb') as out:
    out.write(entry('a', b'text\n') + entry('b', b'text\n', type=tarfile.LNKTYPE, linkname='a') + entry('c', b'c\n') + bytes(1024))
EOF
seen 'Python lists' 'a b' "$(python3 -c 'import tarfile; print(*tarfile.open("links.tar").getnames())')"
seen 'GNU tar' 'a b c status 2' "$(tar -tf links.tar 2>/dev/null | paste -sd' ') status $(status tar -tf links.tar)"
seen 'bsdtar' 'a b c status 0' "$(bsdtar -tf links.tar 2>/dev/null | paste -sd' ') status $(status bsdtar -tf links.tar)"
seen '... which says' 'Damaged tar archive' "$(grep -o 'Damaged tar archive' said)"
done_here
