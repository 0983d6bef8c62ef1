# shellcheck shell=sh
# The inflate of igzip, and nothing of its deflate.  The inner loop is written for nasm on x86-64, for aarch64, and in C too:
# that is what other machines get, and the sanitizers, which see into it.
# The decoding tables of a fixed block, and of the one dynamic header that igzip itself writes, are computed when they are first
# needed (NO_STATIC_INFLATE_H), not stored: 42 KB.  Those of the fixed block are kept, since some writers end each piece with one.
cat >sandbox.h <<-'END'
	#ifndef __ASSEMBLER__
	#include <string.h>
	#include "igzip_lib.h"

	static inline int sandbox_fixed(struct inflate_state *state, int (*compute)(struct inflate_state *))
	{
		static struct inflate_huff_code_large lit;
		static struct inflate_huff_code_small dist;
		static int made; /* 1: somebody is at it, 2: done */
		int none = 0;

		if (state->hist_bits) /* the tables depend on it */
			return compute(state);
		if (__atomic_load_n(&made, __ATOMIC_ACQUIRE) == 2) {
			memcpy(&state->lit_huff_code, &lit, sizeof(lit));
			memcpy(&state->dist_huff_code, &dist, sizeof(dist));
			state->block_state = ISAL_BLOCK_CODED;
			return 0;
		}
		(void)compute(state);
		if (__atomic_compare_exchange_n(&made, &none, 1, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
			lit = state->lit_huff_code;
			dist = state->dist_huff_code;
			__atomic_store_n(&made, 2, __ATOMIC_RELEASE);
		}
		return 0;
	}
	#endif
END
edit igzip/igzip_inflate.c 1 's/ret = setup_static_header(state)/ret = sandbox_fixed(state, setup_static_header)/'
# What igzip.c, the compressor, would bring; the checksum is liblzma's, which uses the CPU's instructions everywhere.
cat >sandbox.c <<-'END'
	#include <stdlib.h>
	#include <string.h>
	#include "igzip_lib.h"

	uint32_t lzma_crc32(const uint8_t *buf, size_t size, uint32_t crc);
	uint32_t crc32_gzip_refl(uint32_t crc, const unsigned char *buf, uint64_t len);
	uint32_t isal_adler32_bam1(uint32_t adler, const unsigned char *buf, uint64_t len);

	uint32_t crc32_gzip_refl(uint32_t crc, const unsigned char *buf, uint64_t len)
	{
		return lzma_crc32(buf, len, crc);
	}

	/* of zlib's framing, which nobody asks for */
	uint32_t isal_adler32_bam1(uint32_t adler, const unsigned char *buf, uint64_t len)
	{
		(void)adler, (void)buf, (void)len;
		abort();
	}

	void isal_gzip_header_init(struct isal_gzip_header *h)
	{
		memset(h, 0, sizeof(*h));
	}

	void isal_zlib_header_init(struct isal_zlib_header *h)
	{
		memset(h, 0, sizeof(*h));
	}
END
set -- sandbox.c igzip/igzip_inflate.c
inner=-Ddecode_huffman_code_block_stateless=decode_huffman_code_block_stateless_base
case $("$host_cc" -dumpmachine)$cc in
x86_64*/musl-gcc)
	inner=
	set -- "$@" igzip/igzip_decode_block_stateless_01.asm igzip/igzip_decode_block_stateless_04.asm \
		igzip/igzip_inflate_multibinary.asm igzip/rfc1951_lookup.asm
	;;
aarch64*/musl-gcc)
	# isa-l's issue 316: a flag is read together with the 32 bits behind it, so that a block that ends where the output is full
	# is taken for the last.
	edit igzip/aarch64/igzip_decode_huffman_code_block_aarch64.S 3 \
		's/\(declare_generic_reg[[:blank:]]*bfinal,[[:blank:]]*22\),x/\1,w/; s/w_bfinal/bfinal/'
	inner='-D__ASSEMBLY__ -Iigzip/aarch64
		-Ddecode_huffman_code_block_stateless=decode_huffman_code_block_stateless_aarch64'
	set -- "$@" igzip/aarch64/igzip_decode_huffman_code_block_aarch64.S
	;;
esac
ARCHIVE_FLAGS="-Iinclude -Iigzip -DNO_STATIC_INFLATE_H -include sandbox.h $inner" archive isal "$@"
cp include/igzip_lib.h "$prefix/include/"
