#!/bin/sh
# manual: writes the reference at the end of docs/manual.md from what `sandbox help` prints.
# Usage: docs/manual.sh [--check]     --check: writes nothing, ends with status 1 where the page is out of date
# $SANDBOX: the program to ask (build/sandbox).  Touches docs/manual.md.
set -eu
cd "$(dirname "$0")"
: "${SANDBOX:=../build/sandbox}"
mark='<!-- From here on docs/manual.sh writes this page: change the option tables in src/cli, then run `make manual`. -->'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The last paragraph is the same for every verb: it is shown once.
"$SANDBOX" help wait | awk -v RS= '{ last = $0 } END { print last }' >"$work/everywhere"
fence() { printf '```text\n%s\n```\n' "$(cat)"; }

{
	sed "/^<!-- From here on/,\$d" manual.md
	printf '%s\n\n## Reference\n\n' "$mark"
	"$SANDBOX" help | fence
	printf '\n### Options of every verb\n\n'
	tail -n +2 "$work/everywhere" | fence
	for verb in $("$SANDBOX" help | sed -n 's/^  sandbox \([a-z]*\) .*/\1/p'); do
		printf '\n### sandbox %s\n\n' "$verb"
		"$SANDBOX" help "$verb" | everywhere=$(cat "$work/everywhere") awk -v RS= -v ORS= '
			$0 != ENVIRON["everywhere"] { print (NR > 1 ? "\n\n" : "") $0 }
			END { print "\n" }' | fence
	done
} >"$work/manual.md"

if [ "${1:-}" = --check ]; then
	cmp -s "$work/manual.md" manual.md || { echo 'docs/manual.md is not what sandbox help says: run make manual' >&2; exit 1; }
elif ! cmp -s "$work/manual.md" manual.md; then
	cat "$work/manual.md" >manual.md
fi
