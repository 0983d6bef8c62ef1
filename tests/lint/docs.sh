#!/bin/sh
# docs: do the papers match the tree?
#   - src/ROOM/README has one line for each file of the room, and none for a file that is not there
#   - tests/README.md has a line for each file and folder of tests/, deps/README for those of deps/
#   - a path that a paper names exists: src/..., tests/..., docs/..., and room/file.c for a file of src/
#   - a link of a paper leads to a file, and its #part to a heading
#   - a `make TARGET` that a paper names is a target of the Makefile
#   - README.md has at most 150 lines; lines have at most 120 characters, in other papers tables aside
#   - a row of docs/compatibility.md that names a test, as `NAME` "WORDS", finds the words in it
#   - docs/manual.md is what `sandbox help` says, where build/sandbox is newer than src/
set -eu
export LC_ALL=C
cd "$(dirname "$0")/../.."
mkdir -p build
status=0
papers=$(find . -name '*.md' ! -path './build/*' ! -path './.git/*' | sed 's|^\./||' | sort)

bad() {
	printf 'docs: %s\n' "$*"
	status=1
}

# ---- the list of files in each room ----

for room in src/*/; do
	list=${room}README
	[ -f "$list" ] || { bad "$list is missing: src/util/README shows what it holds"; continue; }
	grep -q "^$(basename "$room")/ " src/README || bad "src/README: add a line for $room"
	grep -q '^May include: ' "$list" || bad "$list: add the line: May include: ROOM..."
	for file in "$room"*.[ch]; do
		case $file in *.h) [ ! -f "${file%.h}.c" ] || continue ;; esac
		name=$(basename "$file")
		grep -q "^$name " "$list" || bad "$list: add the line: $(printf '%-16s' "$name") $(sed -n '2s/^ \* [^:]*: *//p' "$file")"
	done
	for name in $(grep -oE '^[a-z0-9_]+\.[ch] ' "$list"); do
		[ -f "$room$name" ] || bad "$list: remove the line of $name: there is no such file"
	done
done
for name in $(grep -oE '^[a-z]+/ ' src/README); do
	[ -d "src/$name" ] || bad "src/README: remove the line of $name: there is no such room"
done

for file in tests/*; do
	name=$(basename "$file")
	[ ! -d "$file" ] || name=$name/
	case $name in README.md | __pycache__/) continue ;; esac
	grep -qF "\`$name\`" tests/README.md || bad "tests/README.md: add a line for \`$name\`"
done

for file in deps/*; do
	name=$(basename "$file")
	[ "$name" = README ] || grep -q "^$name[ /]" deps/README || bad "deps/README: add a line for $name"
done

# ---- paths and links ----

rooms=$(find src -mindepth 1 -maxdepth 1 -type d | sed 's|^src/||' | sort | tr '\n' '|')
for paper in $papers; do
	grep -oE "(^|[^A-Za-z0-9_./-])(src|tests|docs|deps|rootfs-examples|${rooms%|})/[A-Za-z0-9_./-]+[A-Za-z0-9_/]" "$paper" |
		sed 's|^[^a-z]*||' | { grep -Ev '/(ROOM|FILE|NAME|ID|KEY)' || :; } | sort -u |
		while read -r path; do
			[ -e "$path" ] || [ -e "src/$path" ] || [ -e "$(dirname "$paper")/$path" ] || echo "$path"
		done >build/docs.missing
	while read -r path; do
		bad "$paper: names $path, which is not there"
	done <build/docs.missing
	# A heading's name in a link: lower case, blanks become hyphens, punctuation goes.
	grep -oE '\]\([^)]+\)' "$paper" | sed 's/^](//; s/)$//' | { grep -v '://' || :; } | sort -u >build/docs.links
	while read -r link; do
		target=${link%%#*}
		file=$paper
		[ -z "$target" ] || file=$(dirname "$paper")/$target
		[ -e "$file" ] || { bad "$paper: the link $link leads nowhere"; continue; }
		case $link in
		*'#'*)
			sed -n 's/^##* //p' "$file" | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9\n_-' | grep -qxF "${link#*#}" ||
				bad "$paper: the link $link: no such heading"
			;;
		esac
	done <build/docs.links
done
rm -f build/docs.missing build/docs.links

# ---- what holds a row ----

grep -oE '`[a-z0-9/_]+` "[^"]+"' docs/compatibility.md | sort -u >build/docs.rows
while read -r row; do
	name=${row#?} words=${row#*\"}
	name=${name%%\`*} words=${words%\"}
	found=no
	for file in "tests/e2e/$name.sh" "tests/$name".* tests/*/"$name".* "tests/$name"/*.py; do
		[ ! -f "$file" ] || ! grep -qF -- "$words" "$file" || found=yes
	done
	[ $found = yes ] || bad "docs/compatibility.md: no test $name has the words: $words"
done <build/docs.rows
rm -f build/docs.rows

# ---- targets, lengths, the manual ----

for target in $(grep -ohE '(`|^)make [a-z][^`#&;]*' $papers | cut -d ' ' -f 2- | tr ' ' '\n' | grep -E '^[a-z0-9-]+$' | sort -u); do
	grep -qE "^\.PHONY:.* $target( |\$)|^$target:" Makefile || bad "there is no target $target that a paper names: make $target"
done
[ "$(wc -l <README.md)" -le 150 ] || bad "README.md: over 150 lines"
too_long() {
	LC_ALL=C.UTF-8 awk -v tables="$1" 'length > 120 && (tables || !/^\|/) && !/^<!--/ { print FILENAME ":" FNR ": over 120 characters" }' "$2"
}
for paper in README.md CONTRIBUTING.md CHANGELOG.md .github/SECURITY.md docs/*.md tests/README.md; do
	case $paper in README.md) long=$(too_long 1 "$paper") ;; *) long=$(too_long '' "$paper") ;; esac
	[ -z "$long" ] || bad "$long"
done
if [ -x build/sandbox ] && [ -z "$(find src -name '*.[ch]' -newer build/sandbox)" ]; then
	sh docs/manual.sh --check || status=1
fi
exit $status
