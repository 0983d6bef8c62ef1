#!/bin/sh
# --no-userns: root on a host without user namespaces.  What is left must hold all the same.
# modes: root
. "${TESTS:-$(dirname "$0")/..}/lib.sh"
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside

# An image with owners, a setuid file and a group for terminals
mkdir -p tree
cp -a "$IMAGES/rootfs/." tree
echo data >tree/data
chown 12:34 tree/data
printf 'root:x:0:0::/root:/bin/sh\nguest:x:1000:1000::/home/guest:/bin/sh\n' >tree/etc/passwd
tar -C tree -cf owned.tar .
image=$WORK/owned.tar
deny=$HELPERS/deny

run sandbox run "$image" cat /proc/self/uid_map
like "$RC:$(echo "$OUT" | tr -s ' ')" '^0: 0 0 1$' 'root has a user namespace by default'
run sandbox run --no-userns "$image" true
like "$RC:$ERR" '^0:sandbox: making a copy of the image.s tree with the owners from its layers, once$' 'without one, the tree has owners: said once'
gives 'ids are those of the host' 0 '0 0 4294967295' sandbox run --no-userns "$image" sh -c 'echo $(cat /proc/self/uid_map)'
gives 'files have the owners that the layers recorded' 0 '12 34' sandbox run --no-userns "$image" stat -c '%u %g' /data
gives 'and can be given to others' 0 '5 6' sandbox run --no-userns "$image" sh -c 'chown 5:6 /data && stat -c "%u %g" /data'
gives 'which vanishes' 0 '12 34' sandbox run --no-userns "$image" stat -c '%u %g' /data
gives 'capabilities, no_new_privs, filter' 0 'CapAmb: 0000000000000000;CapBnd: 00000000a00405fb;CapEff: 00000000a00405fb;CapInh: 0000000000000000;CapPrm: 00000000a00405fb;NoNewPrivs: 1;Seccomp: 2' \
	sandbox run --no-userns "$image" sh -c 'grep -E "^(Seccomp|NoNewPrivs|Cap...):" /proc/self/status | sort | tr "\t\n" " ;" | sed "s/;$//"'
gives 'a user has none' 0 'CapEff: 0000000000000000;CapPrm: 0000000000000000' \
	sandbox run --no-userns -u guest "$image" sh -c 'grep -E "^Cap(Eff|Prm):" /proc/self/status | sort | tr "\t\n" " ;" | sed "s/;$//"'
run setpriv --groups=0,4,27 sandbox run --no-userns -u guest "$image" sh -c 'id -u; id -g; id -G; sed -n "s/^Groups:.*\(4\|27\).*/left/p" /proc/self/status'
is "$RC:$(echo "$OUT" | paste -sd' ')" '0:1000 1000 1000' 'a user, its group, and none of the groups of root'
gives 'a user cannot write to the files of root' 0 refused sandbox run --no-userns -u guest "$image" sh -c 'echo x 2>/dev/null >/etc/passwd || echo refused'
run sandbox run --no-userns "$image" sh -c 'mknod /d b 8 0; mknod /tmp/d c 1 1; mount -t tmpfs t /mnt; unshare -m true; hostname x; echo 1 >/proc/sys/vm/swappiness; dmesg; echo end'
is "$RC:$OUT:$(printf '%s\n' "$ERR" | grep -Eic 'not permitted|denied|read-only')" 0:end:7 'devices, mounts, namespaces, sysctls, the kernel log: refused'
gives 'not even a device that is in the image' 0 refused sandbox run --no-userns --cap-add MKNOD "$image" \
	sh -c 'mknod /null c 1 3 && { echo 2>/dev/null >/null || echo refused; }'
gives 'NET_RAW only on a network of its own' 0 00000000a00425fb sandbox run --no-userns --network none "$image" sed -n 's/^CapBnd:.//p' /proc/self/status
gives '... with its own interfaces' 0 lo sandbox run --no-userns --network none "$image" ls /sys/class/net
gives '--cap-add, --cap-drop' 0 0000000000000400 sandbox run --no-userns --cap-drop ALL --cap-add NET_BIND_SERVICE "$image" sed -n 's/^CapEff:.//p' /proc/self/status
gives 'processes: its own only' 0 yes sandbox run --no-userns "$image" sh -c '[ "$(ls -d /proc/[0-9]* | wc -l)" -lt 8 ] && echo yes'
gives 'the host is not in sight' 0 no sandbox run --no-userns "$image" sh -c "test -e '$WORK' || echo no"
gives 'masked' 0 0 sandbox run --no-userns "$image" sh -c 'cat /proc/keys | wc -l'
gives 'a host name of its own' 0 inside sandbox run --no-userns --hostname inside "$image" hostname
mkdir shown
gives 'volumes' 0 '7 8' sandbox run --no-userns -v "$WORK/shown:/shown" "$image" sh -c 'touch /shown/x && chown 7:8 /shown/x && stat -c "%u %g" /shown/x'
is "$(stat -c '%u %g' shown/x)" '7 8' '... have the same ids outside'
run sandbox run -t --no-userns -u guest "$image" sh -c 'tty; stat -c "%u %a" "$(tty)"'
is "$RC:$(printf '%s' "$OUT" | tr -d '\r' | paste -sd' ')" '0:/dev/pts/0 1000 620' 'a terminal, which belongs to the user'
gives 'read-only' 0 refused sandbox run --no-userns --read-only "$image" sh -c 'touch /x 2>/dev/null || echo refused'
gives '--writable' 0 '' sandbox run --no-userns --writable w "$image" sh -c 'rm -r /home; mkdir /home; chown 3:4 /home; touch /kept'
gives '... is found again' 0 '3 4 0' sandbox run --no-userns --writable w "$image" sh -c 'stat -c "%u %g" /home | tr "\n" " "; ls /home | wc -l'
fails '... but not with other ids' 125 'made with --no-userns' sandbox run --writable w "$image" true
gives '... and removed' 0 '' sandbox rm --writable w
sandbox run -d --no-userns -u guest --name live "$image" sleep "1000$$" >/dev/null
gives 'exec' 0 '1000 2' sandbox exec live sh -c 'echo $(id -u) $(sed -n "s/^Seccomp:.//p" /proc/self/status)'
gives 'exec as another' 0 '77 0000000000000000' sandbox exec -u 77:77 live sh -c 'echo $(id -G) $(sed -n "s/^CapEff:.//p" /proc/self/status)'
gives 'exec as root' 0 '0 00000000a00405fb' sandbox exec -u 0 live sh -c 'echo $(id -u) $(sed -n "s/^CapEff:.//p" /proc/self/status)'
kill -KILL "$(sandbox ps --json | sed -n 's/.*"runner": \([0-9]*\).*/\1/p')"
wait_for 20 gone "1000$$"
ok $? 'nothing is left after SIGKILL'
store_is_clean || wait_for 5 sandbox ps
gives 'without user namespaces on the host' 0 up "$deny" unshare/0/0x10000000=EPERM -- sandbox run --no-userns "$image" echo up
gives 'with none of the newer calls' 0 '12 34' "$deny" openat2=ENOSYS open_tree=ENOSYS move_mount=ENOSYS fsopen=ENOSYS fsconfig=ENOSYS \
	fsmount=ENOSYS mount_setattr=ENOSYS close_range=ENOSYS pidfd_open=ENOSYS -- sandbox run --no-userns "$image" stat -c '%u %g' /data

fails 'not for others than root' 125 'no-userns: only root' setpriv --reuid="$TEST_USER" --regid=0 --clear-groups env HOME=/nonexistent \
	SANDBOX_STORE=/tmp/sandbox-none-$$ sandbox run --no-userns "$IMAGES/rootfs" true
fails 'a root without its rights' 125 'pid namespace.*Operation not permitted' setpriv --bounding-set=-sys_admin sandbox run --no-userns "$image" true
like "$ERR" 'CAP_SYS_ADMIN' '... with what it takes'
fails '--keep-id' 125 'exclude each other' sandbox run --no-userns --keep-id "$image" true
fails '--subuid' 125 'exclude each other' sandbox run --no-userns --subuid "$image" true
fails '--network private' 125 'needs a user namespace' sandbox run --no-userns --network private "$image" true
run sandbox run --no-userns --dry-run "$image" true
unlike "$OUT" '"type": "user"|Mappings": \[$' '--dry-run shows no user namespace'
id=$(sandbox inspect "$image" | awk '$1 == "id" { print substr($2, 1, 12) }')
gives 'the image with its trees can be removed' 0 '' sandbox rm "$id"
is "$(ls -A "$STORE/images")" '' '... and all is gone'

done_testing
