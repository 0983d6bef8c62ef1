#!/bin/sh
# What `sandbox run` is for, on this kernel: as root and as a user without any privilege.
# With $overlay=no (the `bare` boot) there is no overlay module; before Linux 5.11 there is none for user namespaces.  Before 6.6
# an overlay needs a disk for what is written, which the `memory` boot has not.
. "$TESTS/lib.sh"

image=$IMAGES/docker.tar
can_write=yes
version=$(uname -r | sed 's/^\([0-9]*\)\.\([0-9]*\).*/\1 \2/')
version=$((${version% *} * 1000 + ${version#* }))
note= remakes=yes
[ $version -ge 5011 ] && [ "${overlay:-yes}" = yes ] || can_write=no
if [ $can_write = yes ] && [ $version -lt 6006 ] && [ -z "${disk:-}" ]; then
	remakes=no
	note='^sandbox: writes go to memory, where this kernel \(before 6\.6\) .*--scratch'
fi
[ $can_write = yes ] || note='^sandbox: no overlay file system here \(.*\): the root is read-only, but /tmp, /var/tmp, /run and the like .*$'

# says NAME STATUS STDOUT COMMAND...: as lib.sh's `gives`; what this kernel lacks is said in one line
says() {
	if [ -z "$note" ]; then
		gives "$@"
		return
	fi
	name=$1 status=$2 output=$3
	shift 3
	run "$@"
	[ "$RC" = "$status" ] && [ "$OUT" = "$output" ] && [ "$(printf '%s\n' "$ERR" | grep -Ec "$note")" = 1 ] &&
		[ "$(printf '%s\n' "$ERR" | wc -l)" = 1 ]
	ok $? "$name, and says what the kernel lacks" || tell "got:  status $RC, output: $OUT
want: status $status, output: $output
on standard error: $ERR"
}

says 'the first run' 0 'hello' sandbox run "$image" echo hello
says 'who it is' 0 'uid=0(root) gid=0(root)' sandbox run "$image" sh -c 'id | sed "s/ groups.*//"'
says 'its number of its own' 0 1000 sandbox run --user guest "$image" id -u
says 'the status of the command' 7 '' sandbox run "$image" sh -c 'exit 7'
says 'the status of a signal' 143 '' sandbox run "$image" sh -c 'kill -TERM $$'
run sandbox run "$image" /no/such/command
is "$RC" 127 'no such command'
run sandbox run "$image" /etc/passwd
is "$RC" 126 'no program'

if [ $can_write = yes ]; then
	says 'writing to the root' 0 new sandbox run "$image" sh -c 'echo new >/etc/new && cat /etc/new'
	says 'changing a file of the image' 0 'second layer;more' sandbox run "$image" \
		sh -c 'echo more >>/etc/marker && tr "\n" ";" </etc/marker | sed "s/;$//"'
	says 'which vanishes' 0 'second layer' sandbox run "$image" cat /etc/marker
	says 'a file of the image replaced by rename' 0 replaced sandbox run "$image" sh -c '
		echo replaced >/etc/x && mv /etc/x /etc/passwd && cat /etc/passwd'
	if [ $remakes = yes ]; then
		says 'a directory of the image removed and made again' 0 'empty;file' sandbox run "$image" sh -c '
			rm -r /home/new /var/tmp && mkdir /home/new /var/tmp && [ -z "$(ls -A /var/tmp)" ] && printf "empty;" &&
			echo file >/var/tmp/file && cat /var/tmp/file'
		says 'a directory of the image replaced by a copy' 0 yes sandbox run "$image" sh -c '
			cp -a /sbin /sbin2 && rm -r /sbin && mv /sbin2 /sbin && [ -e /sbin/init ] && echo yes'
		says '--writable' 0 '' sandbox run --writable kept "$image" sh -c 'echo kept >/kept; rm -r /home && mkdir /home'
		says '... is found again' 0 'kept 0' sandbox run --writable kept "$image" sh -c 'echo "$(cat /kept) $(ls /home | wc -l)"'
	fi
	sandbox writable rm kept >/dev/null 2>&1
else
	says 'writing where programs write' 0 new sandbox run "$image" sh -c 'echo new >/tmp/new && echo >/var/tmp/new && cat /tmp/new'
	run sandbox run "$image" touch /etc/new
	like "$RC:$ERR" '^1:|Read-only file system' 'the root is read-only'
	run sandbox run --writable-copy "$image" sh -c 'rm -r /home && mkdir /home && echo new >/etc/new && cat /etc/new'
	is "$RC:$OUT:$(printf '%s\n' "$ERR" | grep -c 'the root is a copy of the image')" 0:new:1 '--writable-copy'
	fails '--writable where it cannot be' 125 'writes cannot go to' sandbox run --writable kept "$image" true
fi

says 'seccomp is on, no new privileges, no capability too many' 0 'CapBnd: 00000000a80425fb;NoNewPrivs: 1;Seccomp: 2' \
	sandbox run "$image" sh -c 'grep -E "^(Seccomp|NoNewPrivs|CapBnd):" /proc/self/status | sort | tr "\t\n" " ;" | sed "s/;$//"'
says 'mount is refused' 0 refused sandbox run "$image" sh -c 'mount -t tmpfs t /tmp 2>/dev/null || echo refused'
says 'masked paths' 0 '0 0' sandbox run "$image" sh -c 'echo $(cat /proc/kcore | wc -c) $(cat /proc/keys | wc -l)'
says 'read-only paths' 0 'sysctl sysfs' sandbox run "$image" \
	sh -c '{ echo 1 >/proc/sys/vm/swappiness; } 2>/dev/null || printf "sysctl "; mkdir /sys/fs/x 2>/dev/null || echo sysfs'
says 'a process table of its own' 0 'yes' sandbox run "$image" sh -c '[ $(ls -d /proc/[0-9]* | wc -l) -lt 8 ] && echo yes'
says 'devices' 0 'null zero tty pts' sandbox run "$image" sh -c 'echo >/dev/null && printf "null " &&
	[ "$(head -c 2 /dev/zero | od -An -tx1)" = " 00 00" ] && printf "zero " && [ -c /dev/tty ] && printf "tty " &&
	[ -c /dev/pts/ptmx ] && echo pts'
run sandbox run --read-only "$image" sh -c 'touch /file || touch /etc/file || touch /tmp/file || echo nothing'
like "$RC:$OUT" '^0:(nothing)?$' '--read-only'

mkdir -p shown/sub
echo text >shown/file
says '-v' 0 'text here' sandbox run -v ./shown:/shown "$image" sh -c 'echo here >/shown/new; echo $(cat /shown/file /shown/new)'
is "$(cat shown/new)" here '-v: it lies outside'
says '-v :ro' 0 read-only sandbox run -v ./shown:/made/for/it:ro "$image" \
	sh -c 'touch /made/for/it/x /made/for/it/sub/x 2>/dev/null || echo read-only'
says '--tmpfs' 0 '64.0M' sandbox run --tmpfs /opt:size=64m "$image" sh -c 'df -h /opt | tail -n 1 | sed "s/  */ /g" | cut -d" " -f2'
says '--network none' 0 'lo ' sandbox run --network none "$image" sh -c 'ls /sys/class/net | tr "\n" " "'
run sandbox run -t "$image" tty
is "$RC:$(printf '%s' "$OUT" | tr -d '\r')" 0:/dev/pts/0 '-t'
says '--keep-id' 0 "$(id -u)" sandbox run --keep-id "$image" id -u

sandbox run -d --name live "$image" sleep 1000 >/dev/null 2>&1
gives 'exec' 0 'sandbox sleep' sandbox exec live sh -c 'echo $(cat /proc/1/comm) $(cat /proc/[0-9]*/comm | grep sleep)'
run sandbox exec -t live tty
like "$(printf '%s' "$OUT" | tr -d '\r')" '^/dev/pts/[0-9]$' 'exec -t'
run sandbox stop -t 5 live
is "$RC" 0 'stop'
gives 'exec and the status' 125 '' sh -c 'sandbox exec live true 2>/dev/null'
run sandbox rm test:1
is "$RC:$(ls -A "$STORE/images" "$STORE/staging" 2>/dev/null | grep -c '^[0-9a-f]')" 0:0 'rm leaves nothing'
[ -z "$(processes live)" ]
ok $? 'no process is left'
done_testing
