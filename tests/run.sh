#!/bin/sh
# Run the tests: the unit tests of build/unit and build/san/unit, and the end-to-end tests of tests/e2e.
# Usage: run.sh [unit|e2e|NAME...]     only one kind, or only the tests of these names, as `run.sh json errors`
# Needs build/sandbox.  The last line is `N passed, N failed, N skipped`.
#
# An end-to-end test runs three times: as root (where run.sh is), as an unprivileged user, and as that user inside
# `unshare -Ur`.  Its line `# modes:` names others: `outer` is root where run.sh is root, else the user.
# $MODES limits them, $UNITS the builds of the unit tests (unit san), $JOBS says how many tests run at once: one more than there are
# processors, since most wait now and then.  What each took of the processors is in build/test-times.tsv afterwards.
# $KILLS, $RUNS, $DIFF_COUNT, $DIFF_SEED, $FUZZ_SECONDS, FAULT=all, PAIRS=all,
# HOSTILE=all and VM=long make those tests longer; their first lines say what they mean.
# Touches a fresh directory that it removes, build/test-examples, build/vm and build/hpc; as root it adds the user sandbox-test, and lets
# everybody open /dev/net/tun meanwhile.
set -eu
tests=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$tests")
TOP=$top
[ -x "$top/build/sandbox" ] || { echo "$0: build/sandbox is missing: run ./build.sh first" >&2; exit 1; }

# What a machine may lack without the run being worthless.
ALLOWED_SKIPS='this kernel has no
this CPU is not
'

# The unprivileged user gets no subordinate ids, as on a cluster.
TEST_USER=$(id -un)
if [ "$(id -u)" = 0 ]; then
	TEST_USER=sandbox-test
	id $TEST_USER >/dev/null 2>&1 || useradd --system --no-create-home --shell /bin/sh --user-group $TEST_USER
fi

# Everything that the unprivileged user needs lies in a directory that it can reach; the checkout may be out of its reach.
STAGE=$(mktemp -d "${TMPDIR:-/tmp}/sandbox-tests.XXXXXX")
: "${SHARED:=$top/../shared}"
VM_CACHE=$top/build/vm
export TOP STAGE SHARED VM_CACHE TEST_USER ALLOWED_SKIPS
example_jobs=
tun_mode=
clean_up() {
	[ -z "$example_jobs" ] || kill "$example_jobs" 2>/dev/null || true
	[ -z "$tun_mode" ] || chmod "$tun_mode" /dev/net/tun
	chmod -R u+rwX "$STAGE" 2>/dev/null || true
	rm -rf "$STAGE"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
# Everybody may open it where udev has made it; without udev only root may.
if [ "$(id -u)" = 0 ] && [ -c /dev/net/tun ]; then
	tun_mode=$(stat -c %a /dev/net/tun)
	chmod 666 /dev/net/tun
fi
chmod 755 "$STAGE"
mkdir "$STAGE/bin" "$STAGE/t" "$STAGE/times" "$STAGE/tap" "$STAGE/work" "$STAGE/examples"
chmod 1777 "$STAGE/work" "$STAGE/tap" "$STAGE/examples"
cp "$top/build/sandbox" "$STAGE/bin/"
[ ! -d "$top/build/tests" ] || cp -R "$top/build/tests" "$STAGE/helpers"
mkdir "$STAGE/fuzz"
[ ! -d "$top/build/fuzz" ] || find "$top/build/fuzz" -maxdepth 1 -type f -perm -100 -exec cp {} "$STAGE/fuzz/" \;
for f in tests rootfs-examples docs README.md; do
	[ ! -e "$top/$f" ] || cp -R "$top/$f" "$STAGE/"
done
chmod -R go+rX "$STAGE/tests" "$STAGE/rootfs-examples"
sh "$tests/make_images.sh" "$STAGE/images"

# wanted KIND NAME: is this test among those asked for
wanted() {
	case " ${only:-$1} " in
	*" $1 "* | *" $2 "*) return 0 ;;
	esac
	return 1
}

# add MODE FILE: a link whose folder tells launch.sh the mode
add() {
	mkdir -p "$STAGE/t/$1"
	ln -s "$2" "$STAGE/t/$1/$(basename "$2")"
}

# modes FILE: those in which to run it
modes() {
	said=$(sed -n 's/^# modes: //p' "$1")
	for mode in ${said:-root user nested}; do
		[ "$mode" != outer ] || { [ "$(id -u)" = 0 ] && mode=root || mode=user; }
		[ "$mode" != root ] || [ "$(id -u)" = 0 ] || continue
		[ -z "${MODES:-}" ] || case " $MODES " in *" $mode "*) ;; *) continue ;; esac
		echo "$mode"
	done
}

only=$*
for kind in ${UNITS:-unit san}; do
	from=$top/build/$kind
	[ $kind = unit ] || from=$top/build/san/unit
	mkdir -p "$STAGE/bin/$kind"
	for f in "$from"/*; do
		{ [ -f "$f" ] && [ -x "$f" ]; } || continue
		wanted unit "$(basename "$f")" || continue
		cp "$f" "$STAGE/bin/$kind/"
		add $kind "$STAGE/bin/$kind/$(basename "$f")"
	done
done
for f in "$STAGE"/tests/e2e/*.sh; do
	wanted e2e "$(basename "$f" .sh)" || continue
	for mode in $(modes "$f"); do
		add "$mode" "$f"
	done
done
if [ -e "$STAGE/t/user/examples.sh" ] || [ -e "$STAGE/t/user/packages.sh" ]; then
	sh "$tests/make_examples.sh" "$top/build" >"$STAGE/examples/log" 2>&1 &
	example_jobs=$!
fi
# The longest first, so that all processors are busy to the end.
(cd "$STAGE/t" && find . -mindepth 2) | sed 's,^\./,,' | sort | awk '
	BEGIN { for (n = split("fuzz vm slurm diff hostile many fault doctor foreign kill examples packages", long, " "); n > 0; n--) rank[long[n] ".sh"] = n }
	{ name = $0; sub(".*/", "", name); print (name in rank ? rank[name] : 99), $0 }' | sort -s -n -k 1,1 | cut -d" " -f2 >"$STAGE/list"
[ -s "$STAGE/list" ] || { echo "$0: no such tests: $only" >&2; exit 1; }

status=0
cd "$STAGE/t"
began=$(date +%s)
prove --timer --jobs "${JOBS:-$(($(nproc) + 1))}" --exec "sh $STAGE/tests/launch.sh" - <"$STAGE/list" || status=$?
seconds=$(($(date +%s) - began))

# The processor time of each test, the longest first: build/test-times.tsv.
cd "$STAGE/times"
awk '
	function seconds(time) { split(time, part, "[ms]"); return part[1] * 60 + part[2] }
	FNR == 2 { name = FILENAME; sub("[.]", "/", name); printf "%.1f\t%s\n", seconds($1) + seconds($2), name }
' * | sort -rn >"$top/build/test-times.tsv"
awk -v wall=$seconds '{ sum += $1 } END { printf "# %d seconds, %d seconds of processors: build/test-times.tsv\n", wall, sum }' "$top/build/test-times.tsv"
cd "$STAGE/tap"

# What failed, with the comments below it, and what was left out.
awk '
	/^not ok/ { if (FILENAME != told) print "\n" substr(FILENAME, 3); told = FILENAME; print; show = 1; next }
	/^#/ { if (show) print; next }
	{ show = 0 }
	/# SKIP/ { skips[++n] = substr(FILENAME, 3) ": " $0 }
	END { for (i = 1; i <= n; i++) print skips[i] }
' ./*

# A test program that ended early or said nothing counts as one failure.
counts=$(awk '
	function close_file() {
		if (file != "" && (plan < 0 || plan != seen))
			failed++
	}
	FNR == 1 { close_file(); file = FILENAME; plan = -1; seen = 0 }
	/^1\.\.0 # SKIP/ { plan = 0; skipped++; next }
	/^1\.\.[0-9]+/ { plan = substr($1, 4) + 0 }
	/^not ok/ { seen++; failed++ }
	/^ok/ { seen++; if (/# SKIP/) skipped++; else passed++ }
	END { close_file(); printf "%d %d %d", passed, failed, skipped }
' ./*)
empty=$(find . -type f -empty | wc -l)
read -r passed failed skipped <<END
$counts
END
failed=$((failed + empty))
[ "$status" = 0 ] || [ "$failed" -gt 0 ] || failed=1
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] || exit 1
