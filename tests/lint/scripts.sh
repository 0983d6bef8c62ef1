#!/bin/sh
# scripts: each end-to-end test can be started by hand (sh tests/e2e/NAME.sh), and says in its modes what run.sh knows.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/../.."
status=0

bad() {
	printf 'scripts: %s: %s\n' "$script" "$1"
	status=1
}

for script in tests/e2e/*.sh; do
	[ "$(head -n 1 "$script")" = '#!/bin/sh' ] || bad 'does not begin with #!/bin/sh'
	[ -x "$script" ] || bad 'is not executable'
	# shellcheck disable=SC2016 # that text
	grep -qxF '. "${TESTS:-$(dirname "$0")/..}/lib.sh"' "$script" || bad 'does not source lib.sh, which gives it what run.sh would'
	sh -n "$script" || bad 'is no shell script'
	for mode in $(sed -n 's/^# modes: //p' "$script"); do
		case $mode in root | user | nested | outer) ;; *) bad "has no such mode: $mode" ;; esac
	done
done
exit $status
