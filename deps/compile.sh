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
