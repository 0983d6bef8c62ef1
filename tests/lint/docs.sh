#!/bin/sh
# docs: the README's tour of src/ against the tree.  Each .c file is named (as src/room/file.c or room/file.c), each
# header that has no .c beside it too, and every src/ or room/ file that the README names exists.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/../.."
status=0

bad() {
	printf 'docs: README.md: %s\n' "$*"
	status=1
}

rooms=$(find src -mindepth 1 -maxdepth 1 -type d | sed 's|^src/||' | sort | tr '\n' '|')
named=$(grep -oE "(src/)?(${rooms%|})/[a-z0-9_]+\.[ch]|src/[a-z0-9_]+\.[ch]" README.md | sed 's|^src/||' | sort -u)

for file in $(find src -name '*.[ch]' | sed 's|^src/||' | sort); do
	case $file in *.h) [ ! -f "src/${file%.h}.c" ] || continue ;; esac
	printf '%s\n' "$named" | grep -qxF "$file" || bad "the tour lacks src/$file"
done
for file in $named; do
	[ -f "src/$file" ] || bad "names src/$file, which is not there"
done
exit $status
