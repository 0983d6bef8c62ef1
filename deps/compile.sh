# shellcheck shell=sh
# compile: what the recipes share.  Sourced by build.sh before a recipe.

# archive NAME FILE...: compile the C and assembler files into $prefix/lib/libNAME.a.
archive() {
	archive_name=$1
	shift
	mkdir -p .objects
	# shellcheck disable=SC2016 # for the inner shell
	printf '%s\n' "$@" | xargs -n 1 -P "$jobs" sh -ec '
		file=$(basename "$1")
		object=.objects/${file%.*}.o
		case $file in
		*.asm) exec nasm -f elf64 -Iinclude/ -Iigzip/ -o "$object" "$1" ;;
		*) exec $cc $flags $ARCHIVE_FLAGS -c -o "$object" "$1" ;;
		esac' compile
	objects=
	for source in "$@"; do
		object=$(basename "$source")
		objects="$objects .objects/${object%.*}.o"
	done
	rm -f "lib$archive_name.a"
	# shellcheck disable=SC2086 # a list
	"${tools}ar" rcsD "$prefix/lib/lib$archive_name.a" $objects
}

# defines MACRO...: each as 1, for the libraries that expect a configure script to have written them down.
defines() { printf '#define %s 1\n' "$@"; }

# edit FILE LINES SCRIPT: change as many lines of a source by sed(1); another number means that it is not what the recipe was
# written for.
edit() {
	sed "$3" "$1" >"$1.edited"
	[ "$(diff "$1" "$1.edited" | grep -c '^>')" = "$2" ] || die "$1 is not as expected"
	mv "$1.edited" "$1"
}
