#!/bin/sh
# session: runs the checks of one boot, each as whom it is asked to, and turns the machine off.  Started by init.
# The harness reads `== NAME:USER` before the TAP of each, and `== end` when all is done.
for check in $(echo "$checks" | tr , ' '); do
	name=${check%%:*} user=${check#*:}
	echo "== $check"
	WORK=/tmp/$name.$user
	[ -z "${disk:-}" ] || WORK=/disk/$name.$user
	HOME=$WORK/home
	mkdir -p "$HOME"
	as=
	if [ "$user" = user ]; then
		chown -R 1000:1000 "$WORK"
		as='/helpers/user 1000:1000'
	fi
	[ ! -e "/tests/vm/checks/$name.before" ] || . "/tests/vm/checks/$name.before"
	(
		MODE=$user overlay=no disk=${disk:-}
		! grep -q overlay /proc/filesystems || overlay=yes
		TESTS=/tests IMAGES=/images HELPERS=/helpers TEST_USER=guest
		export overlay disk WORK HOME MODE TESTS IMAGES HELPERS TEST_USER
		cd "$WORK" && exec $as sh "/tests/vm/checks/$name.sh"
	) 2>/dev/console
done
echo '== end'
sync
poweroff -f
