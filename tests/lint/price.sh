#!/bin/sh
# price: which part of the linked file is whose?  Called by `make price`: price.sh MAP FILE, the linker's map and the stripped file.
# One line each, "NAME BYTES": rooms as src/ROOM, libraries by name, `other` (headers, padding, what the linker makes), `total`.
# Strings that several files have are counted where the linker kept them.
set -eu
export LC_ALL=C

awk -v total="$(wc -c <"$2")" '
	/^Linker script and memory map/ { on = 1 }
	!on { next }
	# An output section begins a line; these are in memory or of the debugger only.
	/^[._a-zA-Z]/ { skip = $1 ~ /^\.(bss|tbss|debug|comment|symtab|strtab|shstrtab|gnu_debuglink)/ }
	skip { next }
	# " .text.name  0xADDRESS  0xSIZE  FILE", or the name on a line of its own
	/^ +[.A-Z*]/ && NF == 1 { next }
	{
		at = $1 ~ /^0x/ ? 1 : 2
		if ($at !~ /^0x/ || $(at + 1) !~ /^0x/ || NF < at + 2 || $1 == "*fill*")
			next
		file = $(at + 2)
		size = number(substr($(at + 1), 3))
		if (file ~ /\.a\(/) {
			sub(/\.a\(.*/, "", file)
			sub(/.*\/lib/, "", file)
		} else if (match(file, /(^|\/)obj\/[a-z_]+\//)) {
			file = substr(file, RSTART, RLENGTH - 1)
			sub(/.*\//, "src/", file)
		} else if (file ~ /(^|\/)obj\/main\.o$/) {
			file = "src/main.c"
		} else if (file ~ /crt[1in]?\.o$|crt(begin|end)[ST]?\.o$/) {
			file = "c"
		} else {
			next
		}
		bytes[file] += size
	}
	function number(hex,  i, n) {
		for (i = 1; i <= length(hex); i++)
			n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
		return n
	}
	END {
		other = total
		for (name in bytes) {
			other -= bytes[name]
			shown = name == "c" ? "musl" : name == "gcc" || name ~ /^src\// ? name : "lib" name
			printf "%s %d\n", shown, bytes[name]
		}
		printf "other %d\ntotal %d\n", other, total
	}' "$1" | sort -k 2,2nr
