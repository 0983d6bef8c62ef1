#!/bin/sh
# The ways out that were published of other runners, each tried here.  .github/SECURITY.md has the list, and those that cannot be
# tried; tests/guest.c has what a program alone can try.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

image=$IMAGES/docker.tar
mkdir outside shared
echo untouched >outside/file
[ -x "$HELPERS/guest" ] && cp "$HELPERS/guest" shared/

# hostile NAME: a copy of the image's tree in NAME, to be changed
hostile() {
	mkdir "$1"
	tar -C "$1" -xf "$IMAGES/rootfs.tar"
	chmod -R u+rwX "$1"
}

# untouched NAME: nothing was made, mounted or changed in the host's folder
untouched() {
	is "$(ls outside) $(cat outside/file)" 'file untouched' "$1"
}

# A terminal that is shared with the caller (CVE-2017-5226, -2019-10063, -2019-7303, -2023-28100): see guest.sh.

# Targets that are links in the image (CVE-2019-19921, -2024-45310, -2018-15664): they are resolved inside.
hostile links
ln -s "$WORK/outside" links/away
ln -s ../../../../../../../..$WORK/outside links/up
ln -s /proc/self/cwd/../../../../$WORK/outside links/magic
mkdir -p "links$WORK/outside"
for name in away up; do
	run sandbox run -v "$WORK/shared:/$name" links/ sh -c "ls /$name; ls $WORK/outside"
	like "$OUT" guest "a volume on the link /$name arrives inside"
	untouched "and not outside ($name)"
done
run sandbox run -v "$WORK/shared:/magic" links/ true
untouched 'a volume on a link through procfs'
run sandbox run -v "$WORK/shared:/away/new/dir" links/ true
untouched 'folders that are made for a volume are made inside'
run sandbox run -w "$WORK/outside/../outside/sub" links/ pwd
untouched 'a working directory is made inside'
run sandbox run -w /away/sub links/ pwd
untouched 'a working directory that is a link is made inside (CVE-2026-55686)'
run sandbox run --tmpfs /up/tmp links/ true
untouched 'a tmpfs on a link'

# /dev, /proc, /sys and what is in them as links (CVE-2026-41579, -2026-47766, -2025-31133, -2025-52565, -2025-52881, -2019-16884)
for dir in dev proc sys; do
	hostile "no_$dir"
	rm -rf "no_$dir/$dir"
	ln -s "$WORK/outside" "no_$dir/$dir"
	run sandbox run "no_$dir/" sh -c "stat -f -c %T /$dir /proc; ls -d /$dir/.; stat -c %F /dev/null"
	untouched "/$dir is a link"
	[ "$RC" != 0 ] || like "$OUT" 'character special file' "/$dir is a link: the devices are real"
	hostile "odd_$dir"
	rm -rf "odd_$dir/$dir"
	mkfifo "odd_$dir/$dir"
	run timeout 20 sandbox run "odd_$dir/" true
	[ "$RC" != 124 ]
	ok $? "/$dir is a fifo: no hang"
done
hostile devices
rm -rf devices/dev
mkdir devices/dev
ln -s /proc/sys/kernel/core_pattern devices/dev/null
ln -s "$WORK/outside/file" devices/dev/console
ln -s "$WORK/outside" devices/dev/pts
ln -s "$WORK/outside" devices/dev/shm
is "$(sandbox run devices/ stat -c '%F %t:%T' /dev/null)" 'character special file 1:3' 'a null device of the image is not taken (CVE-2025-31133)'
is "$(sandbox run devices/ sh -c 'for f in /proc/kcore /proc/keys /proc/timer_list; do [ ! -e $f ] || stat -c %t:%T $f; done' | sort -u | tr -d '\n')" 1:3 \
	'masks are the null device'
run sandbox run -t devices/ sh -c 'stat -c %F /dev/console; [ /dev/console -ef /dev/pts/0 ] || stat -c "%t:%T" /dev/console /dev/pts/0'
like "$OUT" 'character special file' '/dev/console is a terminal, whatever the image has there (CVE-2025-52565)'
untouched 'and nothing was bound or written outside'
is "$(sandbox run devices/ sh -c 'cat /proc/sys/kernel/core_pattern')" "$(cat /proc/sys/kernel/core_pattern)" 'core_pattern is as it was (CVE-2025-52881)'

# Files that are read while it is set up (CVE-2024-9676, -2024-9341)
for what in fifo link device; do
	hostile "passwd_$what"
	rm -f "passwd_$what/etc/passwd"
	case $what in
	fifo) mkfifo "passwd_$what/etc/passwd" ;;
	link) ln -s "$WORK/outside/file" "passwd_$what/etc/passwd" ;;
	device) ln -s /dev/zero "passwd_$what/etc/passwd" ;;
	esac
	run timeout 20 sandbox run -u 7:7 "passwd_$what/" awk '/^Uid:/ { print $2 }' /proc/self/status
	is "$RC $OUT" '0 7' "/etc/passwd is a $what"
done
for file in resolv.conf hosts hostname; do
	hostile "etc_$file"
	rm -f "etc_$file/etc/$file"
	ln -s "$WORK/outside/new" "etc_$file/etc/$file"
	run sandbox run "etc_$file/" sh -c "cat /etc/$file"
	untouched "/etc/$file is a link out"
done

# A working directory by way of a descriptor that was left open (CVE-2024-21626)
n=0
for fd in 3 4 5 6 7 8 9 10 11 12 13 14; do
	run sandbox run -w "/proc/self/fd/$fd" "$image" sh -c "cat ../../../../../../..$WORK/outside/file ./file"
	case $OUT in *untouched*) n=$((n + 1)) ;; esac
done
is $n 0 'no descriptor of the host as a working directory'
is "$(sandbox run "$image" sh -c 'ls /proc/self/fd' | tr '\n' ' ')" '0 1 2 3 ' 'no descriptor but the streams (3 is the list itself)'

# The program of the runner (CVE-2019-5736): nobody can execute it from inside, to write to it later
mkdir own
cp "$(command -v sandbox)" own/sandbox
chmod u+w own/sandbox
sum=$(cksum <own/sandbox)
hostile self
printf '#!/proc/self/exe\n' >self/bin/script
printf '#!/bin/script\n' >self/bin/second
chmod 755 self/bin/script self/bin/second
ln -s /proc/self/exe self/bin/itself
for command in script second itself /bin/itself /proc/self/exe /proc/thread-self/exe; do
	run own/sandbox run self/ "$command"
	is "$RC" 126 "sandbox's own program is not executed by $command"
done
is "$(own/sandbox run -v "$WORK/own/sandbox:/sandbox:ro" "$image" /sandbox --version)" "$(own/sandbox --version)" 'but where it is shown inside on purpose'

# Those that join a live sandbox (CVE-2016-9962): what is there cannot look at them
cat >shared/watch <<'END'
while [ ! -e /shared/stop ]; do
	for p in /proc/[0-9]*; do
		for f in $p/exe $p/cwd $p/root $p/fd/* $p/ns/mnt; do
			readlink $f
		done
	done
done 2>/dev/null | sort -u >/shared/seen
END
own/sandbox run --name watched -v "$WORK/shared:/shared" "$image" sh /shared/watch >/dev/null 2>&1 &
if wait_for 20 own/sandbox exec watched true; then
	for i in 1 2 3 4 5 6 7 8 9 10; do
		own/sandbox exec watched true
		own/sandbox exec -w /proc/self/fd/$((i + 2)) watched cat ../../../../../..$WORK/outside/file
	done 2>&1 | cat >out # a pipe: the command's own streams may be seen
	unlike "$(cat out)" '^untouched' 'no descriptor of the host as a working directory of exec'
	touch shared/stop
	wait
	unlike "$(grep -v '^/shared' shared/seen)" "$WORK|sandbox|memfd" 'what joins shows nothing of the host'
	[ "$(wc -l <shared/seen)" -gt 2 ]
	ok $? 'though somebody looked'
	run own/sandbox exec gone true
	[ "$RC" != 0 ]
	ok $? 'nothing is left to join'
else
	touch shared/stop
	wait
	skip 'joining a live sandbox' "$(own/sandbox exec watched true 2>&1 | head -n 1)"
fi
is "$(cksum <own/sandbox)" "$sum" 'the program is as it was'

# A mount target that is swapped meanwhile (CVE-2021-30465, -2024-23651)
mkdir shared/swap
(while [ ! -e stop ]; do
	rm -rf shared/swap/t
	mkdir shared/swap/t
	rm -rf shared/swap/t
	ln -s "../../../../../../../../$WORK/outside" shared/swap/t
done) 2>/dev/null &
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	sandbox run -v "$WORK/shared:/shared" -v "$WORK/own:/shared/swap/t/x" "$image" true >/dev/null 2>&1
done
touch stop
wait
untouched 'a target that is exchanged for a link while it is mounted on'

# Capabilities (CVE-2022-27649 to -27651) and ids (CVE-2026-30892)
for options in '' '-u 1000:1000' '--keep-id' '--cap-add ALL' '--cap-drop ALL'; do
	is "$(sandbox run $options "$image" grep -E '^Cap(Inh|Amb)' /proc/self/status | tr -d '\t\n')" 'CapInh:0000000000000000CapAmb:0000000000000000' \
		"nothing is inheritable or ambient: ${options:-default}"
done
for user in 0x0 '0 0' -1 4294967296 ' 0' '+0' '1:x y' 99999999999999999999; do
	run sandbox run -u "$user" "$image" true
	is "$RC" 125 "no user: '$user'"
done

# Confinement that is asked for and cannot be had fails (CVE-2025-65105)
echo '{"defaultAction":"SCMP_ACT_NONSENSE"}' >bad.json
echo '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":28}]}' >good.json
fails 'a profile that is none' 125 'seccomp' sandbox run --security-opt seccomp=bad.json "$image" echo ran
fails 'a profile that is not there' 125 'nowhere.json' sandbox run --security-opt seccomp=nowhere.json "$image" echo ran
like "$(sandbox run --security-opt seccomp=good.json "$image" mkdir /x 2>&1)" 'No space left' 'a profile holds'
for option in apparmor=strict label=type:x no-new-privileges=false nonsense mask=relative mask=/ seccomp=; do
	run sandbox run --security-opt "$option" "$image" echo ran
	is "$RC $OUT" '125 ' "--security-opt $option fails"
done
for options in '--cap-add NONSENSE' '--cap-drop 12' '--ulimit nofile' '--ulimit nonsense=1' '--ulimit nofile=2:1' '--ulimit nofile=x' \
	'--memory 1k' '--memory x' '--cpus 0.001' '--cpus -1' '--pids-limit x' '-p 80:80' '--network nonsense' '--network private -p 0:80' \
	'--network private -p 80' '--network private -p 70000:80' '--network private -p 1-2:3' '--preserve-fds 20'; do
	run sandbox run $options "$image" echo ran
	is "$RC $OUT" '125 ' "$options fails"
done
run sandbox run --memory 64m --pids-limit 20 "$image" sh -c 'cat /sys/fs/cgroup/memory.max; for i in 1 2 3 4 5; do (true) & done; wait'
[ "$RC" = 125 ] && like "$ERR" 'delegated' 'limits without a cgroup fail' || like "$OUT" '^67108864$' 'limits hold'
is "$(sandbox run --security-opt mask=/etc/passwd:/usr "$image" sh -c 'cat /etc/passwd; ls /usr')" '' 'mask= hides files and folders'
is "$(sandbox run --cap-drop all --cap-add chown "$image" grep CapEff /proc/self/status | cut -f 2)" 0000000000000001 '--cap-drop and --cap-add'
is "$(sandbox run --ulimit nofile=64:128 "$image" sh -c 'ulimit -n; ulimit -Hn' | tr '\n' ' ')" '64 128 ' '--ulimit'
is "$(sandbox run --ulimit core=10m --ulimit fsize=unlimited "$image" sh -c 'ulimit -c; ulimit -f')" '20480
unlimited' '--ulimit takes sizes, and unlimited'
fails '--ulimit says what it takes' 125 'core=ten: must be NAME=SOFT\[:HARD\], numbers .10m is 10 MiB. or unlimited' sandbox run --ulimit core=ten "$image" true
# Under a hard limit of 64 units: what the command gets of more.  Only CAP_SYS_RESOURCE, which not every root has, raises one.
may=$(sh -c 'ulimit -Hn 64; ulimit -Hn 65' 2>/dev/null && echo yes)
for pair in l,memlock=-1 l,memlock=unlimited:unlimited n,nofile=500000 c,core=32k:1g n,nofile=32:128; do
	# shellcheck disable=SC2016 # for the other shell
	run sh -c 'ulimit -S"$1" 64; ulimit -H"$1" 64; exec sandbox run --ulimit "$2" "$3" sh -c "ulimit -H$1"' sh "${pair%%,*}" "${pair#*,}" "$image"
	if [ "$may" ]; then
		[ "$RC:$ERR" = 0: ] && [ "$OUT" != 64 ]
	else
		[ "$RC:$OUT" = 0:64 ] && printf '%s\n' "$ERR" | grep -q '^sandbox: the limit RLIMIT_[A-Z]* is [0-9]*, not [a-z0-9]*: '
	fi
	ok $? "--ulimit ${pair#*,} above the hard limit is the most that can be had" || tell "$RC $OUT $ERR"
done
run sh -c 'sandbox run -d --name higher --ulimit nofile=200 "$1" sleep 100 >/dev/null; ulimit -n 64; exec sandbox exec higher sh -c "ulimit -n"' sh "$image"
like "$RC:$OUT" '^0:(64|200)$' '... and for exec from a shell with lower limits' || tell "$ERR"
sandbox kill higher >/dev/null

# cgroups and /sys (CVE-2023-25809, -2022-0492): see guest.sh.  Images that hide in other forms: hostile.sh.
rm -rf links no_* odd_* devices passwd_* etc_* self
done_testing
