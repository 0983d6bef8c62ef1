#!/bin/sh
# musl 1.2.3 (Debian 12): SIGRTMIN is 35, and glibc's SIGRTMIN, 34, cannot be handled.
# glibc keeps signals 32 and 33 for itself, musl 34, too.  sigaction and sigaddset refuse 34 with EINVAL, as if it were no signal; its default
# action is still to end the process.  So what a glibc program sends as SIGRTMIN kills a musl program, and what it sends as SIGRTMIN+3
# is SIGRTMIN+2 there.
# Seen: "35 EINVAL EINVAL", and status 162 (128 + 34) after `kill -34`.
. "$(dirname "$0")/lib.sh"
packages musl-dev=1.2.3-1

cat >signals.c <<'EOF'
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
int main(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t set;
	int handled = sigaction(34, &ignore, NULL) < 0 ? errno : 0, added = (sigemptyset(&set), sigaddset(&set, 34)) < 0 ? errno : 0;
	printf("%d %s %s\n", SIGRTMIN, handled == EINVAL ? "EINVAL" : "taken", added == EINVAL ? "EINVAL" : "taken");
	fflush(stdout);
	kill(getpid(), 34);
	return 0;
}
EOF
lib=$(dirname "$(find root -name crt1.o)")
gcc -nostdinc -isystem "$(dirname "$(find root -name stdio.h)")" -nostdlib -static -fno-stack-protector -no-pie -o musl \
	"$lib/crt1.o" "$lib/crti.o" signals.c "$lib/libc.a" "$lib/crtn.o"
seen 'musl: status' 162 "$(status ./musl)"
seen 'musl: SIGRTMIN, sigaction(34), sigaddset(34)' '35 EINVAL EINVAL' "$(head -n 1 said)"
gcc -o glibc signals.c
seen 'glibc: status' 0 "$(status ./glibc)"
seen 'glibc: SIGRTMIN, sigaction(34), sigaddset(34)' '34 taken taken' "$(cat said)"
done_here
