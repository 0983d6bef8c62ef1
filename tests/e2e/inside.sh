#!/bin/sh
# What a program sees and may do inside: processes, files, devices, confinement.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

image=$IMAGES/docker.tar
inside() {
	sandbox run "$image" sh -c "$1" 2>&1
}

# Processes and namespaces
is "$(inside 'set -- /proc/[0-9]*; echo $#')" 2 'init and the shell are all the processes there are'
like "$(inside 'echo $$')" '^[12]$' 'the command is one of the first two'
# Its words tell of the host.  What a command sees at once is what counts: processors that have more to do make that sharper.
busy=
for i in 1 2 3; do
	timeout 60 sh -c 'while :; do :; done' &
	busy="$busy $!"
done
for i in $(seq 40); do
	sandbox run -q -e TOLD="$i" "$image" cat /proc/1/cmdline | tr '\0' '\n' | grep TOLD
done >told
# shellcheck disable=SC2086 # a list
kill $busy
is "$(cat told)" '' 'process 1 never shows the words of the runner'
like "$(inside 'tr "\0" " " </proc/1/cmdline; cat /proc/1/comm')" . 'process 1 can be looked at'
# With cgroups of version 1 programs find their limits by the host's paths alone.
own_cgroup=
[ "$(stat -f -c %T /sys/fs/cgroup)" = tmpfs ] || own_cgroup=cgroup
for ns in user mnt pid ipc uts $own_cgroup; do
	[ "$(inside "readlink /proc/self/ns/$ns")" != "$(readlink /proc/self/ns/$ns)" ]
	ok $? "an own $ns namespace"
done
is "$(inside 'readlink /proc/self/ns/net')" "$(readlink /proc/self/ns/net)" 'the network namespace of the host'
if [ "$own_cgroup" ]; then
	is "$(inside 'cut -d: -f3 /proc/self/cgroup | sort -u')" / 'its cgroup is the root of what it sees'
else
	is "$(inside 'cat /proc/self/cgroup')" "$(cat /proc/self/cgroup)" 'it sees its cgroup as it is outside'
fi

# Confinement
status=$(inside 'cat /proc/self/status')
like "$status" '^NoNewPrivs:[[:space:]]1$' 'no new privileges'
like "$status" '^Seccomp:[[:space:]]2$' 'a seccomp filter'
like "$status" '^CapBnd:[[:space:]]00000000a80425fb$' 'the bounding set is Docker'"'"'s'
like "$status" '^CapEff:[[:space:]]00000000a80425fb$' 'root holds it'
like "$status" '^CapInh:[[:space:]]0000000000000000$' 'nothing is inheritable'
like "$status" '^CapAmb:[[:space:]]0000000000000000$' 'nor ambient'
status=$(sandbox run -u guest "$image" cat /proc/self/status)
like "$status" '^CapEff:[[:space:]]0000000000000000$' 'another user has no capabilities'
like "$status" '^CapPrm:[[:space:]]0000000000000000$' 'nor may get any'
for try in 'mount -t tmpfs none /mnt' 'mount -o remount,rw /proc/sys' 'umount /proc' 'unshare -U true' 'hostname other' \
	'echo 1 >/proc/sys/kernel/panic' 'echo b >/proc/sysrq-trigger' 'dmesg'; do
	! inside "mkdir -p /mnt; $try" >out
	ok $? "refused: $try"
done

# File systems
is "$(inside 'ls /')" "$(ls "$IMAGES/rootfs")" 'the root holds the image and no more'
is "$(inside 'ls /dev | tr "\n" " "')" 'fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero ' 'a minimal /dev'
is "$(inside 'echo x >/dev/null; head -c 3 /dev/zero | wc -c; head -c 5 /dev/urandom | wc -c; echo x >/dev/full' | tr '\n' ' ' | cut -c1-5)" '3 5 s' \
	'the devices work'
is "$(inside 'stat -c %t:%T /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty' | tr '\n' ' ')" '1:3 1:5 1:7 1:8 1:9 5:0 ' 'and are those'
is "$(inside 'grep " /dev/pts " /proc/mounts | cut -d" " -f3; ls /dev/pts')" 'devpts
ptmx' 'an own devpts'
is "$(inside 'stat -c %a /dev/shm; echo x >/dev/shm/x && cat /dev/shm/x')" '1777
x' '/dev/shm'
is "$(inside 'grep -E "^[^ ]+ /(proc|sys|dev/mqueue) " /proc/mounts | cut -d" " -f2,3')" '/proc proc
/dev/mqueue mqueue
/sys sysfs' 'proc, mqueue and sysfs'
like "$(inside 'grep " /sys " /proc/mounts')" ' ro,' '/sys is read-only'
is "$(inside 'cat /proc/kcore 2>/dev/null | wc -c; ls /sys/firmware | wc -l; ls /proc/acpi 2>/dev/null | wc -l')" '0
0
0' 'what tells of the host is masked'
is "$(inside 'touch /tmp/x /root/x /etc/x && ls /tmp/x /root/x /etc/x | tr "\n" " "')" '/etc/x /root/x /tmp/x ' 'files can be made everywhere'
is "$(inside 'echo "$HOME"; cd; pwd')" '/root
/root' 'HOME is there'
is "$(inside 'chown guest /tmp; chgrp wheel /tmp; chown 12:34 /etc/marker; echo $?')" 0 'chown is answered'
is "$(inside 'rm -r /usr && ls -d /usr; mv /etc/marker /etc/moved && cat /etc/moved && ln /etc/moved /etc/linked && stat -c %h /etc/linked')" \
	'ls: /usr: No such file or directory
second layer
2' 'files of the image can be removed, moved and linked'

# Descriptors
is "$(sandbox run "$image" ls /proc/self/fd 5</etc/passwd 7<"$WORK" 2>&1 | tr '\n' ' ')" '0 1 2 3 ' 'no descriptor leaks in'
is "$(sandbox run "$image" sh -c 'readlink /proc/self/fd/0; cat' 2>&1 <&-)" /dev/null 'a closed standard input is an empty one'
echo text >file
is "$(sandbox run "$image" cat <file)" text 'a file as standard input stays one'
sandbox run "$image" sh -c 'echo out; echo err >&2' >out 2>err
is "$(cat out):$(cat err)" out:err 'output and errors stay apart'

# What lies outside
is "$(inside "ls $WORK" | grep -c 'No such file')" 1 'the caller'"'"'s directory is not there'
is "$(inside 'cat /proc/mounts' | grep -c "$STORE")" 0 'nor does the list of mounts tell of its store'
done_testing
