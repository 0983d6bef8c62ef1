# shellcheck shell=sh
# Its own configure: it chooses among assembler files, and writes them with m4.
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
