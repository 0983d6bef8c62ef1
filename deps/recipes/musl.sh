# shellcheck shell=sh
# The whole C library, and a compiler wrapper that finds it and the kernel's headers.
# CVE-2026-40200: qsort loses its place in very long lists, of which 32-bit machines can hold some.
edit src/stdlib/qsort.c 1 's/ntz(p\[1\])) != 8\*sizeof(size_t)) {/ntz(p[1])) \&\& p[1]) {/'
# Small, but for strings, memory and what lies beneath.
CC=$host_cc CFLAGS=${flags#-O2 } ./configure --enable-optimize=internal,malloc/mallocng/,string --prefix="$prefix" --disable-shared --enable-wrapper=gcc
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
