#!/bin/sh
# session: runs the checks of one boot, each as whom it is asked to, and turns the machine off.  Started by init.
# Then the hosts of the matrix, each with checks/host.sh as root and as a user.
# The harness reads `== NAME:USER` before the TAP of each, and `== end` when all is done.
. /tests/vm/load.sh
for check in $(echo "${checks:-}" | tr , ' '); do
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
		MODE=$user overlay=no disk=${disk:-} long=${long:-}
		! grep -q overlay /proc/filesystems || overlay=yes
		TESTS=/tests IMAGES=/images HELPERS=/helpers TEST_USER=guest
		export overlay disk long WORK HOME MODE TESTS IMAGES HELPERS TEST_USER
		cd "$WORK" && exec $as sh "/tests/vm/checks/$name.sh"
	) 2>/dev/console
done
for host in $(echo "${hosts:-}" | tr , ' '); do
	modules=$(. "/tests/vm/hosts/$host.sh" && echo "$modules")
	# shellcheck disable=SC2086 # a list
	load $modules
	for user in root user; do
		echo "== $host:$user"
		WORK=/work/$host.$user HOME=/work/$host.$user/home
		mkdir -p "$HOME"
		(
			HOST=$host MODE=$user TESTS=/tests IMAGES=/images HELPERS=/helpers TEST_USER=guest
			export HOST WORK HOME MODE TESTS IMAGES HELPERS TEST_USER
			cd "$WORK" && sh /tests/vm/checks/host.sh
		) 2>/dev/console
	done
done
echo '== end'
sync
poweroff -f
