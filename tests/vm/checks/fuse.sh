#!/bin/sh
# fuse-overlayfs in place of the kernel's overlay: for a boot with the module fuse, without overlay, and with the program
# (run.py --program /usr/bin/fuse-overlayfs).
. "$TESTS/lib.sh"

image=$IMAGES/docker.tar
run sandbox run "$image" sh -c 'echo new >/etc/new && cat /etc/new && rm -r /home && mkdir /home && ls /home | wc -l && echo more >>/etc/marker &&
	mv /bin/busybox /bin/busybox.old && ln -s busybox.old /bin/busybox && echo moved'
is "$RC:$(echo "$OUT" | paste -sd' ')" '0:new 0 moved' 'files are written, removed and replaced' || tell "$ERR"
like "$ERR" '^sandbox: no overlay file system here \(.*\): fuse-overlayfs of the host takes its place$' 'which is said'
run sandbox run -q "$image" sh -c '[ -e /etc/new ] || wc -l </etc/marker'
is "$RC:$OUT" 0:1 'and vanishes'
run sandbox run -q --user guest "$image" sh -c 'echo x >/tmp/x && id -u'
is "$RC:$OUT" 0:1000 'another user inside'
sandbox run -d --name live "$image" sleep 10002 >/dev/null 2>&1
run sandbox exec live sh -c 'echo >/in && cat /proc/2/comm'
is "$RC:$OUT" 0:fuse-overlayfs 'exec joins the command'
kill -KILL "$(processes live | sort -n | head -n 1)"
wait_for 20 gone 10002 && wait_for 20 gone squash_to_root
ok $? 'after SIGKILL nothing is left'

done_testing
