# shellcheck shell=sh
# Its own configure: it chooses among assembler files, and writes them with m4.
set --
# Where its own switch is used (32-bit ARM), no constructor, as for xz; fat-setup.h says that the functions then find their
# versions when they are first called.
edit fat-setup.h 1 's/^# define CONSTRUCTOR __attribute__.*/# define CONSTRUCTOR/'
[ -z "$tools" ] || set -- --host="${tools%-}"
# LeakSanitizer would make configure's own test programs fail; so would musl's loader, which is not installed.
ASAN_OPTIONS=detect_leaks=0 CC=$cc CFLAGS=$flags LDFLAGS=$link_flags AR=${tools}ar RANLIB=${tools}ranlib NM=${tools}nm \
	./configure --prefix="$prefix" --libdir="$prefix/lib" "$@" --disable-shared --enable-fat --disable-public-key \
	--disable-openssl --disable-documentation --disable-dependency-tracking
make -j "$jobs" libnettle.a
# SHA-256 and SHA-512 alone.  The library's own switch, which looks what the CPU has, names each version of each function that it
# has, so
# that the linker would take AES, SHA-1 and more: 25 KB.  This one knows only what is needed.
case $("$host_cc" -dumpmachine) in
x86_64*) plain=x86_64 fast=sha_ni ;;
aarch64*) plain=c fast=arm64 ;;
*) plain= fast= ;;
esac
mkdir -p .objects "$prefix/include/nettle"
cd .objects
"${tools}ar" x ../libnettle.a
set -- sha256*.o sha512.o sha512-compress.o write-be32.o
if [ -n "$fast" ]; then
	cat >switch.c <<-'END'
		#include <stddef.h>
		#include <stdint.h>

		typedef const uint8_t *compress_fn(uint32_t *state, const uint32_t *k, size_t blocks, const uint8_t *data);
		compress_fn PLAIN, FAST, _nettle_sha256_compress_n;

		#ifdef __x86_64__
		#include <cpuid.h>

		static int is_fast(void)
		{
			unsigned a, b, c, d;

			return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1u << 29);
		}
		#else
		#include <sys/auxv.h>

		static int is_fast(void)
		{
			return (getauxval(AT_HWCAP) & 1u << 6) != 0; /* HWCAP_SHA2 */
		}
		#endif

		/* Asked at the first call and not at each start of the program; that two threads ask does no harm. */
		const uint8_t *_nettle_sha256_compress_n(uint32_t *state, const uint32_t *k, size_t blocks, const uint8_t *data)
		{
			static compress_fn *chosen;
			compress_fn *f = __atomic_load_n(&chosen, __ATOMIC_RELAXED);

			if (!f) {
				f = is_fast() ? FAST : PLAIN;
				__atomic_store_n(&chosen, f, __ATOMIC_RELAXED);
			}
			return f(state, k, blocks, data);
		}
	END
	# shellcheck disable=SC2086 # lists
	$cc $flags -DPLAIN=_nettle_sha256_compress_n_$plain -DFAST=_nettle_sha256_compress_n_$fast -c switch.c
	set -- "$@" switch.o
else
	set -- ./*.o
fi
"${tools}ar" rcsD "$prefix/lib/libnettle.a" "$@"
cd ..
cp nettle-meta.h nettle-types.h version.h sha2.h "$prefix/include/nettle/"
