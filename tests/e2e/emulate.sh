#!/bin/sh
# Ids that stay changed: --emulate=ids.  As root, also: the kernel's own rules, call by call, against ours.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside

image=$IMAGES/docker.tar
printf '#!/bin/sh\nexec sandbox run --emulate=ids "$@"\n' >ids
chmod +x ids
gives 'root, as long as nothing is changed' 0 '0 0' ./ids "$image" sh -c 'echo $(id -u) $(id -g)'
gives 'su: another user' 0 '1000 1000' ./ids "$image" su guest -c 'echo $(id -u) $(id -g)'
gives 'an entrypoint that starts itself again as a user ends' 0 1000 ./ids "$image" sh -c \
	'echo "[ \$(id -u) != 0 ] || exec su guest -c \$0; id -u" >/e; chmod 755 /e; exec sh -c "exec sh /e" || true' </dev/null
gives 'there is no way back' 0 1 ./ids "$image" su guest -c '(su root -c true) </dev/null >/dev/null 2>&1; echo $?'
gives 'children have the ids of their parent, orphans too' 0 1000 ./ids "$image" sh -c \
	'su guest -c "(sh -c \"until [ -e /tmp/now ]; do sleep 0.05; done; id -u >/tmp/id.new; mv /tmp/id.new /tmp/id\" &)"; id -u >/dev/null
	touch /tmp/now; until [ -e /tmp/id ]; do sleep 0.05; done; cat /tmp/id'
gives 'many at once' 0 ' 50 0
 50 1000' ./ids "$image" sh -c \
	'for i in $(seq 50); do (su guest -c "id -u" >/tmp/u.$i; id -u >/tmp/r.$i) & done; wait; cat /tmp/[ur].* | sort | uniq -c | tr -s " "'
gives 'signals: others are refused, own are not' 0 'refused
sent' ./ids "$image" sh -c 'sleep 99 & su guest -c "kill $! 2>/dev/null || echo refused; sleep 99 & kill \$! && echo sent"; kill $!'
gives 'kill -1 spares others' 0 'alive' ./ids "$image" sh -c \
	'sleep 99 & su guest -c "sleep 99 & trap \"\" TERM; kill -TERM -1"; kill -0 $! && echo alive; kill $!'
# The supervisor could signal all that the caller may; signal 0 harms nobody.
gives 'kill -1 reaches nobody outside, whatever /proc is there' 0 1 ./ids --cap-drop kill -v /proc:/h/proc:ro "$image" sh -c \
	'mkdir /h/bin; cp /bin/busybox /h/bin/; exec chroot /h /bin/busybox setpriv --nnp /bin/busybox sh -c "kill -0 -1 2>/said; echo \$?"'
gives '... but what is beside it' 0 0 ./ids --cap-drop kill "$image" sh -c 'sleep 99 & setpriv --nnp sh -c "kill -0 -1; echo \$?"; kill $!'
gives '... and without process 1 not the first of them' 0 1 ./ids --no-init --cap-drop kill "$image" sh -c \
	'setpriv --nnp sh -c "kill -0 -1 2>/dev/null; echo \$?"; true'
gives 'owners are answered, as before' 0 '' ./ids "$image" chown 12:34 /etc/marker
gives 'another user from the start' 0 '1000 1000' ./ids -u guest "$image" sh -c 'echo $(id -u) $(id -g)'
gives 'which cannot become root' 0 1 ./ids -u guest "$image" sh -c 'su root -c true </dev/null >/dev/null 2>&1; echo $?'
gives 'on a terminal' 0 1000 sh -c 'sandbox run --emulate=ids -t "$0" su guest -c "id -u" </dev/null | tr -d "\r"' "$image"
gives 'without process 1' 0 1000 ./ids --no-init "$image" su guest -c 'id -u'
gives 'the slack of timers is as usual' 0 0 ./ids "$image" su guest -c 'sleep 0.01; echo $?'

# exec
sandbox run -d --name box --emulate=ids -v "$PWD:/w" "$image" sleep 1000 >/dev/null
gives 'exec: root' 0 0 sandbox exec box id -u
gives 'exec: su' 0 1000 sandbox exec box su guest -c 'id -u'
gives 'exec -u: any user of the image' 0 '1000 1000 1000' sandbox exec -u guest box sh -c 'echo $(id -u) $(id -g) $(id -G)'
gives 'exec -u: by number' 0 '4711 815' sandbox exec -u 4711:815 box sh -c 'echo $(id -u) $(id -g)'
sandbox run -d --name theirs --emulate=ids -u guest "$image" sleep 1000 >/dev/null
gives 'exec -u: root, in a sandbox of another user' 0 '0 0 0' sandbox exec -u 0:0 theirs sh -c 'echo $(id -u) $(id -g) $(id -G)'
gives '... who may change ids again' 0 1000 sandbox exec -u 0:0 theirs su guest -c 'id -u'
sandbox stop -t 0 theirs >/dev/null
fails 'exec -u: without --emulate=ids' 125 'start it with --emulate=ids or --subuid' sh -c \
	'sandbox run -d --name basic "$0" sleep 1000 >/dev/null; sandbox exec -u guest basic id; status=$?; sandbox stop -t 0 basic >/dev/null; exit $status' "$image"
sandbox exec box su guest -c '(until [ -e /w/later ]; do sleep 0.05; done; id -u >/w/id.new; mv /w/id.new /w/id) >/dev/null 2>&1 &'
like "$(sandbox exec box sh -c 'cat /proc/[0-9]*/cmdline' | tr '\0' ' ')" 'sh -c .until' 'what exec leaves behind is seen inside'
unlike "$(sandbox exec box sh -c 'cat /proc/[0-9]*/cmdline' | tr '\0' ' ')" 'exec box su' '... but not the words of its caller'
touch later
wait_for 20 test -e id
is "$(cat id 2>&1)" 1000 'what exec leaves behind has its ids, too'
tag=exec-$$
sandbox stop -t 0 box >/dev/null
wait_for 10 gone "$tag"
ok $? 'and nothing outlives the sandbox'

# The end of the runner
sandbox run -q --emulate=ids "$image" su guest -c "sleep 4711$$" &
wait_for 20 sh -c "! [ -z \"\$(pgrep -f 'sleep 4711$$' 2>/dev/null || ps | grep '[4]711$$')\" ]"
kill -KILL $!
wait $! 2>/dev/null
wait_for 10 gone "sleep 4711$$"
ok $? 'SIGKILL of the runner ends all that it answers'

# What it goes with
fails 'with --subuid' 125 'maps ids that really change' ./ids --subuid "$image" true
fails 'without the filter' 125 'the seccomp filter' ./ids --security-opt seccomp=unconfined "$image" true
like "$(sandbox run --dry-run --emulate=ids "$image" true | tr -d ' \n')" '"sandbox.emulate":"ids"' '--dry-run says it'
# Older kernels, and a caller whose filter has a supervisor: the flags of seccomp(2) with which it is refused.
for refused in 'seccomp/1/0x2c=EBUSY' 'seccomp/1/0x2c=EINVAL seccomp/1/0xc=EINVAL seccomp/1/8=EINVAL'; do
	# shellcheck disable=SC2086 # some words
	run "$HELPERS/deny" $refused -- ./ids "$image" su guest -c 'id -u'
	is "$RC $OUT" '0 0' "no listener ($refused): basic"
	like "$ERR" '^sandbox: --emulate ids: .*; basic is used$' '... and says so'
done
run timeout 60 "$HELPERS/deny" ioctl/1/0xc0182101=EINVAL -- ./ids "$image" su guest -c 'id -u'
is "$RC $OUT" '0 0' 'before Linux 5.5, when no call could go on: basic'
like "$ERR" '^sandbox: --emulate ids: .*; basic is used$' '... and says so'
gives 'before Linux 5.9' 0 1000 "$HELPERS/deny" ioctl/1/0x40082102=EINVAL -- ./ids "$image" su guest -c 'id -u'
gives 'before Linux 5.19' 0 1000 "$HELPERS/deny" seccomp/1/0x2c=EINVAL -- ./ids "$image" su guest -c 'id -u'

# Real root is the judge: random calls, and what the process is after each.
if [ "$MODE" = root ] && [ "$(id -u)" = 0 ]; then
	chmod 755 "$WORK"
	for whose in real theirs; do
		mkdir -p $whose
		cp "$HELPERS/creds" $whose/creds
		cp "$HELPERS/creds" $whose/setuid
		[ $whose = real ] || chown -R "$TEST_USER:" $whose
		chmod 4755 $whose/setuid
	done
	mkdir -p "$WORK/store"
	chown "$TEST_USER:" "$WORK/store"
	differ=
	for seed in $(seq "${SEEDS:-25}"); do
		real/creds "$seed" 60 "$WORK/real/creds" "$WORK/real/setuid" >real.out 2>&1
		as_user env HOME="$WORK" SANDBOX_STORE="$WORK/store" sandbox run -q --emulate=ids -v "$WORK/theirs:$WORK/real" "$image" "$WORK/real/creds" "$seed" 60 \
			"$WORK/real/creds" "$WORK/real/setuid" >theirs.out 2>&1
		cmp -s real.out theirs.out || differ="$differ seed $seed: $(diff real.out theirs.out | head -n 4)"
	done
	is "$differ" '' 'random calls answer as the kernel does for real root'
	like "$(grep -c '' real.out)" '^[0-9]{2,}$' '... and there were some'
fi
done_testing
