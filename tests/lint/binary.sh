#!/bin/sh
# binary: is the linked file what a user may copy anywhere?  Called by make: binary.sh STRIPPED WITH_SYMBOLS MAX_BYTES.
# $NM: the nm that reads files of its machine.
# No loader, no shared library, no executable stack, nothing both writable and executable, small,
# and none of the C library's functions in it that SECURITY.md says are not.
set -eu
export LC_ALL=C
file=$1 symbols=$2 max=$3
status=0

bad() {
	printf 'binary: %s: %s\n' "$file" "$*" >&2
	status=1
}

headers=$(readelf -lW "$file")
dynamic=$(readelf -dW "$file" 2>/dev/null)
has() { printf '%s\n' "$1" | grep -Eq "$2"; }

! has "$headers" '^ *INTERP' || bad 'asks for a loader'
! has "$dynamic" '\(NEEDED\)' || bad 'asks for a shared library'
! has "$dynamic" '\(TEXTREL\)' || bad 'would write to its own code to relocate it'
has "$headers" '^ *GNU_STACK .* RW +0x' || bad 'has an executable stack'
! has "$headers" '^ *LOAD .* RWE ' || bad 'has memory that is writable and executable'
has "$headers" '^ *GNU_RELRO ' || bad 'keeps its relocated data writable'

size=$(wc -c <"$file")
[ "$size" -le "$max" ] || bad "has $size bytes, over $max"

# Functions with published faults in the pinned versions, which SECURITY.md says are not linked; and ways out by a shell.
names=$("${NM:-nm}" "$symbols")
for name in iconv_open iconv crc32_combine crc32_combine64 crc32_combine_gen64 inflateCopy lzma_index_append lzma_alone_decoder \
	lzma_auto_decoder lzma_lzip_decoder lzma_microlzma_decoder lzma_stream_decoder_mt seccomp_init seccomp_load \
	seccomp_syscall_resolve_num_arch json_pack ZSTD_DCtx_refPrefix ZSTD_createDDict system popen dlopen; do
	! has "$names" " [TtWwiu] $name\$" || bad "has $name() linked in"
done
exit $status
