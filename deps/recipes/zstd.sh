# shellcheck shell=sh
# CVE-2026-124851: broken data can bring out what a buffer of the decompressor held before.  It begins as zeros, and each stream
# has its own.
edit lib/decompress/zstd_decompress.c 1 '/sizeof(\*dctx)/s/ZSTD_customMalloc/ZSTD_customCalloc/'
set -- lib/common/*.c lib/decompress/*.c
case $("$host_cc" -dumpmachine) in x86_64*) set -- "$@" lib/decompress/huf_decompress_amd64.S ;; esac
ARCHIVE_FLAGS='-DXXH_NAMESPACE=ZSTD_ -DZSTD_LEGACY_SUPPORT=0 -DDEBUGLEVEL=0' archive zstd "$@"
# The checksum of its frames is xxHash, which src/util/sum.c takes for itself.
cp lib/zstd.h lib/zstd_errors.h lib/common/xxhash.h "$prefix/include/"
