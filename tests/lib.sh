# lib: what the end-to-end tests share.  Sourced first by each script of tests/e2e; POSIX sh.
# The scripts say TAP on standard output, and details of what failed in comment lines below it.
# Touches a fresh directory $WORK, which is the working directory and holds $HOME, and so the store.
#
# tests/run.sh sets, and a script that is started by hand gets from here:
#   MODE        user, root or nested (inside `unshare -Ur`): as whom the script runs
#   TESTS       this directory     IMAGES   what make_images.sh made    TEST_USER   the unprivileged user
#   HELPERS     programs that `make helpers` made of tests/*.c
# and `sandbox` is found in PATH.

set -u
umask 022
: "${TESTS:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${MODE:=$([ "$(id -u)" = 0 ] && echo root || echo user)}"
: "${TEST_USER:=$(id -un)}"
: "${HELPERS:=$TESTS/../build/tests}"
command -v sandbox >/dev/null || PATH=$TESTS/../build:$PATH
if [ -z "${WORK:-}" ]; then
	WORK=$(mktemp -d)
	trap 'chmod -R u+rwX "$WORK"; rm -rf "$WORK"' EXIT
	HOME=$WORK/home
	mkdir "$HOME"
fi
if [ -z "${IMAGES:-}" ]; then
	IMAGES=$WORK/images
	sh "$TESTS/make_images.sh" "$IMAGES"
fi
export HOME PATH
unset SANDBOX_STORE SANDBOX_STORES XDG_DATA_HOME XDG_RUNTIME_DIR
cd "$WORK" || exit 1
STORE=$HOME/.local/share/sandbox

tests=0 failures=0

# ok STATUS NAME: the check called NAME holds if STATUS is 0
ok() {
	tests=$((tests + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tests - $2"
	else
		failures=$((failures + 1))
		echo "not ok $tests - $2"
		return 1
	fi
}

# tell TEXT: comment lines, not too many and without control bytes
tell() {
	printf '%s\n' "$1" | head -n 30 | tr -cd '\n\t\40-\176' | cut -c 1-400 | sed 's/^/# /'
}

# The checks below return 1 where they fail, so that `|| tell TEXT` says more.

# is GOT WANT NAME
is() {
	[ "$1" = "$2" ]
	ok $? "$3" && return
	tell "got:  $1
want: $2"
	return 1
}

# like GOT REGEX NAME: an extended regular expression that some line matches
like() {
	printf '%s\n' "$1" | grep -Eq -- "$2"
	ok $? "$3" && return
	tell "got:  $1
want: /$2/"
	return 1
}

# unlike GOT REGEX NAME
unlike() {
	! printf '%s\n' "$1" | grep -Eq -- "$2"
	ok $? "$3" && return
	tell "got:  $1
unwanted: /$2/"
	return 1
}

# skip NAME REASON: a check that cannot be made here
skip() {
	tests=$((tests + 1))
	echo "ok $tests - $1 # SKIP $2"
}

# skip_all REASON: none of this script can be checked here
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

# nothing_to_try REASON: this script is about what a clone alone does not have; no skip, since nothing is missing of the machine
nothing_to_try() {
	printf '# %s\n1..0\n' "$1"
	exit 0
}

# make_ranger USER FIRST: as root, a user with the 65536 subordinate ids from FIRST on, and ./as_ranger COMMAND... that becomes it.
# Each script takes a name and a range of its own, since scripts run side by side.
make_ranger() {
	if ! id "$1" >/dev/null 2>&1; then
		useradd --system --no-create-home --shell /bin/sh --user-group "$1"
		usermod --add-subuids "$2-$(($2 + 65535))" --add-subgids "$2-$(($2 + 65535))" "$1"
		# shellcheck disable=SC2064 # the name of now
		trap "wait_for 20 userdel $1; rm -rf '$WORK'" EXIT # what still ends is waited for
	fi
	mkdir ranger
	chown "$1:" ranger
	cat >as_ranger <<-EOF
		#!/bin/sh
		exec setpriv --reuid=$1 --regid=$1 --init-groups env HOME="$WORK/ranger" "\$@"
	EOF
	chmod 755 as_ranger
}

# The last line of every script.
done_testing() {
	echo "1..$tests"
	[ "$failures" = 0 ]
	exit $?
}

# run COMMAND...: sets $OUT, $ERR and $RC; standard input is empty
run() {
	run_with /dev/null "$@"
}

# run_with FILE COMMAND...: the same with FILE as standard input
run_with() {
	input=$1
	shift
	RC=0
	timeout 300 "$@" <"$input" >"$WORK/.out" 2>"$WORK/.err" || RC=$?
	OUT=$(cat "$WORK/.out")
	ERR=$(cat "$WORK/.err")
}

# gives NAME STATUS STDOUT COMMAND...: the command ends with STATUS and writes STDOUT, and nothing on standard error
gives() {
	name=$1 status=$2 output=$3
	shift 3
	run "$@"
	[ "$RC" = "$status" ] && [ "$OUT" = "$output" ] && [ -z "$ERR" ]
	ok $? "$name" && return
	tell "command: $*
got:  status $RC, output: $OUT
want: status $status, output: $output
on standard error: $ERR"
	return 1
}

# fails NAME STATUS REGEX COMMAND...: the command ends with STATUS and says why in one line that matches REGEX, with no output.
# A hint of what to do may follow it in a second line.
fails() {
	name=$1 status=$2 regex=$3
	shift 3
	run "$@"
	lines=$(printf '%s\n' "$ERR" | grep -c '^sandbox: ')
	hints=$(printf '%s\n' "$ERR" | grep -vc '^sandbox: ')
	[ "$RC" = "$status" ] && [ -z "$OUT" ] && [ "$lines" = 1 ] && [ "$hints" -le 1 ] &&
		printf '%s\n' "$ERR" | head -n 1 | grep -Eq -- "^sandbox: .*($regex)"
	ok $? "$name" && return
	tell "command: $*
got:  status $RC, output: $OUT, on standard error: $ERR
want: status $status, one line that matches: $regex"
	return 1
}

# wait_for SECONDS COMMAND...: until the command succeeds; fails when the time is over
wait_for() {
	tries=$(($1 * 20))
	shift
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.05
	done
}

# as_user COMMAND...: as the unprivileged user, where the script runs as root
as_user() {
	if [ "$(id -u)" = 0 ] && [ "$MODE" = root ]; then
		setpriv --reuid="$TEST_USER" --regid="$(id -g "$TEST_USER")" --init-groups "$@"
	else
		"$@"
	fi
}

# processes TEXT: the numbers of the processes that have TEXT in their command line
processes() {
	printf '%s\n' "$1" >"$WORK/.text" # grep's own command line shall not have it
	grep -alFf "$WORK/.text" /proc/[0-9]*/cmdline 2>/dev/null | cut -d/ -f3
}

# gone TEXT: no such process is left
gone() {
	[ -z "$(processes "$1")" ]
}

# store_is_clean: nothing half-made is left in the store
store_is_clean() {
	[ -z "$(ls -A "$STORE/staging" 2>/dev/null)" ] && [ -z "$(ls -A "$STORE/runs" 2>/dev/null)" ]
}

# judge_rows FILE: one check for each row of a table of name, verdict, status, output, standard error and remark, as tests/cases/judge.py
# writes it, and ../shared/cases/check_cases.py
judge_rows() {
	tail -n +2 "$1" 2>/dev/null | tr '\t' '\037' >"$WORK/.rows" # an empty column counts, which it does not between tabs
	while IFS=$(printf '\037') read -r name verdict status output error remark; do
		case $verdict in
		pass*) ok 0 "$name" ;;
		skip) skip "$name" "${remark:-the judge skipped it}" ;;
		*) ok 1 "$name" || tell "status $status, output: $output, on standard error: $error; $remark" ;;
		esac
	done <"$WORK/.rows"
	[ -s "$WORK/.rows" ]
	ok $? 'the judge came to its end' || tell "$(cat "$WORK/log")"
}
