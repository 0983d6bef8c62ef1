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
# SHA-256 is nettle's, which is there anyway and uses the CPU's instructions.
cat >sandbox.c <<-'END'
	#include "check.h"

	void nettle_sha256_compress(uint32_t *state, const uint8_t *block);

	void lzma_sha256_init(lzma_check_state *check)
	{
		static const uint32_t first[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
			0x1f83d9ab, 0x5be0cd19 };

		memcpy(check->state.sha256.state, first, sizeof(first));
		check->state.sha256.size = 0;
	}

	void lzma_sha256_update(const uint8_t *buf, size_t size, lzma_check_state *check)
	{
		while (size > 0) {
			size_t at = check->state.sha256.size & 63, n = size < 64 - at ? size : 64 - at;

			memcpy(check->buffer.u8 + at, buf, n);
			check->state.sha256.size += n;
			buf += n;
			size -= n;
			if (at + n == 64)
				nettle_sha256_compress(check->state.sha256.state, check->buffer.u8);
		}
	}

	void lzma_sha256_finish(lzma_check_state *check)
	{
		static const uint8_t padding[64] = { 0x80 };
		uint64_t bits = check->state.sha256.size * 8;
		size_t at = check->state.sha256.size & 63;
		uint8_t length[8];

		for (int i = 0; i < 8; i++)
			length[i] = (uint8_t)(bits >> (56 - 8 * i));
		lzma_sha256_update(padding, (at < 56 ? 56 : 120) - at, check);
		lzma_sha256_update(length, sizeof(length), check);
		for (int i = 0; i < 8; i++)
			check->buffer.u32[i] = conv32be(check->state.sha256.state[i]);
	}
END
ARCHIVE_FLAGS='-DHAVE_CONFIG_H -DTUKLIB_SYMBOL_PREFIX=lzma_ -I../.. -I../common -Iapi -Icommon -Icheck -Ilz -Irangecoder
	-Ilzma -Idelta -Isimple' \
	archive lzma common/common.c common/block_decoder.c common/block_header_decoder.c common/block_util.c \
	common/filter_common.c common/filter_decoder.c common/filter_flags_decoder.c common/index_hash.c \
	common/stream_decoder.c common/stream_flags_common.c common/stream_flags_decoder.c common/vli_decoder.c \
	common/vli_size.c check/check.c check/crc32_fast.c check/crc64_fast.c sandbox.c lz/lz_decoder.c \
	lzma/lzma2_decoder.c lzma/lzma_decoder.c delta/delta_common.c delta/delta_decoder.c simple/simple_coder.c \
	simple/simple_decoder.c simple/x86.c simple/arm.c simple/armthumb.c simple/arm64.c
cp -R api/lzma api/lzma.h "$prefix/include/"
