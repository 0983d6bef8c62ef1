#!/bin/sh
# layers: does every include point the way the data flows?  Prints one line for each that does not.
# The README of each room of src/ says what the room may include.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/../.."

find src -name '*.[ch]' | sort | xargs awk '
	BEGIN {
		# room -> the rooms, or single headers, that it may include beside itself: the second line of its README
		while (("ls -d src/*/" | getline folder) > 0) {
			split(folder, part, "/")
			while ((getline line <(folder "README")) > 0)
				if (sub(/^May include: /, "", line))
					may[part[2]] = line
		}
		may["cli"] = may["main.c"] = may["cli"] " cli"
		# library -> the room or file that wraps it
		owner["jansson.h"] = "src/util/json.c"
		owner["yaml.h"] = "src/util/yaml.c"
		owner["nettle/"] = "src/util/"
		owner["archive.h"] = "src/unpack/ src/image/ src/util/tar_reader."
		owner["archive_entry.h"] = "src/unpack/ src/image/"
		owner["igzip_lib.h"] = owner["zstd.h"] = owner["lzma.h"] = owner["bzlib.h"] = "src/unpack/ src/util/"
		owner["seccomp.h"] = "src/seccomp/pack.c src/seccomp/gen.c"
	}
	function bad(text) {
		printf "layers: %s:%d: %s\n", FILENAME, FNR, text
		status = 1
	}
	FNR == 1 {
		split(FILENAME, part, "/")
		room = part[2]
		if (!(room in may))
			bad("no such room: " room)
	}
	/^[ \t]*#[ \t]*include[ \t]*"/ {
		split($0, quoted, "\"")
		header = quoted[2]
		if (header == "seccomp_default.h") {
			if (room != "seccomp")
				bad("only seccomp/ may include " header)
			next
		}
		n = split(header, piece, "/")
		if (n != 2) {
			bad("write \"room/file.h\", not \"" header "\"")
			next
		}
		if (piece[1] == room || index(" " may[room] " ", " " piece[1] " ") || index(" " may[room] " ", " " header " "))
			next
		bad(room " may not include " header)
	}
	/^[ \t]*#[ \t]*include[ \t]*</ {
		header = $0
		sub(/^[^<]*</, "", header)
		sub(/>.*/, "", header)
		for (library in owner) {
			if (library != header && !(library ~ /\/$/ && index(header, library) == 1))
				continue
			ok = 0
			n = split(owner[library], place, " ")
			for (i = 1; i <= n; i++)
				if (index(FILENAME, place[i]) == 1)
					ok = 1
			if (!ok)
				bad("<" header "> is wrapped by " owner[library] ": use that")
		}
	}
	# Printing is for cli/: the rooms return errors, and log.c writes notes.
	room != "cli" && room != "main.c" && FILENAME != "src/util/log.c" && FILENAME != "src/seccomp/gen.c" &&
	/(^|[^a-z_])(v?printf|puts|perror|v?dprintf|putchar)[ \t]*\(|stderr|stdout/ && !/^[ \t]*(\/?\*|\/\/)/ && !/__attribute__/ {
		line = $0
		gsub(/\/\*.*\*\//, "", line)
		gsub(/"[^"]*"/, "", line)
		if (line ~ /(^|[^a-z_])(v?printf|puts|perror|v?dprintf|putchar)[ \t]*\(|stderr|stdout/)
			bad("only cli/ and log print")
	}
	/(^|[^a-z_])goto[ \t]+[a-z_]+;/ { bad("goto") }
	END { exit status }
'
