#!/bin/sh
# size: functions of at most 60 lines, files of at most 400.
# Tables (an initializer of a const array, from its `= {` to its `};`) do not count; nor, in a room's sum, do
# comments and blank lines; seccomp/gen.c is no part of what is built from src/.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/../.."

find src -name '*.[ch]' ! -path src/seccomp/gen.c | sort | xargs awk '
	function finish() {
		if (name != "" && lines > 400)
			bad(name, "has " lines " lines, tables left out: over 400")
	}
	function bad(where, text) {
		printf "size: %s: %s\n", where, text
		status = 1
	}
	FNR == 1 {
		finish()
		name = FILENAME
		lines = 0
		table = start = comment = 0
		split(FILENAME, part, "/")
		room = part[2]
	}
	/^[a-z].*= \{$/ { table = 1 }
	table { if (/^};/) table = 0; next }
	{ lines++ }
	# A function: its body opens and closes at the left edge.
	/^\{$/ { start = FNR; next_to = head }
	/^}/ && start {
		if (FNR - start + 1 > 60)
			bad(FILENAME ":" start, "a function of " FNR - start + 1 " lines: over 60: " next_to)
		start = 0
	}
	/^[a-z]/ { head = $0 }
	comment { if (/\*\//) comment = 0; next }
	/^[ \t]*\/\*/ { if (!/\*\//) comment = 1; next }
	/^[ \t]*(\/\/.*)?$/ { next }
	{ code[room]++ }
	END {
		finish()
		for (room in code) {
			all += code[room]
			if (ENVIRON["VERBOSE"] != "")
				printf "size: src/%-8s %5d lines of code\n", room, code[room]
		}
		if (ENVIRON["VERBOSE"] != "")
			printf "size: src/         %5d\n", all
		exit status
	}
'
