# shellcheck shell=sh
# The single-threaded decoder of .xz; of its filters, those that tar archives are compressed with.  Without constructors it asks
# what the CPU has when it first wants to know, not at each start of the program: cpuid goes to the host of a virtual machine.
defines HAVE_STDBOOL_H HAVE_STDINT_H HAVE_INTTYPES_H HAVE_STDLIB_H HAVE_STRING_H HAVE_VISIBILITY \
	HAVE__BOOL HAVE___BUILTIN_ASSUME_ALIGNED HAVE___BUILTIN_BSWAPXX \
	HAVE_CHECK_CRC32 HAVE_CHECK_CRC64 HAVE_CHECK_SHA256 HAVE_DECODERS HAVE_DECODER_LZMA1 HAVE_DECODER_LZMA2 \
	HAVE_DECODER_DELTA HAVE_DECODER_X86 HAVE_DECODER_ARM HAVE_DECODER_ARMTHUMB HAVE_DECODER_ARM64 NDEBUG >config.h
case $("$host_cc" -dumpmachine) in
x86_64*) defines HAVE_CPUID_H HAVE_IMMINTRIN_H HAVE__MM_MOVEMASK_EPI8 HAVE_USABLE_CLMUL TUKLIB_FAST_UNALIGNED_ACCESS >>config.h ;;
aarch64*) defines HAVE_ARM64_CRC32 HAVE_GETAUXVAL TUKLIB_FAST_UNALIGNED_ACCESS >>config.h ;;
esac
cd src/liblzma
ARCHIVE_FLAGS='-DHAVE_CONFIG_H -DTUKLIB_SYMBOL_PREFIX=lzma_ -I../.. -I../common -Iapi -Icommon -Icheck -Ilz -Irangecoder
	-Ilzma -Idelta -Isimple' \
	archive lzma common/common.c common/block_decoder.c common/block_header_decoder.c common/block_util.c \
	common/filter_common.c common/filter_decoder.c common/filter_flags_decoder.c common/index_hash.c \
	common/stream_decoder.c common/stream_flags_common.c common/stream_flags_decoder.c common/vli_decoder.c \
	common/vli_size.c check/check.c check/crc32_fast.c check/crc64_fast.c check/sha256.c lz/lz_decoder.c \
	lzma/lzma2_decoder.c lzma/lzma_decoder.c delta/delta_common.c delta/delta_decoder.c simple/simple_coder.c \
	simple/simple_decoder.c simple/x86.c simple/arm.c simple/armthumb.c simple/arm64.c
cp -R api/lzma api/lzma.h "$prefix/include/"
