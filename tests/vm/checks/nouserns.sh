#!/bin/sh
# `sandbox run --no-userns` as real root, on this kernel; where it has an overlay module, root has it whatever the kernel's age.
. "$TESTS/lib.sh"

image=$IMAGES/docker.tar
if ! sandbox run -q --no-userns "$image" true; then
	ok 1 'the first run'
fi
quiet=
[ "${overlay:-yes}" = yes ] || quiet=-q # what is said of a missing overlay is for basics.sh
gives 'ids of the host' 0 '0 0 4294967295' sandbox run $quiet --no-userns "$image" sh -c 'echo $(cat /proc/self/uid_map)'
gives 'capabilities, no_new_privs, filter' 0 'CapBnd: 00000000a00405fb;CapEff: 00000000a00405fb;NoNewPrivs: 1;Seccomp: 2' \
	sandbox run $quiet --no-userns "$image" sh -c 'grep -E "^(Seccomp|NoNewPrivs|Cap(Eff|Bnd)):" /proc/self/status | sort | tr "\t\n" " ;" | sed "s/;$//"'
gives 'a user has none' 0 'uid=1000(guest) gid=1000(guest) 0000000000000000' \
	sandbox run $quiet --no-userns -u guest "$image" sh -c 'echo "$(id | sed "s/ groups.*//") $(sed -n "s/^CapEff:.//p" /proc/self/status)"'
gives 'owners' 0 '5 6' sandbox run $quiet --no-userns "$image" sh -c 'touch /tmp/x && chown 5:6 /tmp/x && stat -c "%u %g" /tmp/x'
gives 'devices and mounts are refused' 0 '1 1' sandbox run $quiet --no-userns "$image" sh -c '
	mknod /tmp/d b 8 0 2>/dev/null; echo -n "$? "; mount -t tmpfs t /mnt 2>/dev/null; [ $? != 0 ] && echo 1'
if [ "${overlay:-yes}" = yes ]; then
	gives 'a directory of the image removed and made again, in memory' 0 '0' sandbox run --no-userns "$image" sh -c 'rm -r /home && mkdir /home && ls /home | wc -l'
fi
sandbox run -d -q --no-userns --name live "$image" sleep 1000 >/dev/null
gives 'exec as another' 0 77 sandbox exec -u 77 live id -u
run sandbox stop -t 1 live
is "$RC" 0 'stop'

done_testing
