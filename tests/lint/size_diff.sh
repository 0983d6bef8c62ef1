#!/bin/sh
# size_diff: what a change costs: lines of code of each room of src/, and bytes of the binary by room and library, in the working tree
# and in another commit.  Called by `make size-diff`: size_diff.sh [BASE], by default main, or where that is what lies here, its parent.
# Information only: the limits are in size.sh and binary.sh.
# Builds BASE in a temporary folder with the libraries that are there; changes nothing of the working tree.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/../.."
top=$PWD
unset MAKEFLAGS MFLAGS MAKELEVEL # what make was called with is not for the other tree
command -v git >/dev/null && git rev-parse --quiet --git-dir >/dev/null || {
	echo 'size_diff: no history of commits here'
	exit 0
}
base=${1:-main}
git rev-parse --quiet --verify "$base^{commit}" >/dev/null || base=origin/$base
git rev-parse --quiet --verify "$base^{commit}" >/dev/null || base=HEAD
if [ "$(git rev-parse "$base")" = "$(git rev-parse HEAD)" ] && git diff --quiet HEAD -- src deps Makefile; then
	base=HEAD^
fi
commit=$(git rev-parse --quiet --verify --short "$base^{commit}") || {
	echo "size_diff: no commit to compare with: $base"
	exit 0
}

work=$(mktemp -d)
mkdir "$work/tree"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# lines TREE: `ROOM LINES`, without comments and blank lines, headers too, as cloc counts; and their sum as `total`
lines() {
	(cd "$1" && find src -name '*.[ch]' | sort | xargs awk '
		FNR == 1 { comment = 0; n = split(FILENAME, part, "/"); room = n > 2 ? "src/" part[2] : FILENAME }
		{
			line = $0
			code = 0
			while (line != "") {
				if (comment) {
					if (!(end = index(line, "*/")))
						break
					line = substr(line, end + 2)
					comment = 0
				} else if (match(line, /^[ \t]*\/\*/)) {
					line = substr(line, RLENGTH + 1)
					comment = 1
				} else if (line ~ /^[ \t]*(\/\/.*)?$/) {
					break
				} else if (match(line, /^"([^"\\]|\\.)*"/) || match(line, /^[^"\/]+/)) {
					code += substr(line, 1, RLENGTH) !~ /^[ \t]*$/
					line = substr(line, RLENGTH + 1)
				} else {
					code++
					line = substr(line, 2)
				}
			}
			sum[room] += code > 0
			all += code > 0
		}
		END { for (room in sum) print room, sum[room]; print "total", all }')
}

# bytes TREE: `NAME BYTES` as price.sh says it, of a tree that is built; without a map of the linker, of the whole file alone
bytes() {
	if [ -e "$1/build/sandbox.map" ]; then
		sh "$top/tests/lint/price.sh" "$1/build/sandbox.map" "$1/build/sandbox"
	else
		echo "total $(wc -c <"$1/build/sandbox")"
	fi
}

# build_base: the other commit, with the libraries of this tree where its recipes are the same; else it builds its own
build_base() {
	git archive "$commit" | tar -x -C "$work/tree"
	mkdir "$work/tree/build" "$work/tree/build/deps"
	[ ! -e build/sources ] || ln -s "$(realpath build/sources)" "$work/tree/build/sources"
	for made in build/deps/* build/deps/parts/*; do
		case ${made##*/} in current* | parts) continue ;; esac
		mkdir -p "$work/tree/$(dirname "$made")"
		ln -s "$(realpath "$made")" "$work/tree/$made"
	done
	(
		cd "$work/tree"
		builder=./deps/build.sh
		[ -x $builder ] || builder=./.dependencies.sh
		$builder build current && make --no-print-directory -s -j "$(nproc)" build/sandbox
	) >"$work/log" 2>&1 </dev/null
}

# compare TITLE BASE HERE: two tables side by side, and what differs
compare() {
	printf '%-20s %10s %10s %8s\n' "$1" "$commit" here change
	awk '
		FNR == NR { before[$1] = $2; seen[$1] = 1; next }
		{ after[$1] = $2; seen[$1] = 1 }
		END {
			# Before there was a map of the linker only the sum is known.
			for (name in seen) {
				if (length(before) == 1 && name != "total")
					continue
				change = after[name] - before[name]
				printf "%-20s %10d %10d %8s\n", name, before[name], after[name], change ? sprintf("%+d", change) : ""
			}
		}' "$2" "$3" | sort | awk '$1 == "total" { total = $0; next } { print } END { print total }'
}

make --no-print-directory -s build/sandbox
lines . >"$work/lines.here"
bytes . >"$work/bytes.here"
if ! build_base; then
	echo "size_diff: $commit cannot be built here:"
	tail -n 5 "$work/log"
	exit 0
fi
lines "$work/tree" >"$work/lines.base"
bytes "$work/tree" >"$work/bytes.base"
compare 'lines of code' "$work/lines.base" "$work/lines.here"
echo
compare 'bytes' "$work/bytes.base" "$work/bytes.here"
