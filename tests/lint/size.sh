#!/bin/sh
# size: functions of at most 60 lines, files of at most 400, rooms within their budgets.
# Tables (an initializer of a const array, from its `= {` to its `};`) do not count; nor, in a room's sum, do
# comments and blank lines; seccomp_gen.c is no part of what is built from src/.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/../.."

find src -name '*.[ch]' ! -name seccomp_gen.c | sort | xargs awk '
	BEGIN {
		budget["util"] = 2150; budget["image"] = 1500; budget["unpack"] = 3110; budget["store"] = 4150
		budget["plan"] = 2500; budget["runtime"] = 6450; budget["cli"] = 3900; budget["main.c"] = 400
	}
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
			if (code[room] > budget[room])
				bad("src/" room, "has " code[room] " lines of code: over " budget[room])
			if (ENVIRON["VERBOSE"] != "")
				printf "size: src/%-8s %5d of %d lines of code\n", room, code[room], budget[room]
		}
		if (ENVIRON["VERBOSE"] != "")
			printf "size: src/         %5d\n", all
		exit status
	}
'
