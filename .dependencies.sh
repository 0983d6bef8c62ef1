#!/bin/sh
# dependencies: the pinned sources of .dependencies.tsv, fetched, checked and built into a private prefix.
# Called by build.sh and make; may touch build/ and the network, never the machine's own configuration.
#
#	.dependencies.sh hash FLAVOUR	print the name of the prefix that this table and recipe lead to
#	.dependencies.sh build FLAVOUR	make that prefix, and let build/deps/FLAVOUR point at it
#	.dependencies.sh fetch DIR	put every source into DIR, for a machine without a network
#
# FLAVOUR is `current` (musl, what users get), `current-san` (the host's C library with AddressSanitizer, for the tests),
# or `current-TARGET` (musl for a machine of .targets.tsv).
set -eu
LC_ALL=C
export LC_ALL
unset CDPATH CFLAGS CPPFLAGS LDFLAGS MAKEFLAGS CONFIG_SITE
umask 022

top=$(cd "$(dirname "$0")" && pwd)
table=$top/.dependencies.tsv
build=$top/build
# The tools of the machine that is built for; a recipe gets them from the build that runs it.
host_cc=${TARGET_CC:-${HOSTCC:-gcc}}
tools=${TARGET_TOOLS:-}
jobs=$(nproc 2>/dev/null || echo 2)

say() { printf 'dependencies: %s\n' "$*" >&2; }
die() {
	say "$*"
	exit 1
}

# Column $2 (3 sums, 4 address, 5 Debian's name) of the line of $1; version_of NAME.
field() { awk -F '\t' -v name="$1" -v n="$2" '$1 == name { print $n }' "$table"; }
version_of() { field "$1" 2; }
names() { awk -F '\t' '!/^#/ { print $1 }' "$table"; }

# tools_of FLAVOUR: from here on, those of the target that it names.
tools_of() {
	case $1 in
	current | current-san) return 0 ;;
	esac
	tools=$(awk -F '\t' -v name="${1#current-}" '$1 == name { print $2 }' "$top/.targets.tsv")
	[ -n "$tools" ] || die "no such flavour: $1"
	host_cc=${tools}gcc
}

# A change of the table, of the recipe or of the compiler makes another prefix.
prefix_name() {
	tools_of "$1"
	hash=$({
		cat "$table" "$top/.dependencies.sh"
		"$host_cc" -dumpfullversion -dumpmachine
	} | sha256sum | cut -c 1-16)
	case $1 in
	current) printf '%s\n' "$hash" ;;
	*) printf '%s-%s\n' "$hash" "${1#current-}" ;;
	esac
}

# ---- sources ----

# Is the file one of the sums that the table has for the name?
is_pinned() {
	[ -f "$2" ] || return 1
	sum=$(sha256sum <"$2" | cut -d ' ' -f 1)
	case ,$(field "$1" 3), in *,"$sum",*) return 0 ;; esac
	return 1
}

have() { is_pinned "$1" "$sources/$1-$(version_of "$1").tar"; }
keep() { mv -f "$2" "$sources/$1-$(version_of "$1").tar"; }

missing() {
	for name in $(names); do
		have "$name" || printf '%s\n' "$name"
	done
}

from_distfiles() {
	for name in $(missing); do
		for file in "$SANDBOX_DISTFILES/$name-$(version_of "$name")".*; do
			is_pinned "$name" "$file" || continue
			cp "$file" "$sources/.$name.part"
			keep "$name" "$sources/.$name.part"
			break
		done
	done
}

# One address; a host that does not answer, or stalls, gives way within seconds.
download() {
	if command -v curl >/dev/null; then
		curl -fsSL --proto '=https' --proto-redir '=https' --connect-timeout 4 --speed-limit 1024 --speed-time 8 \
			--max-time 300 -o "$2" "$1" 2>/dev/null
	elif command -v wget >/dev/null; then
		wget -q --tries=1 --dns-timeout=4 --connect-timeout=4 --read-timeout=8 -O "$2" "$1" 2>/dev/null
	else
		return 1
	fi
}

# All at once, so that ten unreachable hosts cost no more than one.
from_upstream() {
	for name in $(missing); do
		{
			part=$sources/.$name.upstream
			if download "$(field "$name" 4)" "$part" && is_pinned "$name" "$part"; then
				keep "$name" "$part"
			fi
			rm -f "$part"
		} &
	done
	wait
}

# Where this machine gets Debian packages from, as "URI" lines: from one-line lists and deb822 files alike.
apt_mirrors() {
	# shellcheck disable=SC1091 # not ours
	codename=$(. /etc/os-release 2>/dev/null && printf '%s' "${VERSION_CODENAME:-}")
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ ! -f "$file" ] || sed -n 's/^[[:space:]]*deb[[:space:]]\{1,\}\(\[[^]]*\][[:space:]]*\)\{0,1\}//p' "$file"
	done | awk -v codename="$codename" '
		function suite(s) { return s == codename || s ~ /^(old)?stable$/ || s == "testing" || s == "unstable" || s == "sid" }
		suite($2) && / main( |$)/ { print $1 }'
	for file in /etc/apt/sources.list.d/*.sources; do
		[ ! -f "$file" ] || { cat "$file" && printf '\n'; }
	done | awk -v codename="$codename" '
		function suite(s) { return s == codename || s ~ /^(old)?stable$/ || s == "testing" || s == "unstable" || s == "sid" }
		function stanza(  n, i, s, u, ok) {
			n = split(value["suites"], s, " ")
			for (i = 1; i <= n; i++)
				if (suite(s[i]))
					ok = 1
			if (ok && (" " value["types"] " ") ~ / deb / && (" " value["components"] " ") ~ / main / && value["enabled"] != "no") {
				n = split(value["uris"], u, " ")
				for (i = 1; i <= n; i++)
					print u[i]
			}
			split("", value)
			key = ""
		}
		/^#/ { next }
		/^[ \t]*$/ { stanza(); next }
		/^[ \t]/ { value[key] = value[key] " " $0; next }
		{ i = index($0, ":"); key = tolower(substr($0, 1, i - 1)); value[key] = substr($0, i + 1); sub(/^[ \t]+/, "", value[key]) }
		END { stanza() }'
}

# apt-get or apt-cache with lists and cache of our own.  Unsigned is fine: the sums of the table decide.
apt_private() {
	tool=$1
	shift
	"$tool" -q -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User= \
		-o Acquire::Check-Valid-Until=false -o Acquire::Languages=none -o Acquire::Retries=1 \
		-o Acquire::http::Timeout=10 -o Acquire::https::Timeout=10 "$@"
}

# "version sum" of each original tarball that the lists know for a source package.
apt_versions() {
	apt_private apt-cache showsrc --only-source "$1" 2>/dev/null | awk '
		/^[^ ]/ { sums = 0 }
		/^Version:/ { version = $2 }
		/^Checksums-Sha256:/ { sums = 1 }
		sums && /^ / && $3 ~ /\.orig\.tar\.[a-z0-9]+$/ { print version, $1 }'
}

from_apt() {
	command -v apt-get >/dev/null || return 0
	[ -n "$(missing)" ] || return 0
	apt=$build/apt
	rm -rf "$apt"
	mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/files"
	apt_mirrors | sort -u | while read -r mirror; do
		for suite in trixie bookworm; do
			printf 'deb-src [trusted=yes] %s %s main\n' "$mirror" "$suite"
		done
	done >"$apt/sources.list"
	apt_private apt-get update >"$apt/log" 2>&1 || true
	for name in $(missing); do
		debian=$(field "$name" 5)
		apt_versions "$debian" | sort -u | while read -r version sum; do
			case ,$(field "$name" 3), in *,"$sum",*) ;; *) continue ;; esac
			rm -f "$apt"/files/*
			(cd "$apt/files" && apt_private apt-get source --only-source --download-only --tar-only "$debian=$version") \
				>>"$apt/log" 2>&1 </dev/null || true
			for file in "$apt"/files/*.orig.tar.*; do
				is_pinned "$name" "$file" || continue
				keep "$name" "$file"
				break 2
			done
		done
	done
}

fetch() {
	sources=$build/sources
	mkdir -p "$sources"
	[ -n "$(missing)" ] || return 0
	[ -z "${SANDBOX_DISTFILES:-}" ] || from_distfiles
	from_upstream
	from_apt
	for name in $(missing); do
		say "cannot get $name $(version_of "$name") (SHA-256 $(field "$name" 3)): not in SANDBOX_DISTFILES, not at $(field "$name" 4), not as a Debian source package"
	done
	[ -z "$(missing)" ] || die "put the files named above into a directory, as NAME-VERSION.tar.gz, and set SANDBOX_DISTFILES to it"
}

# ---- recipes ----
# Each runs in the unpacked source, with $cc, $flags, $link_flags and $prefix set, and names what it compiles.

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

# The whole C library, and a compiler wrapper that finds it and the kernel's headers.
recipe_musl() {
	CC=$host_cc CFLAGS=$flags ./configure --prefix="$prefix" --disable-shared --enable-wrapper=gcc
	make -j "$jobs" AR="${tools}ar" RANLIB="${tools}ranlib" ARFLAGS=rcD
	make install
	machine=$("$host_cc" -print-multiarch)
	for dir in linux asm asm-generic; do
		# The last that is there counts; Debian has those for another machine in a place of their own.
		for root in /usr/include "/usr/include/$machine" "/usr/$machine/include"; do
			[ ! -d "$root/$dir" ] || ln -sfn "$root/$dir" "$prefix/include/$dir"
		done
		[ -d "$prefix/include/$dir/." ] || die "no kernel headers (<$dir/...>): install linux-libc-dev"
	done
	# musl's wrapper knows -static only.  With -static-pie the file relocates itself (rcrt1.o) and names no loader.
	specs=$prefix/lib/musl-gcc.specs
	sed -e "s|%{!shared: $prefix/lib/Scrt1.o}|%{static-pie:$prefix/lib/rcrt1.o;!shared:$prefix/lib/Scrt1.o}|" \
		-e "s|%{static:-static}|%{static:-static} %{static-pie:-static -pie --no-dynamic-linker -z text}|" "$specs" >specs.new
	[ "$(grep -c -e 'rcrt1.o' -e 'no-dynamic-linker' specs.new)" = 2 ] || die "musl's wrapper is not as expected"
	mv specs.new "$specs"
}

# The inflate of igzip, and nothing of its deflate.  The inner loop is written for nasm on x86-64, for aarch64, and in C too:
# that is what other machines get, and the sanitizers, which see into it.
recipe_isa_l() {
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
	set -- sandbox.c igzip/igzip_inflate.c igzip/hufftables_c.c
	inner=-Ddecode_huffman_code_block_stateless=decode_huffman_code_block_stateless_base
	case $("$host_cc" -dumpmachine)$cc in
	x86_64*/musl-gcc)
		inner=
		set -- "$@" igzip/igzip_decode_block_stateless_01.asm igzip/igzip_decode_block_stateless_04.asm \
			igzip/igzip_inflate_multibinary.asm igzip/rfc1951_lookup.asm
		;;
	aarch64*/musl-gcc)
		inner='-D__ASSEMBLY__ -Iigzip/aarch64
			-Ddecode_huffman_code_block_stateless=decode_huffman_code_block_stateless_aarch64'
		set -- "$@" igzip/aarch64/igzip_decode_huffman_code_block_aarch64.S
		;;
	esac
	ARCHIVE_FLAGS="-Iinclude -Iigzip $inner" archive isal "$@"
	cp include/igzip_lib.h "$prefix/include/"
}

recipe_zstd() {
	set -- lib/common/*.c lib/decompress/*.c
	case $("$host_cc" -dumpmachine) in x86_64*) set -- "$@" lib/decompress/huf_decompress_amd64.S ;; esac
	ARCHIVE_FLAGS='-DXXH_NAMESPACE=ZSTD_ -DZSTD_LEGACY_SUPPORT=0 -DDEBUGLEVEL=0' archive zstd "$@"
	# The checksum of its frames is xxHash, which src/util/sum.c takes for itself.
	cp lib/zstd.h lib/zstd_errors.h lib/common/xxhash.h "$prefix/include/"
}

recipe_bzip2() {
	ARCHIVE_FLAGS='' archive bz2 blocksort.c bzlib.c compress.c crctable.c decompress.c huffman.c randtable.c
	cp bzlib.h "$prefix/include/"
}

# The single-threaded decoder of .xz; of its filters, those that tar archives are compressed with.  Without constructors it asks
# what the CPU has when it first wants to know, not at each start of the program: cpuid goes to the host of a virtual machine.
recipe_xz() {
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
}

# Its own configure: it chooses among assembler files, and writes them with m4.
recipe_nettle() {
	set --
	# As for xz; fat-setup.h says that the functions then find their versions when they are first called.
	sed -e 's/^# define CONSTRUCTOR __attribute__.*/# define CONSTRUCTOR/' fat-setup.h >fat-setup.new
	! cmp -s fat-setup.h fat-setup.new || die "nettle's fat-setup.h is not as expected"
	mv fat-setup.new fat-setup.h
	[ -z "$tools" ] || set -- --host="${tools%-}"
	# LeakSanitizer would make configure's own test programs fail; so would musl's loader, which is not installed.
	ASAN_OPTIONS=detect_leaks=0 CC=$cc CFLAGS=$flags LDFLAGS=$link_flags AR=${tools}ar RANLIB=${tools}ranlib NM=${tools}nm \
		./configure --prefix="$prefix" --libdir="$prefix/lib" "$@" --disable-shared --enable-fat --disable-public-key \
		--disable-openssl --disable-documentation --disable-dependency-tracking
	make -j "$jobs" libnettle.a
	mkdir -p .objects "$prefix/include/nettle"
	(cd .objects && "${tools}ar" x ../libnettle.a && "${tools}ar" rcsD "$prefix/lib/libnettle.a" ./*.o)
	cp nettle-meta.h nettle-types.h version.h sha2.h "$prefix/include/nettle/"
}

recipe_jansson() {
	sed -e 's/@json_inline@/inline/' -e 's/@json_have_[a-z_]*@/1/' src/jansson_config.h.in >src/jansson_config.h
	defines HAVE_STDINT_H HAVE_SYS_TYPES_H HAVE_UNISTD_H HAVE_FCNTL_H HAVE_SYS_TIME_H HAVE_LOCALE_H HAVE_LOCALECONV \
		HAVE_STRTOLL HAVE_GETPID HAVE_GETTIMEOFDAY HAVE_OPEN HAVE_READ HAVE_CLOSE HAVE_SCHED_YIELD \
		HAVE_ATOMIC_BUILTINS HAVE_SYNC_BUILTINS USE_URANDOM >src/jansson_private_config.h
	ARCHIVE_FLAGS='-Isrc -DHAVE_CONFIG_H -DINITIAL_HASHTABLE_ORDER=3' \
		archive jansson src/dump.c src/error.c src/hashtable.c src/hashtable_seed.c src/load.c src/memory.c \
		src/pack_unpack.c src/strbuffer.c src/strconv.c src/utf.c src/value.c src/version.c
	cp src/jansson.h src/jansson_config.h "$prefix/include/"
}

recipe_libseccomp() {
	defines HAVE_LINUX_SECCOMP_H >configure.h
	set --
	for file in src/*.c; do
		case $file in src/arch-syscall-dump.c) ;; *) set -- "$@" "$file" ;; esac
	done
	ARCHIVE_FLAGS='-I. -Iinclude -Isrc' archive seccomp "$@"
	cp include/seccomp.h include/seccomp-syscalls.h "$prefix/include/"
}

# Reading tar and nothing else: no filters (layers are decompressed before they get here), no iconv (names stay as they are).
recipe_libarchive() {
	{
		defines HAVE_DECL_INT32_MAX HAVE_DECL_INT32_MIN HAVE_DECL_INT64_MAX HAVE_DECL_INT64_MIN HAVE_DECL_INTMAX_MAX \
			HAVE_DECL_INTMAX_MIN HAVE_DECL_SIZE_MAX HAVE_DECL_SSIZE_MAX HAVE_DECL_UINT32_MAX HAVE_DECL_UINT64_MAX \
			HAVE_DECL_UINTMAX_MAX HAVE_EILSEQ HAVE_ERRNO_H HAVE_FCNTL HAVE_FCNTL_H \
			HAVE_INTTYPES_H HAVE_LANGINFO_H HAVE_LIMITS_H HAVE_LINUX_FS_H HAVE_LOCALE_H HAVE_MBRTOWC HAVE_MEMMOVE \
			HAVE_MKSTEMP HAVE_NL_LANGINFO HAVE_STDARG_H HAVE_STDINT_H HAVE_STDLIB_H HAVE_STRCHR HAVE_STRING_H HAVE_STRNLEN \
			HAVE_STRRCHR HAVE_STRUCT_STAT_ST_MTIM_TV_NSEC HAVE_SYS_STAT_H HAVE_SYS_TIME_H HAVE_SYS_TYPES_H HAVE_TIME_H \
			HAVE_UNISTD_H HAVE_WCHAR_H HAVE_WCRTOMB HAVE_WCSCMP HAVE_WCSCPY HAVE_WCSLEN HAVE_WCTOMB HAVE_WCTYPE_H \
			HAVE_WMEMCMP HAVE_WMEMCPY HAVE_WMEMMOVE HAVE_CTYPE_H HAVE_SIGNAL_H HAVE_POLL HAVE_POLL_H MAJOR_IN_SYSMACROS
		printf '#define SIZEOF_WCHAR_T __SIZEOF_WCHAR_T__\n#define SIZEOF_INT __SIZEOF_INT__\n#define SIZEOF_LONG __SIZEOF_LONG__\n'
	} >config.h
	set --
	for part in acl check_magic entry entry_copy_stat entry_sparse entry_stat entry_strmode entry_xattr options pack_dev \
		random rb read read_add_passphrase read_open_fd read_set_options read_support_filter_none read_support_format_empty \
		read_support_format_raw read_support_format_tar string string_sprintf util virtual; do
		set -- "$@" "libarchive/archive_$part.c"
	done
	ARCHIVE_FLAGS='-I. -DHAVE_CONFIG_H -D_FILE_OFFSET_BITS=64' archive archive "$@"
	cp libarchive/archive.h libarchive/archive_entry.h "$prefix/include/"
}

# one NAME: unpack it beside the others, and run its recipe with a log.
one() {
	dir=$work/$1
	mkdir -p "$dir"
	tar -xf "$build/sources/$1-$(version_of "$1").tar" -C "$dir" --strip-components=1
	# A process of its own, since a function called before || would go on after a failed command.
	(cd "$dir" && exec sh "$top/.dependencies.sh" recipe "$1") >"$work/$1.log" 2>&1 </dev/null || {
		tail -n 30 "$work/$1.log" >&2
		die "$1 does not build: the log is $work/$1.log"
	}
}

lane() {
	for library in "$@"; do
		one "$library"
	done
}

build_flavour() {
	prefix_is=$(prefix_name "$1")
	prefix=$build/deps/$prefix_is
	if [ ! -f "$prefix/.complete" ]; then
		fetch
		work=$build/work/$prefix_is
		tools_of "$1"
		TARGET_CC=$host_cc TARGET_TOOLS=$tools
		export TARGET_CC TARGET_TOOLS
		rm -rf "$prefix" "$work"
		mkdir -p "$prefix/lib" "$prefix/include" "$work"
		say "building into build/deps/$prefix_is"
		# No path of this machine in the objects, and sections small enough to be left out one by one.
		flags="-ffile-prefix-map=$work=/src -ffunction-sections -fdata-sections -fstack-protector-strong"
		if [ "$1" != current-san ]; then
			flags="-O2 -fPIE -fno-asynchronous-unwind-tables -fno-unwind-tables $flags"
			link_flags=-static
			export flags prefix
			one musl
			cc=$prefix/bin/musl-gcc
		else
			flags="-O1 -g -fno-omit-frame-pointer -fsanitize=address $flags"
			cc=$host_cc
			link_flags=
		fi
		export cc flags link_flags prefix
		# Nettle's configure script uses one core, so two lanes.
		lane nettle jansson &
		one_lane=$!
		lane zstd libarchive libseccomp xz isa-l bzip2 &
		wait $! && wait "$one_lane" || exit 1
		rm -rf "$work"
		: >"$prefix/.complete"
	fi
	ln -sfn "$prefix_is" "$build/deps/$1"
}

# Two builds at once wait for each other, where flock(1) is there.
lock() {
	mkdir -p "$build"
	exec 9>"$build/.lock"
	! command -v flock >/dev/null || flock 9
}

case ${1:-} in
recipe) "recipe_$(printf '%s' "$2" | tr - _)" ;;
hash) prefix_name "$2" ;;
build)
	lock
	build_flavour "$2"
	;;
fetch)
	lock
	fetch
	mkdir -p "$2"
	for name in $(names); do
		cp "$sources/$name-$(version_of "$name").tar" "$2/"
	done
	;;
*) die 'usage: .dependencies.sh hash|build current|current-san|current-TARGET, or fetch DIR' ;;
esac
