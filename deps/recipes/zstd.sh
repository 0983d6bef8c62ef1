# shellcheck shell=sh
set -- lib/common/*.c lib/decompress/*.c
case $("$host_cc" -dumpmachine) in x86_64*) set -- "$@" lib/decompress/huf_decompress_amd64.S ;; esac
ARCHIVE_FLAGS='-DXXH_NAMESPACE=ZSTD_ -DZSTD_LEGACY_SUPPORT=0 -DDEBUGLEVEL=0' archive zstd "$@"
# The checksum of its frames is xxHash, which src/util/sum.c takes for itself.
cp lib/zstd.h lib/zstd_errors.h lib/common/xxhash.h "$prefix/include/"
