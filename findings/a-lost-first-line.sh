#!/bin/sh
# musl 1.2.3 (Debian 12): fflush(stdout) is 0 after a first line that could not be written.
# stdout is line-buffered until its first write has shown what it is open on.  That write fails and its text is dropped; with nothing left
# to write, fflush succeeds, and only ferror still knows.  glibc has /dev/full and files fully buffered from the start, so there the usual
# check at the end, `fflush(stdout) != 0`, sees the failure.  A program that was only tested with glibc ends with 0 on a full disk.
# Seen, with standard output on /dev/full: musl "puts fails, fflush 0, ferror 1"; glibc "puts succeeds, fflush -1, ferror 1".
. "$(dirname "$0")/lib.sh"
packages musl-dev=1.2.3-1

cat >line.c <<'EOF'
#include <stdio.h>
int main(void)
{
	int put = puts("one"), flushed = fflush(stdout);
	fprintf(stderr, "puts %s, fflush %d, ferror %d\n", put < 0 ? "fails" : "succeeds", flushed, !!ferror(stdout));
	return 0;
}
EOF
lib=$(dirname "$(find root -name crt1.o)")
gcc -nostdinc -isystem "$(dirname "$(find root -name stdio.h)")" -nostdlib -static -fno-stack-protector -no-pie -o musl \
	"$lib/crt1.o" "$lib/crti.o" line.c "$lib/libc.a" "$lib/crtn.o"
gcc -o glibc line.c
./musl >/dev/full 2>musl.said
./glibc >/dev/full 2>glibc.said
seen musl 'puts fails, fflush 0, ferror 1' "$(cat musl.said)"
seen glibc 'puts succeeds, fflush -1, ferror 1' "$(cat glibc.said)"
done_here
